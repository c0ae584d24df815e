#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "thz/eval/alignment.h"
#include "thz/eval/bootstrap.h"

namespace thz::eval {

/// A figure that is no ratio of sums over persons (an equal error rate, an alignment), with its
/// value in every resample of persons. Units that test the same persons see the same resamples, so
/// that means over folds and seeds, and paired differences, follow draw by draw.
struct PersonDraws {
  double value = 0.0;
  std::vector<int32_t> persons;  ///< [I] who is drawn, ascending
  /// [resamples] NaN: a draw without pairs of both kinds; empty with fewer than two persons.
  std::vector<double> draws;
};

/// By figure ("eer", "eer_any", "projection_cka"; names of thz/eval/figures.h).
using FigureDraws = std::map<std::string, PersonDraws>;

/// The percentile interval of the draws, as bootstrap_crossed() has it.
Interval interval_of(const PersonDraws& draws, double coverage = 0.95);

/// JSON text; draws to six decimals, NaN is null.
std::string to_json(const FigureDraws& draws);
/// @throws InputError, naming `source`, for text that is not such draws.
FigureDraws draws_from_json(const std::string& text, const std::string& source);

/// Pairs of one system, from one table or several, for an equal error rate under many weights.
/// A genuine pair of person i weighs w_i, an impostor pair (i, j) w_i w_j, as in bootstrap_roc(),
/// whose rates these are; a rate reads the sorted pairs up to the crossing only.
class WeightedErrorRate {
 public:
  /// Pairs that the rule admits.
  void add(const ScoreTable& table, PostureRule rule);
  /// Sorts. @throws InputError without pairs of both kinds.
  void finish();
  bool has_both_kinds() const { return genuine_ > 0 && genuine_ < pairs_.size(); }
  std::size_t genuine_pairs() const { return genuine_; }
  const std::vector<int32_t>& persons() const { return persons_; }
  /// @param weights  one a person, whole numbers; NaN where either kind has no weight
  double rate(const std::vector<double>& weights) const;

 private:
  struct Pair {
    double distance;
    int32_t probe, gallery;  ///< identities; after finish() places among the persons
    bool genuine;
    bool last;  ///< of those at its distance
  };
  std::vector<Pair> pairs_;
  std::vector<int32_t> persons_;
  MatrixD impostors_;  ///< [I, I] pairs
  Eigen::VectorXd genuines_;
  std::size_t genuine_ = 0;
};

/// The equal error rate with draws. @throws InputError as finish().
PersonDraws draw_error_rate(const WeightedErrorRate& pairs, const BootstrapOptions& options);

/// The four figures with draws, under `space` + "_cka" and so on. A resample repeats persons, which
/// lifts CKA and the like; so the draws are moved until their mean is the value
/// (docs/theory/evaluation.md).
FigureDraws draw_alignment(const std::string& space, const WeightedAlignment& alignment,
                           const BootstrapOptions& options);

}  // namespace thz::eval
