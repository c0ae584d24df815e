#pragma once

#include <functional>
#include <map>
#include <vector>

#include "evaluate_parts.h"

namespace thz::eval::internal {

/// A picture and what it should have shown; rows of the data set.
struct ImagePair {
  int input = 0;
  int target = 0;
};

struct PairMetrics {
  double ssim = 0.0;
  double psnr_db = 0.0;
  double edge_ssim = 0.0;
  double edge_mae = 0.0;
  std::vector<RegionalScore> regions;
};

using ImageOfInput = std::function<const ImageF&(int row)>;

/// The rows that a split tests, by condition.
EvaluationContext make_context(const Predictions& predictions, const EvaluationOptions& options);

/// @throws InputError for arrays that do not fit together.
void require_predictions(const Predictions& predictions);

/// Each concealed test image with every independent unconcealed one of its identity and posture.
std::vector<ImagePair> reconstruction_pairs(const EvaluationContext& context);
/// Each of `inputs` with every independent unconcealed test image of its identity and posture.
std::vector<ImagePair> independent_pairs(const EvaluationContext& context,
                                         const std::vector<int>& inputs);
/// Unconcealed pairs of one identity and posture, at least one of them a test image, each pair
/// once.
std::vector<ImagePair> ceiling_pairs(const EvaluationContext& context);

std::vector<PairMetrics> measure(const EvaluationContext& context,
                                 const std::vector<ImagePair>& pairs, const ImageOfInput& image_of);

/// The mean unconcealed training images of the postures that the inputs show, by posture.
std::map<int, ImageF> posture_means(const EvaluationContext& context,
                                    const std::vector<ImagePair>& pairs);

}  // namespace thz::eval::internal
