#pragma once

#include <torch/torch.h>

#include <map>
#include <string>
#include <vector>

#include "thz/model/config.h"

namespace thz::model {

/// AdamW (Loshchilov and Hutter 2019; beta 0.9 and 0.999, epsilon 1e-8) in one pass over each
/// weight: LibTorch's takes a dozen, some gigabytes of memory traffic a step at width 64. A weight
/// without a gradient is left alone, its moments too.
class AdamW {
 public:
  struct Moments {
    torch::Tensor mean, square;  ///< float, of the weight's shape
    int64_t steps = 0;           ///< 0: never had a gradient
  };
  struct Weight {
    std::string name;
    torch::Tensor value;
    Moments moments;
  };

  explicit AdamW(const OptimiserOptions& options) : weight_decay_(options.weight_decay) {}
  void add(const std::string& name, const torch::Tensor& weight);

  /// sqrt of the sum of all squared elements of the gradients.
  double gradient_length() const;
  /// One step; gradients count `factor` times (clipping).
  void step(double learning_rate, double factor);
  void clear_gradients();

  std::vector<Weight>& weights() { return weights_; }
  const std::vector<Weight>& weights() const { return weights_; }

 private:
  double weight_decay_;
  std::vector<Weight> weights_;
};

}  // namespace thz::model
