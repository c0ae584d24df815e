#pragma once

#include <vector>

#include "thz/eval/bootstrap.h"
#include "thz/eval/verification.h"

namespace thz::eval {

/// Cost of log-likelihood ratios (Brummer and du Preez, Computer Speech and Language 20, 230
/// (2006)), bits: half of mean log2(1 + 1 / LR) over genuine pairs plus mean log2(1 + LR) over
/// impostor pairs. 0: certain and right; 1: says nothing; above 1: misleads.
double cllr(const std::vector<double>& genuine_llr, const std::vector<double>& impostor_llr);

/// The least Cllr that any monotonic map of the distances reaches: pool adjacent violators, both
/// kinds of pair with one prior. @throws InputError as roc_curve().
double minimum_cllr(const PairScores& scores);

/// LLR = offset + slope * distance.
struct AffineCalibration {
  double offset = 0.0;
  double slope = 0.0;
};
/// Logistic regression, both kinds of pair with one prior; a weak penalty (1e-4 of the squared
/// coefficients of the standardised distance) keeps it finite where the kinds do not overlap.
/// @throws InputError as roc_curve().
AffineCalibration calibrate_scores(const PairScores& scores);

struct CalibrationSummary {
  double raw = 0.0;      ///< Cllr of the negative distance taken as ln LR, as it stands
  Interval calibrated;   ///< of an affine map learned on other persons; NaN: too few persons
  double minimum = 0.0;  ///< minimum_cllr() of the test pairs themselves
};

/// Persons are halved (every other one in ascending order); each half's pairs are judged with the
/// map learned on the other's, pairs across the halves are left out. Intervals over persons, the
/// maps stay.
CalibrationSummary judge_calibration(const ScoreTable& table, PostureRule rule,
                                     const BootstrapOptions& options);

}  // namespace thz::eval
