#pragma once

#include <cstdint>
#include <vector>

#include "thz/eval/bootstrap.h"
#include "thz/eval/verification.h"

namespace thz::eval {

/// Comparisons of two captures each, by anybody's system.
struct ComparisonList {
  std::vector<double> distance;   ///< [N] smaller is more alike; the negative of a similarity
  std::vector<uint8_t> genuine;   ///< [N] 1: both captures are of one person
  std::vector<int32_t> identity;  ///< [N] whom the probe shows; empty if unknown
  std::vector<int32_t> gallery_identity;  ///< [N], or empty as `identity`
};

/// Every pair of a table that the rule admits, with its identities.
ComparisonList comparisons_of(const ScoreTable& table, PostureRule rule);

/// False non-match rate at the largest threshold whose false match rate does not exceed point.far.
struct FnmrAtFmr {
  OperatingPoint point;  ///< refused: too few false matches to place the threshold
  /// Largest distance accepted; -infinity: none is.
  double threshold = 0.0;
  Interval fnmr;  ///< NaN where the point is refused
};

struct ComparisonFigures {
  uint64_t genuine = 0, impostor = 0;  ///< comparisons
  /// Persons that were resampled; 0: identities are unknown, so comparisons were, as if they were
  /// independent, which they are not where a person occurs in several.
  uint64_t identities = 0;
  Interval eer;
  /// Probability that a genuine comparison has the smaller distance than an impostor one, ties
  /// count half: the area under the ROC.
  Interval auc;
  /// (mean impostor - mean genuine) / sqrt((var genuine + var impostor) / 2), population variances;
  /// NaN where both vanish.
  Interval d_prime;
  std::vector<FnmrAtFmr> fnmr_at_fmr;  ///< as asked for
  std::vector<RocPoint> curve;
};

/// @param fmr  false match rates to read the false non-match rate at, each in (0, 1)
/// Intervals are over persons, drawn once for both sides (docs/theory/evaluation.md), or over
/// genuine and impostor comparisons apart where identities are not given.
/// @throws InputError for lists of unequal lengths, labels other than 0 and 1, one class only, a
/// score that is not finite, scores that are all the same, or a label that its identities belie.
ComparisonFigures judge_comparisons(const ComparisonList& list, const std::vector<double>& fmr,
                                    const BootstrapOptions& options);

}  // namespace thz::eval
