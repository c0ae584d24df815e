#pragma once

#include <torch/torch.h>

#include <vector>

#include "thz/model/config.h"
#include "thz/model/run.h"
#include "thz/model/sampler.h"

namespace thz::model {

/// Which images of a batch a process computes: `rank`, rank + size, ...
struct BatchShare {
  int rank = 0;
  int size = 1;
};

/// One batch as tensors: B images of this process out of `total`.
struct BatchTensors {
  int64_t total = 0;
  torch::Tensor images;     ///< [B, 1, 64, 64], augmented
  torch::Tensor posture;    ///< [B]
  torch::Tensor all_label;  ///< [total], of the contrastive term
  int64_t total_reconstructed = 0;
  std::vector<int64_t> reconstructed;  ///< positions in B that have a target: R of them
  std::vector<int> expert;             ///< true posture of each of them
  torch::Tensor targets;               ///< [R, 1, 64, 64], moved as their inputs
  int64_t total_visible = 0;
  std::vector<int64_t> with_visible;  ///< positions in B that have a visible picture: V of them
  torch::Tensor visible;              ///< [V, 1, 64, 64], augmented on their own
  torch::Tensor visible_label;        ///< [total_visible], of the contrastive term
};

/// Augmented by the profile of the configuration, keyed by step and position in the whole batch:
/// the pixels do not depend on how many processes share it. Visible pictures only if there is a
/// teacher.
BatchTensors load_batch(const TrainingData& data, const Batch& batch, const TrainConfig& config,
                        int64_t step, const BatchShare& share, torch::Device device);

}  // namespace thz::model
