#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "thz/model/augmentation.h"
#include "thz/model/losses.h"
#include "thz/model/lpips.h"
#include "thz/model/network.h"
#include "thz/model/run.h"
#include "thz/model/sampler.h"

namespace thz::model {

/// What one step did; losses are unweighted but for "total".
struct StepReport {
  std::map<std::string, double> loss;
  int64_t images = 0;
};

/// Network, optimiser and sampler: everything that a step changes. Files, epochs and validation are
/// the run's business (run.cpp). Step n is a function of the state after step n - 1 and of n:
/// batches, augmentation and dropout draw from streams keyed by the step.
class Trainer {
 public:
  /// `lpips` may be empty: the term is then left out. Keeps references to nothing but `data`.
  Trainer(const TrainConfig& config, const TrainingData& data, std::optional<Lpips> lpips);

  /// One step of the optimiser. Throws InputError, naming step and rows, when a loss or the
  /// gradient is not finite; the weights are then those before the step.
  StepReport step(double learning_rate);

  /// Predictions on the validation rows.
  Predictions predict_validation(const CancelToken* cancel);

  int64_t total_steps() const;
  int64_t steps_per_epoch() const;
  int64_t steps_done() const { return sampler_.step(); }

  Network& network() { return network_; }
  torch::optim::AdamW& optimiser() { return *optimiser_; }
  Sampler& sampler() { return sampler_; }

 private:
  struct Tensors {                       // of one batch
    torch::Tensor images;                // [B, 1, 64, 64], augmented
    torch::Tensor identity;              // [B]
    torch::Tensor posture;               // [B]
    std::vector<int64_t> reconstructed;  // positions in the batch that have a target
    std::vector<int> expert;             // true posture of each of them
    torch::Tensor targets;               // [R, 1, 64, 64], moved as their inputs
  };

  Tensors load(const Batch& batch, int64_t step) const;
  std::vector<LossTerm> losses(const Tensors& batch);

  TrainConfig config_;
  const TrainingData& data_;
  std::optional<Lpips> lpips_;
  Sampler sampler_;
  Network network_;
  std::unique_ptr<torch::optim::AdamW> optimiser_;
};

}  // namespace thz::model
