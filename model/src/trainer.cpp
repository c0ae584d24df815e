#include "trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "precision.h"
#include "predict.h"
#include "thz/core/error.h"

namespace thz::model {
namespace {

constexpr std::size_t kRowsNamed = 12;      // in a message
constexpr uint32_t kPermutation = 5;        // sub-entity of RngPurpose::kSampler
constexpr uint64_t kTeacherWeights = 1000;  // first stream of the teacher's initial weights

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

torch::Tensor positions(const std::vector<int64_t>& of, torch::Device device) {
  return torch::tensor(of, torch::kLong).to(device);
}

// Convolutions follow the layout of their weights.
void lay_channels_last(torch::nn::Module& module) {
  const torch::NoGradGuard no_grad;
  for (auto& p : module.parameters()) {
    if (p.dim() == 4) p.set_data(p.contiguous(at::MemoryFormat::ChannelsLast));
  }
}

// A mean over this process' share of `total` items, so that the shares of all add up to the mean
// over all of them. Zero where the share is empty.
template <typename Mean>
torch::Tensor share_of_mean(int64_t own, int64_t total, Mean&& mean) {
  if (own == 0) return torch::zeros({});
  if (own == total) return mean();
  return mean() * (static_cast<double>(own) / static_cast<double>(total));
}

}  // namespace

class Trainer::Clock {
 public:
  void lap(const char* stage) {
    const auto now = std::chrono::steady_clock::now();
    seconds[stage] += std::chrono::duration<double>(now - last_).count();
    last_ = now;
  }
  std::map<std::string, double> seconds;

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

Trainer::Trainer(const TrainConfig& config, const TrainingData& data, std::optional<Lpips> lpips,
                 TrainerPlace place)
    : config_(config),
      data_(data),
      lpips_(std::move(lpips)),
      place_(std::move(place)),
      sampler_(data, data.train_rows, config.batch, config.loss.reconstruct, config.seed),
      network_(config.network),
      optimiser_(config.optimiser) {
  initialise(*network_, config.seed);
  if (config.teacher.in_use()) {
    teacher_ = Teacher(config.network, config.teacher);
    initialise(*teacher_, config.seed, kTeacherWeights);
    if (config.teacher.kind == "random") teacher_->freeze();
    teacher_->to(place_.device);
  }
  const auto seen = std::count_if(data.train_rows.begin(), data.train_rows.end(),
                                  [&](int64_t row) { return data.visible(row) != nullptr; });
  const auto rows = static_cast<std::ptrdiff_t>(data.train_rows.size());
  if (config.teacher.in_use() && seen < 2) {
    throw_input("a teacher needs visible pictures, but {} of {} training rows have one", seen,
                rows);
  }
  if (place_.collective) {
    share_ = {place_.collective->rank(), place_.collective->size()};
    if (config.batch.encode == "published") {
      throw_input("batch.encode is \"published\", but that step knows no second process");
    }
    if (config.teacher.in_use() && seen < rows) {
      throw_input("{} training rows have no visible picture; several processes need one for all",
                  rows - seen);
    }
    if (sampler_.nominal_batch() < 2 * share_.size) {
      throw_input("a batch of {} images is too small for {} processes", sampler_.nominal_batch(),
                  share_.size);
    }
    synchronise_norms(*network_, place_.collective.get());
    if (!teacher_.is_empty()) synchronise_norms(*teacher_, place_.collective.get());
  }
  if (lpips_) lpips_ = lpips_->to(place_.device);
  network_->to(place_.device);
  if (place_.channels_last) {
    lay_channels_last(*network_);
    if (!teacher_.is_empty()) lay_channels_last(*teacher_);
  }
  network_->train();
  for (auto& item : network_->named_parameters()) optimiser_.add(item.key(), item.value());
  if (teacher_.is_empty()) return;
  teacher_->train();
  for (auto& item : teacher_->named_parameters()) {
    if (item.value().requires_grad()) optimiser_.add("teacher." + item.key(), item.value());
  }
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

// All images of the triplets at once, and the anchors, which come first, again for the decoder:
// what the published program does (github.com/noamberg/thz-face-distil,
// UnifiedMultiTaskModel.forward).
void Trainer::forward_published(const BatchTensors& batch, Forward& out) {
  out.student = network_->forward(batch.images);
  if (config_.loss.reconstruction > 0.0) {
    out.student.encoded = network_->encoder(batch.images.chunk(3)[0]);
  }
}

Trainer::Forward Trainer::forward(const BatchTensors& batch, Clock& clock) {
  const Autocast autocast(config_.precision, place_.device.is_cuda());
  Forward out;
  if (config_.batch.encode == "published") {
    forward_published(batch, out);
  } else {
    out.student = network_->forward(batch.images);
  }
  clock.lap("encode");
  if (batch.total_visible > 1) {
    const auto& map = out.student.encoded.map;
    const bool all = static_cast<int64_t>(batch.with_visible.size()) == map.size(0);
    out.taught = teacher_->forward(
        batch.visible,
        all ? map : map.index_select(0, positions(batch.with_visible, map.device())));
    clock.lap("teacher");
  }
  if (config_.loss.reconstruction > 0.0 && !batch.reconstructed.empty()) {
    out.made = network_->reconstruct(out.student.encoded, batch.reconstructed, batch.expert);
    clock.lap("decode");
  }
  return out;
}

// Over the images of all processes; each has the whole of it, so each counts its part.
torch::Tensor Trainer::contrastive(const torch::Tensor& embedding,
                                   const torch::Tensor& label) const {
  const double t = config_.loss.temperature;
  if (!place_.collective) return supervised_contrastive(embedding, label, t);
  const auto all = place_.collective->gather(embedding, label.size(0));
  return supervised_contrastive(all, label, t) / static_cast<double>(share_.size);
}

// Targets of other images: the control that keeps their statistics and breaks the correspondence.
torch::Tensor Trainer::permuted(const torch::Tensor& targets, int64_t total, int64_t step) const {
  const torch::NoGradGuard no_grad;
  const auto all = place_.collective ? place_.collective->gather(targets, total) : targets;
  std::vector<int64_t> order(static_cast<std::size_t>(total));
  std::iota(order.begin(), order.end(), int64_t{0});
  Rng rng(config_.seed, RngPurpose::kSampler, static_cast<uint64_t>(step), kPermutation);
  shuffle(order, rng);
  std::vector<int64_t> own;
  for (int64_t i = share_.rank; i < total; i += share_.size) {
    own.push_back(order[static_cast<std::size_t>(i)]);
  }
  return all.index_select(0, positions(own, all.device()));
}

void Trainer::add_teacher_terms(const BatchTensors& batch, const Forward& out, int64_t step,
                                std::vector<LossTerm>& terms) {
  const TeacherOptions& o = config_.teacher;
  const auto own = static_cast<int64_t>(batch.with_visible.size());
  const auto index = positions(batch.with_visible, place_.device);
  const auto add = [&](const char* name, double weight, auto&& value) {
    if (weight > 0.0) terms.push_back({name, weight, value()});
  };
  if (o.kind == "trained") {
    add("teacher_verification", config_.loss.verification > 0.0 ? o.verification : 0.0,
        [&] { return contrastive(out.taught.embedding, batch.visible_label); });
    add("teacher_posture", config_.loss.posture > 0.0 ? o.posture : 0.0, [&] {
      return share_of_mean(own, batch.total_visible, [&] {
        return smoothed_cross_entropy(out.taught.posture_logits,
                                      batch.posture.index_select(0, index),
                                      config_.loss.label_smoothing);
      });
    });
  }
  add("feature", o.feature, [&] {
    const auto target = o.permuted ? permuted(out.taught.projection, batch.total_visible, step)
                                   : out.taught.projection;
    return share_of_mean(own, batch.total_visible, [&] {
      return feature_distillation(out.taught.student_projection, target, !o.sum_dimensions);
    });
  });
  // Postures that neither learns are nothing to hand on.
  add("logit", config_.loss.posture > 0.0 ? o.logit : 0.0, [&] {
    return share_of_mean(own, batch.total_visible, [&] {
      return logit_distillation(out.student.posture_logits.index_select(0, index),
                                out.taught.posture_logits, o.temperature);
    });
  });
}

std::vector<LossTerm> Trainer::losses(const BatchTensors& batch, const Forward& out, int64_t step) {
  const LossOptions& o = config_.loss;
  std::vector<LossTerm> terms;
  const auto add = [&](const char* name, double weight, auto&& value) {
    if (weight > 0.0) terms.push_back({name, weight, value()});
  };
  add("verification", o.verification,
      [&] { return contrastive(out.student.embedding, batch.all_label); });
  add("posture", o.posture, [&] {
    return share_of_mean(batch.images.size(0), batch.total, [&] {
      return smoothed_cross_entropy(out.student.posture_logits, batch.posture, o.label_smoothing);
    });
  });
  if (batch.total_visible > 1) add_teacher_terms(batch, out, step, terms);
  if (o.reconstruction <= 0.0 || batch.total_reconstructed == 0) return terms;
  const auto share = [&](auto&& mean) {
    return share_of_mean(static_cast<int64_t>(batch.reconstructed.size()),
                         batch.total_reconstructed, mean);
  };
  const double r = o.reconstruction;
  const auto& made = out.made;
  const auto& targets = batch.targets;
  add("charbonnier", r * o.charbonnier,
      [&] { return share([&] { return charbonnier(made, targets, o.charbonnier_epsilon); }); });
  add("ssim", r * o.ssim,
      [&] { return share([&] { return 1.0 - structural_similarity(made, targets); }); });
  if (lpips_) {
    add("lpips", r * o.lpips, [&] { return share([&] { return lpips_->grey(made, targets); }); });
  }
  return terms;
}

// Values over all processes: each one's terms are its shares.
void Trainer::report_losses(const std::vector<LossTerm>& terms, StepReport& report) const {
  auto values = torch::zeros({static_cast<int64_t>(terms.size())}, torch::kDouble);
  for (std::size_t i = 0; i < terms.size(); ++i) {
    values[static_cast<int64_t>(i)] = terms[i].value.item<double>();
  }
  if (place_.collective) place_.collective->sum_in_place(values);
  double total = 0.0;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const double value = values[static_cast<int64_t>(i)].item<double>();
    report.loss[terms[i].name] = value;
    total += terms[i].weight * value;
  }
  report.loss["total"] = total;
}

// One message for all gradients, with a flag each: an expert without rows here may have some there,
// and one without any must stay without a gradient.
void Trainer::sum_gradients() {
  const torch::NoGradGuard no_grad;
  auto& weights = optimiser_.weights();
  auto flags = torch::zeros({static_cast<int64_t>(weights.size())});
  std::vector<torch::Tensor> parts;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto& value = weights[i].value;
    if (value.grad().defined()) flags[static_cast<int64_t>(i)] = 1.0;
    parts.push_back(value.grad().defined() ? value.grad().detach().cpu().reshape({-1})
                                           : torch::zeros({value.numel()}));
  }
  parts.push_back(flags);
  auto all = torch::cat(parts);
  place_.collective->sum_in_place(all);
  const auto known = all.narrow(0, all.numel() - flags.numel(), flags.numel());
  int64_t first = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    auto& value = weights[i].value;
    if (known[static_cast<int64_t>(i)].item<float>() > 0.0f) {
      value.mutable_grad() =
          all.narrow(0, first, value.numel()).reshape(value.sizes()).to(value.device());
    }
    first += value.numel();
  }
}

