#pragma once

#include <cstdint>
#include <vector>

#include "thz/eval/labels.h"

namespace thz::eval {

struct ClassificationResult {
  double accuracy = 0.0;
  /// Mean of 2 tp / (2 tp + fp + fn) over the classes that occur in truth or prediction.
  double macro_f1 = 0.0;
  /// Expected calibration error: sum over 15 equal bins of confidence of (n_b / n) |accuracy_b -
  /// confidence_b| (Guo et al., ICML 2017, eq. 3); confidence is the largest softmax probability.
  double ece = 0.0;
  std::vector<std::vector<uint64_t>> confusion;  ///< [true class][predicted class]
  std::vector<int> predicted;                    ///< [N]
};

inline constexpr int kCalibrationBins = 15;

/// @param logits  [N, K], finite, unnormalised.  @param truth  [N], in [0, K).
/// @throws InputError on unequal lengths, no rows, a class outside [0, K), NaN.
ClassificationResult classify(const MatrixF& logits, const std::vector<int32_t>& truth);

}  // namespace thz::eval
