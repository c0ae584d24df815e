#pragma once

#include <torch/torch.h>

#include <array>

namespace thz::model {

/// The first layers of the encoder as one operation: x = leaky(stem(images)) at 64 x 64, and of x
/// the 3x3 convolution of stride 2 and the 2 x 2 mean.
///
/// The same numbers as the layers one by one, but for the order of sums. At the published width x
/// is the largest map there is, and as layers it is written and read some ten times a step: here
/// its gradient exists for a few images at a time only. oneDNN computes the gradient of a strided
/// convolution at half its speed; here it is four dense ones, a parity of rows and columns each.
/// @param images     [B, 1, H, W], H and W even, without a gradient
/// @param stem       [C, 1, 3, 3]; @param bias [C]; @param down [D, C, 3, 3]
/// @return convolution [B, D, H/2, W/2] and mean [B, C, H/2, W/2]
std::array<torch::Tensor, 2> encoder_entry(const torch::Tensor& images, const torch::Tensor& stem,
                                           const torch::Tensor& bias, const torch::Tensor& down,
                                           double slope);

/// Can encoder_entry() do it? On a processor, in float32, in the default layout.
bool has_encoder_entry(const torch::Tensor& images, const torch::Tensor& stem,
                       const torch::Tensor& down);

}  // namespace thz::model
