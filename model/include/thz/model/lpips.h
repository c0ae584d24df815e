#pragma once

#include <torch/torch.h>

#include <array>
#include <map>
#include <string>
#include <vector>

namespace thz::model {

/// Learned perceptual distance (LPIPS v0.1, SqueezeNet 1.1 backbone; Zhang et al. 2018; equation
/// 7):
///   d = sum over 7 taps of mean over pixels of sum_c w_c (x0/|x0| - x1/|x1|)^2
/// with x the activations and |.| their length over the channels of a pixel. Weights are fixed; the
/// distance is differentiable with respect to both images.
class Lpips {
 public:
  /// Reads schema lpips-squeeze/1. Throws InputError naming file and data set.
  static Lpips load(const std::string& path);

  /// @param x, y  [B, 3, H, W] in [-1, 1], at least 32 pixels a side
  /// @return [B]
  torch::Tensor distance(const torch::Tensor& x, const torch::Tensor& y) const;

  /// Mean distance of grey images [B, 1, H, W] in [0, 1]: mapped to [-1, 1], repeated to 3
  /// channels.
  torch::Tensor grey(const torch::Tensor& x, const torch::Tensor& y) const;
  /// The same of each pair. @return [B]
  torch::Tensor grey_each(const torch::Tensor& x, const torch::Tensor& y) const;

  /// The same network in another precision.
  Lpips to(torch::ScalarType type) const;
  /// The same network on another device.
  Lpips to(torch::Device device) const;
  /// SHA-256 of the weights file.
  const std::string& sha256() const { return sha256_; }

 private:
  std::vector<torch::Tensor> activations(const torch::Tensor& x) const;
  torch::Tensor fire(const torch::Tensor& x, int number) const;

  std::map<std::string, torch::Tensor>
      weights_;  // "features.0.weight", ..., "lin0", "shift", "scale"
  std::string sha256_;
};

}  // namespace thz::model
