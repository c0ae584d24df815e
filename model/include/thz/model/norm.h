#pragma once

#include <torch/torch.h>

namespace thz::model {

class Collective;

/// Batch normalisation over the images of all processes: LibTorch's own alone, and with a
/// collective of several the same formula with sums over all of them, in the forward and in the
/// backward pass. Names of weights and buffers, epsilon 1e-5 and momentum 0.1 are LibTorch's.
class NormImpl : public torch::nn::Module {
 public:
  explicit NormImpl(int64_t channels);
  /// @param x  [B, C] or [B, C, H, W]
  torch::Tensor forward(const torch::Tensor& x);

  torch::Tensor weight, bias;                                    // [C]
  torch::Tensor running_mean, running_var, num_batches_tracked;  // [C], [C], []
  Collective* collective = nullptr;                              ///< not owned
};
TORCH_MODULE(Norm);

/// Makes every normalisation inside `module` count over the images of all processes; null: of its
/// own alone.
void synchronise_norms(torch::nn::Module& module, Collective* collective);

}  // namespace thz::model
