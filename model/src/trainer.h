#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adamw.h"
#include "batch_tensors.h"
#include "thz/model/collective.h"
#include "thz/model/losses.h"
#include "thz/model/lpips.h"
#include "thz/model/network.h"
#include "thz/model/run.h"
#include "thz/model/sampler.h"
#include "thz/model/teacher.h"

namespace thz::model {

/// What one step did; losses are unweighted but for "total".
struct StepReport {
  std::map<std::string, double> loss;
  int64_t images = 0;
  /// Wall time by stage: load, encode, teacher, decode, losses, backward, optimise.
  std::map<std::string, double> seconds;
};

/// Where a trainer computes, and with whom.
struct TrainerPlace {
  torch::Device device = torch::kCPU;
  std::shared_ptr<Collective> collective;  ///< null: alone
  /// Maps with the channels innermost: fewer conversions around the convolutions of a processor.
  bool channels_last = false;
};

/// Network, teacher, optimiser and sampler: everything that a step changes. Files, epochs and
/// validation are the run's business (train.cpp). Step n is a function of the state after step
/// n - 1 and of n: batches, augmentation and dropout draw from streams keyed by the step.
class Trainer {
 public:
  /// `lpips` may be empty: the term is then left out. Keeps references to nothing but `data`.
  /// Throws InputError if a teacher has nothing to see or several processes cannot share the batch.
  Trainer(const TrainConfig& config, const TrainingData& data, std::optional<Lpips> lpips,
          TrainerPlace place = {});

  /// One step of the optimiser. Throws InputError, naming step and rows, when a loss or the
  /// gradient is not finite; the weights are then those before the step.
  StepReport step(double learning_rate);

  /// Predictions on the validation rows.
  Predictions predict_validation(const CancelToken* cancel);

  int64_t total_steps() const;
  int64_t steps_per_epoch() const;
  int64_t steps_done() const { return sampler_.step(); }

  Network& network() { return network_; }
  Teacher& teacher() { return teacher_; }  ///< empty without one
  AdamW& optimiser() { return optimiser_; }
  Sampler& sampler() { return sampler_; }

 private:
  struct Forward {  // of one batch
    NetworkOutput student;
    TeacherOutput taught;
    torch::Tensor made;  // [R, 1, 64, 64]
  };
  class Clock;

  Forward forward(const BatchTensors& batch, Clock& clock);
  void forward_published(const BatchTensors& batch, Forward& out);
  std::vector<LossTerm> losses(const BatchTensors& batch, const Forward& out, int64_t step);
  void add_teacher_terms(const BatchTensors& batch, const Forward& out, int64_t step,
                         std::vector<LossTerm>& terms);
  torch::Tensor contrastive(const torch::Tensor& embedding, const torch::Tensor& label) const;
  torch::Tensor permuted(const torch::Tensor& targets, int64_t total, int64_t step) const;
  void report_losses(const std::vector<LossTerm>& terms, StepReport& report) const;
  void sum_gradients();

  TrainConfig config_;
  const TrainingData& data_;
  std::optional<Lpips> lpips_;
  TrainerPlace place_;
  BatchShare share_;
  Sampler sampler_;
  Network network_;
  Teacher teacher_{nullptr};
  AdamW optimiser_;
};

}  // namespace thz::model
