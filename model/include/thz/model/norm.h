#pragma once

#include <torch/torch.h>

namespace thz::model {

class Collective;

/// Batch normalisation over the images of all processes: LibTorch's own alone, and with a
/// collective of several the same formula with sums over all of them, in the forward and in the
/// backward pass. Names of weights and buffers are those of LibTorch's module.
class Norm2dImpl : public torch::nn::BatchNorm2dImpl {
 public:
  using torch::nn::BatchNorm2dImpl::BatchNorm2dImpl;
  /// @param x  [B, C, H, W]
  torch::Tensor forward(const torch::Tensor& x);

  Collective* collective = nullptr;  ///< not owned
};
TORCH_MODULE(Norm2d);

/// The same for [B, C].
class Norm1dImpl : public torch::nn::BatchNorm1dImpl {
 public:
  using torch::nn::BatchNorm1dImpl::BatchNorm1dImpl;
  torch::Tensor forward(const torch::Tensor& x);

  Collective* collective = nullptr;  ///< not owned
};
TORCH_MODULE(Norm1d);

/// Makes every normalisation inside `module` count over the images of all processes; null: of its
/// own alone.
void synchronise_norms(torch::nn::Module& module, Collective* collective);

}  // namespace thz::model
