#pragma once

#include "thz/model/network.h"
#include "thz/model/run.h"

namespace thz::model {

/// Inference in evaluation mode without gradients; the network's mode is put back afterwards.
/// @param image_of  pixels [64][64] of image i
Predictions predict_images(Network& network, int64_t count,
                           const std::function<const float*(int64_t)>& image_of,
                           const PredictOptions& options);

}  // namespace thz::model