StepReport Trainer::step(double learning_rate) {
  const int64_t number = sampler_.step();
  const Batch batch = sampler_.next();
  Clock clock;
  StepReport report;
  report.images = static_cast<int64_t>(batch.rows.size());
  // Dropout is LibTorch's only draw in a step. Seeding its generator by the step makes a resumed
  // run draw the same masks without storing generator states.
  const uint64_t key = mix_keys(config_.seed, static_cast<uint64_t>(number));
  torch::manual_seed(share_.rank == 0 ? key : mix_keys(key, static_cast<uint64_t>(share_.rank)));
  const BatchTensors tensors = load_batch(data_, batch, config_, number, share_, place_.device);
  clock.lap("load");
  const Forward out = forward(tensors, clock);
  const std::vector<LossTerm> terms = losses(tensors, out, number);
  if (terms.empty()) {
    throw_input("step {}: no loss can be computed; the rows {} offer no reconstruction target",
                number, named(batch.rows));
  }
  report_losses(terms, report);
  for (const auto& [name, value] : report.loss) {
    if (name != "total") require_finite(value, "loss '" + name + "'", number, batch);
  }
  const auto total = total_loss(terms);
  clock.lap("losses");
  optimiser_.clear_gradients();
  total.backward();
  clock.lap("backward");
  if (place_.collective) sum_gradients();
  const double length = optimiser_.gradient_length();
  require_finite(length, "the length of the gradient", number, batch);
  const double most = config_.optimiser.clip_norm;
  optimiser_.step(learning_rate, most > 0.0 ? std::min(1.0, most / (length + 1e-6)) : 1.0);
  clock.lap("optimise");
  report.seconds = clock.seconds;
  return report;
}

Predictions Trainer::predict_validation(const CancelToken* cancel) {
  const auto& rows = data_.validation_rows;
  PredictOptions options;
  options.reconstruct = config_.loss.reconstruction > 0.0;
  options.routes_itself = picks_decoder(config_);
  if (!options.routes_itself) {
    for (const int64_t row : rows) {
      options.oracle_posture.push_back(data_.posture[static_cast<std::size_t>(row)]);
    }
  }
  options.cancel = cancel;
  return predict_images(
      network_, static_cast<int64_t>(rows.size()),
      [&](int64_t i) { return data_.image(rows[static_cast<std::size_t>(i)]); }, options);
}

}  // namespace thz::model
