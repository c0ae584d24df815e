#pragma once

#include "thz/model/network.h"
#include "thz/model/run.h"
#include "thz/model/teacher.h"

namespace thz::model {

/// Inference in evaluation mode without gradients; the network's mode is put back afterwards.
/// @param image_of  pixels [64][64] of image i
Predictions predict_images(Network& network, int64_t count,
                           const std::function<const float*(int64_t)>& image_of,
                           const PredictOptions& options);

/// Features of student and teacher for pairs of an image and its visible picture, in evaluation
/// mode.
/// @param image_of, visible_of  pixels [64][64] of pair i
AlignmentFeatures align_features(Network& network, Teacher& teacher, int64_t count,
                                 const std::function<const float*(int64_t)>& image_of,
                                 const std::function<const float*(int64_t)>& visible_of);

}  // namespace thz::model
