#pragma once

#include <cstdint>
#include <vector>

#include "thz/eval/labels.h"

/// How alike two representations of the same images are: a student's and its teacher's.
namespace thz::eval {

/// Linear centred kernel alignment (Kornblith et al., ICML 2019): with columns centred,
///   |Y^T X|_F^2 / (|X^T X|_F |Y^T Y|_F),
/// 1 for the same geometry up to rotation and scale, 0 for unrelated ones.
/// @param x, y  [N, D1], [N, D2]; row i of both is image i
/// @throws InputError for unequal or fewer than 2 rows, NaN, or rows that are all the same.
double linear_cka(const MatrixF& x, const MatrixF& y);

/// Spearman's rank correlation of the L2 distances of all pairs of rows, ties at their mean rank.
/// Memory N^2 / 2 numbers a side. @throws InputError as above, and for fewer than 3 rows.
double distance_rank_correlation(const MatrixF& x, const MatrixF& y);

/// Mean cosine of row i of x and row i of y. @throws InputError for unequal shapes, NaN, zero rows.
double mean_row_cosine(const MatrixF& x, const MatrixF& y);

/// Share of identities whose centroid (mean of the unit rows) in x has the centroid of the same
/// identity in y among its `k` nearest by cosine. An own centroid that ties stands behind. Chance:
/// k / identities.
/// @throws InputError for unequal shapes, k < 1, NaN, zero rows.
double centroid_agreement(const MatrixF& x, const MatrixF& y, const std::vector<int32_t>& identity,
                          int k);

/// Whether centroid_agreement() finds each identity, in ascending order of identities.
std::vector<bool> centroids_found(const MatrixF& x, const MatrixF& y,
                                  const std::vector<int32_t>& identity, int k);

/// All four in one space; the last two are NaN where the dimensions differ.
struct Alignment {
  double cka = 0.0;
  double rank_correlation = 0.0;
  double cosine = 0.0;
  double retrieval_at_5 = 0.0;
};
Alignment measure_alignment(const MatrixF& x, const MatrixF& y,
                            const std::vector<int32_t>& identity);

/// Alignment of two representations with persons weighted.
///   CKA: rows weigh as their persons do.
///   Rank correlation: pairs of rows of persons p, q weigh w_p w_q, within a person w_p; a row and
///     its own repetition make no pair.
///   Cosine, Ret@5: means over rows and over persons; the candidates of Ret@5 stay.
class WeightedAlignment {
 public:
  /// @throws InputError as measure_alignment().
  WeightedAlignment(const MatrixF& x, const MatrixF& y, const std::vector<int32_t>& identity);
  const std::vector<int32_t>& persons() const { return persons_; }
  /// At ones measure_alignment() itself. NaN where nothing varies under the weights.
  Alignment value(const std::vector<double>& weights) const;

 private:
  struct DistancePair {
    uint32_t other;         ///< place of this pair in the order of x
    int32_t first, second;  ///< persons
    bool last;              ///< of those at its distance
  };
  void sum_kernels(const MatrixF& x, const MatrixF& y);
  void order_distances(const MatrixF& x, const MatrixF& y);
  double cka(const Eigen::VectorXd& weights) const;
  double rank_correlation(const Eigen::VectorXd& weights) const;

  Alignment whole_;
  std::vector<int32_t> persons_;
  std::vector<int> person_of_row_;
  Eigen::VectorXd rows_;          // [I]
  Eigen::MatrixXd xy_, xx_, yy_;  // [I, I] sums of products of kernels over the rows of two persons
  Eigen::MatrixXd to_x_, to_y_;   // [N, I] kernel of a row with a person's rows, summed
  std::vector<DistancePair> x_order_, y_order_;  // pairs of rows by distance
  Eigen::VectorXd cosine_sum_, found_;           // [I]; empty where dimensions differ
};

}  // namespace thz::eval
