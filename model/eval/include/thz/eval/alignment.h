#pragma once

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

/// All four in one space; the last two are NaN where the dimensions differ.
struct Alignment {
  double cka = 0.0;
  double rank_correlation = 0.0;
  double cosine = 0.0;
  double retrieval_at_5 = 0.0;
};
Alignment measure_alignment(const MatrixF& x, const MatrixF& y,
                            const std::vector<int32_t>& identity);

}  // namespace thz::eval
