#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "thz/eval/bootstrap.h"
#include "thz/eval/identity_sums.h"

namespace thz::eval {

/// A column of a results table: how it is called, and how it follows from sums.
struct Figure {
  std::string name;    ///< "verification", as protocols name it
  std::string title;   ///< "verification, %"
  double scale = 1.0;  ///< of the printed number: 100 for percent
  int digits = 3;      ///< printed after the point
  bool higher_is_better = true;
  double chance = 0.0;  ///< unscaled; NaN: none, or one that depends on the data
  std::string table;    ///< of IdentitySums; empty: a plain number without sums
  /// From the sums of the table's terms over all identities.
  std::function<double(const std::vector<double>& terms)> value;
};

/// @throws InputError for an unknown name, with those that are known.
const Figure& find_figure(const std::string& name);
std::vector<std::string> figure_names();

/// Which cluster of persons is drawn together, by identity; an identity that is not listed is one
/// of its own.
using Clusters = std::map<int32_t, int32_t>;

/// One figure from the sums of each seed (repetition) of one system.
class PooledFigure {
 public:
  /// @throws InputError if the sums lack the figure's table.
  PooledFigure(const Figure& figure, const std::vector<const IdentitySums*>& seeds,
               const std::vector<int32_t>& cluster_ids, const Clusters& clusters);

  /// Persons weighted by cluster, seeds by their number; pairs of two clusters weigh the product,
  /// pairs within one its weight.
  double value(const std::vector<double>& clusters, const std::vector<double>& seeds) const;
  std::size_t seeds() const { return seeds_.size(); }

 private:
  const Figure& figure_;
  bool pairs_ = false;
  std::vector<std::vector<MatrixD>> seeds_;  // [seed][term], by cluster
};

/// Ids of the clusters that hold the identities of all these sums, ascending.
std::vector<int32_t> clusters_of(const std::vector<const IdentitySums*>& sums,
                                 const Clusters& clusters);

/// The figure of all seeds together, with its interval over persons (one draw for both sides; the
/// seeds stay).
Interval pooled_interval(const Figure& figure, const std::vector<const IdentitySums*>& seeds,
                         const Clusters& clusters, const BootstrapOptions& options);

/// system - reference, paired: every resample draws the same persons and the same seeds for both.
/// @param system, reference  of the same seeds, in the same order
Interval paired_difference(const Figure& figure, const std::vector<const IdentitySums*>& system,
                           const std::vector<const IdentitySums*>& reference,
                           const Clusters& clusters, const BootstrapOptions& options);

}  // namespace thz::eval
