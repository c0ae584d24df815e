#include "trainer.h"

#include <algorithm>
#include <cmath>

#include "predict.h"
#include "thz/core/error.h"
#include "thz/core/parallel.h"

namespace thz::model {
namespace {

constexpr std::size_t kRowsNamed = 12;  // in a message

std::string named(const std::vector<int64_t>& rows) {
  std::string text;
  for (std::size_t i = 0; i < std::min(rows.size(), kRowsNamed); ++i) {
    text += fmt::format("{}{}", i == 0 ? "" : ", ", rows[i]);
  }
  if (rows.size() > kRowsNamed) text += fmt::format(" and {} more", rows.size() - kRowsNamed);
  return text;
}

void require_finite(double value, const std::string& what, int64_t step, const Batch& batch) {
  if (std::isfinite(value)) return;
  throw_input(
      "training stopped at step {}: {} is {}, with rows {} in the batch; a lower learning rate is "
      "the usual remedy",
      step, what, value, named(batch.rows));
}

torch::Tensor labels(const std::vector<int>& of, const std::vector<int64_t>& rows) {
  std::vector<int64_t> values;
  for (const int64_t row : rows) values.push_back(of[static_cast<std::size_t>(row)]);
  return torch::tensor(values, torch::kLong);
}

}  // namespace

Trainer::Trainer(const TrainConfig& config, const TrainingData& data, std::optional<Lpips> lpips)
    : config_(config),
      data_(data),
      lpips_(std::move(lpips)),
      sampler_(data, data.train_rows, config.batch, config.loss.reconstruct, config.seed),
      network_(config.network) {
  initialise(network_, config.seed);
  network_->train();
  const auto& o = config.optimiser;
  optimiser_ = std::make_unique<torch::optim::AdamW>(
      network_->parameters(),
      torch::optim::AdamWOptions(o.learning_rate).weight_decay(o.weight_decay));
}

int64_t Trainer::total_steps() const {
  const int64_t batch = sampler_.nominal_batch();
  return (config_.budget.image_exposures + batch - 1) / batch;
}

int64_t Trainer::steps_per_epoch() const {
  const int64_t batch = sampler_.nominal_batch();
  const int64_t images = config_.budget.epoch_exposures > 0
                             ? config_.budget.epoch_exposures
                             : static_cast<int64_t>(data_.train_rows.size());
  return std::max<int64_t>(1, (images + batch - 1) / batch);
}

Trainer::Tensors Trainer::load(const Batch& batch, int64_t step) const {
  Tensors out;
  const auto size = static_cast<int64_t>(batch.rows.size());
  std::vector<int64_t> place(batch.rows.size(), -1);  // of the target of each input
  for (std::size_t i = 0; i < batch.rows.size(); ++i) {
    if (batch.target[i] < 0) continue;
    place[i] = static_cast<int64_t>(out.reconstructed.size());
    out.reconstructed.push_back(static_cast<int64_t>(i));
    out.expert.push_back(data_.posture[static_cast<std::size_t>(batch.rows[i])]);
  }
  out.images = torch::empty({size, 1, kImageSide, kImageSide});
  out.targets =
      torch::empty({static_cast<int64_t>(out.reconstructed.size()), 1, kImageSide, kImageSide});
  auto* images = out.images.data_ptr<float>();
  auto* targets = out.targets.data_ptr<float>();
  parallel_for(batch.rows.size(), 0, [&](std::size_t i) {
    const auto slot = static_cast<int64_t>(i);
    const Augmentation a = draw_augmentation(config_.augmentation, config_.seed, step, slot);
    augment(a, config_.seed, data_.image(batch.rows[i]), images + slot * kImagePixels);
    if (place[i] >= 0) {
      move_pixels(a, data_.image(batch.target[i]), targets + place[i] * kImagePixels);
    }
  });
  out.identity = labels(data_.identity, batch.rows);
  out.posture = labels(data_.posture, batch.rows);
  return out;
}

std::vector<LossTerm> Trainer::losses(const Tensors& batch) {
  const LossOptions& o = config_.loss;
  const NetworkOutput out = network_->forward(batch.images);
  std::vector<LossTerm> terms;
  const auto add = [&](const char* name, double weight, auto&& value) {
    if (weight > 0.0) terms.push_back({name, weight, value()});
  };
  add("verification", o.verification,
      [&] { return supervised_contrastive(out.embedding, batch.identity, o.temperature); });
  add("posture", o.posture,
      [&] { return smoothed_cross_entropy(out.posture_logits, batch.posture, o.label_smoothing); });
  if (o.reconstruction <= 0.0 || batch.reconstructed.empty()) return terms;
  const auto made = network_->reconstruct(out.encoded, batch.reconstructed, batch.expert);
  const double r = o.reconstruction;
  add("charbonnier", r * o.charbonnier,
      [&] { return charbonnier(made, batch.targets, o.charbonnier_epsilon); });
  add("ssim", r * o.ssim, [&] { return 1.0 - structural_similarity(made, batch.targets); });
  if (lpips_) add("lpips", r * o.lpips, [&] { return lpips_->grey(made, batch.targets); });
  return terms;
}

StepReport Trainer::step(double learning_rate) {
  const int64_t number = sampler_.step();
  const Batch batch = sampler_.next();
  StepReport report;
  report.images = static_cast<int64_t>(batch.rows.size());
  // Dropout is LibTorch's only draw in a step. Seeding its generator by the step makes a resumed
  // run draw the same masks without storing generator states.
  torch::manual_seed(mix_keys(config_.seed, static_cast<uint64_t>(number)));
  const std::vector<LossTerm> terms = losses(load(batch, number));
  if (terms.empty()) {
    throw_input("step {}: no loss can be computed; the rows {} offer no reconstruction target",
                number, named(batch.rows));
  }
  for (const LossTerm& term : terms) {
    report.loss[term.name] = term.value.item<double>();
    require_finite(report.loss[term.name], "loss '" + term.name + "'", number, batch);
  }
  const auto total = total_loss(terms);
  report.loss["total"] = total.item<double>();
  // No gradient rather than a zero one: an expert without rows is then left alone by the optimiser.
  for (auto& weight : network_->parameters()) weight.mutable_grad() = torch::Tensor();
  total.backward();
  const double most = config_.optimiser.clip_norm > 0.0 ? config_.optimiser.clip_norm : INFINITY;
  const double norm = torch::nn::utils::clip_grad_norm_(network_->parameters(), most);
  require_finite(norm, "the length of the gradient", number, batch);
  for (auto& group : optimiser_->param_groups()) {
    static_cast<torch::optim::AdamWOptions&>(group.options()).lr(learning_rate);
  }
  optimiser_->step();
  return report;
}

Predictions Trainer::predict_validation(const CancelToken* cancel) {
  const auto& rows = data_.validation_rows;
  PredictOptions options;
  options.reconstruct = config_.loss.reconstruction > 0.0;
  options.cancel = cancel;
  return predict_images(
      network_, static_cast<int64_t>(rows.size()),
      [&](int64_t i) { return data_.image(rows[static_cast<std::size_t>(i)]); }, options);
}

}  // namespace thz::model
