#include <chrono>
#include <filesystem>
#include <optional>

#include "checkpoint.h"
#include "precision.h"
#include "run_log.h"
#include "schedule.h"
#include "thz/core/error.h"
#include "thz/core/sha256.h"
#include "thz/core/version.h"
#include "thz/io/atomic_file.h"
#include "thz/model/run.h"
#include "trainer.h"
#include "training_data.h"
#include "validation.h"

namespace thz::model {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

torch::Device resolved_device(const std::string& setting) {
  const bool cuda = torch::cuda::is_available();
  if (setting == "cpu") return torch::kCPU;
  if (setting == "auto") return cuda ? torch::kCUDA : torch::kCPU;
  if (setting != "cuda") {
    throw_input("device is \"{}\", but must be \"cpu\", \"cuda\" or \"auto\"", setting);
  }
  if (!cuda)
    throw_input("device is \"cuda\", but this LibTorch finds none; \"cpu\" or \"auto\" will do");
  return torch::kCUDA;
}

fs::path checkpoint_path(const fs::path& run, const std::string& which) {
  return run / "checkpoints" / which;
}

std::optional<Lpips> load_lpips(const LossOptions& loss, const std::string& path) {
  if (!uses_lpips(loss) || path.empty()) return std::nullopt;
  return Lpips::load(path);
}

struct Hooks {
  TrainProgressFn progress;
  const CancelToken* cancel = nullptr;
};

// One run on its way: the trainer, its folder and its history.
class RunLoop {
 public:
  RunLoop(fs::path folder, const TrainConfig& config, const TrainingData& data,
          std::optional<Lpips> lpips, TrainerPlace place, RunState state, Hooks hooks)
      : folder_(std::move(folder)),
        config_(config),
        data_(data),
        place_(place),
        trainer_(config, data, std::move(lpips), std::move(place)),
        state_(std::move(state)),
        hooks_(std::move(hooks)) {}

  void restore() {
    load_tensors(checkpoint_path(folder_, "last"),
                 {trainer_.network(), &trainer_.teacher(), &trainer_.optimiser()});
    trainer_.sampler().seek(state_.step);
  }

  // Weights of another run's best checkpoint; its teacher's, too, where both have one.
  void begin_with(const fs::path& checkpoint) {
    const bool taught = !trainer_.teacher().is_empty() && has_teacher(checkpoint);
    load_tensors(checkpoint, {trainer_.network(), taught ? &trainer_.teacher() : nullptr});
  }

  // Of several processes the first alone writes.
  bool writes() const { return !place_.collective || place_.collective->rank() == 0; }

  void save(const char* which, bool with_optimiser) {
    if (!writes()) return;
    save_checkpoint(checkpoint_path(folder_, which), state_,
                    {trainer_.network(), &trainer_.teacher(),
                     with_optimiser ? &trainer_.optimiser() : nullptr});
  }
  void save_last() { save("last", true); }

  void write_summary(const std::string& status) {
    if (!writes()) return;
    const nlohmann::json summary = {{"schema", kRunSchema},
                                    {"name", config_.name},
                                    {"status", status},
                                    {"thzface_version", version()},
                                    {"torch_version", torch_version()},
                                    {"instruction_set", instruction_set()},
                                    {"threads", at::get_num_threads()},
                                    {"precision", config_.precision},
                                    {"device", place_.device.str()},
                                    {"processes", process_count()},
                                    {"init_sha256", state_.init_sha256},
                                    {"seed", config_.seed},
                                    {"parameters", trainer_.network()->parameter_count()},
                                    {"training_rows", data_.train_rows.size()},
                                    {"validation_rows", data_.validation_rows.size()},
                                    {"data_sha256", state_.data_sha256},
                                    {"split_sha256", state_.split_sha256},
                                    {"lpips", lpips_note()},
                                    {"step", state_.step},
                                    {"image_exposures", state_.image_exposures},
                                    {"epochs", state_.history.size()},
                                    {"best_epoch", best_epoch()},
                                    {"seconds", training_seconds()}};
    io::write_file(folder_ / "run.json", summary.dump(1) + "\n");
  }

  TrainResult go() {
    started_ = Clock::now();
    first_step_ = state_.step;
    std::string stopped_by;
    try {
      stopped_by = train_until_done();
    } catch (const Cancelled&) {
      save_last();
      write_summary("cancelled");
      throw;
    } catch (const InputError& e) {
      try {
        write_summary(std::string("failed: ") + e.what());
      } catch (const InputError&) {
        // On a full disk it fails like what came before, which is what has to be told.
      }
      throw_input("{}; checkpoints/last of {} is kept", e.what(), folder_.string());
    }
    // A process that was killed between its last checkpoint and the log left that an epoch short.
    if (writes() && !state_.history.empty()) write_logs(folder_, state_.history);
    write_summary("finished: " + stopped_by);
    return {folder_.string(), stopped_by, state_.history, best_epoch(),
            trainer_.network()->parameter_count()};
  }

 private:
  std::string train_until_done() {
    const int64_t total = trainer_.total_steps();
    const int patience = config_.budget.early_stop_epochs;
    epoch_started_ = Clock::now();
    while (state_.step < total) {
      if (patience > 0 && epochs_without_gain(state_.history) >= patience) return "early-stop";
      throw_if_anyone_stops();
      one_step(total);
      const bool last = state_.step == total;
      if (state_.epoch_steps == trainer_.steps_per_epoch() || last) finish_epoch();
    }
    return "budget";
  }

  // A request to one process stops all of them at the same step.
  void throw_if_anyone_stops() {
    if (!place_.collective) {
      if (hooks_.cancel != nullptr) hooks_.cancel->throw_if_requested();
      return;
    }
    const bool here = hooks_.cancel != nullptr && hooks_.cancel->requested();
    auto stop = torch::full({1}, here ? 1.0f : 0.0f);
    place_.collective->sum_in_place(stop);
    if (stop.item<float>() > 0.0f) throw Cancelled();
  }

  // Validation is the first process' work; what follows from it must be the same everywhere.
  EpochRecord agreed(const EpochRecord& record) {
    if (!place_.collective) return record;
    return epoch_from_json(nlohmann::json::parse(
        place_.collective->share(writes() ? to_json(record).dump() : std::string())));
  }

  int process_count() const { return place_.collective ? place_.collective->size() : 1; }

  void one_step(int64_t total) {
    const auto start = Clock::now();
    rate_ = learning_rate_at(config_.optimiser, state_.step, total, state_.history);
    const StepReport report = trainer_.step(rate_);
    step_seconds_ += seconds_since(start);
    step_images_ += report.images;
    state_.image_exposures += report.images;
    ++state_.step;
    ++state_.epoch_steps;
    for (const auto& [name, value] : report.loss) state_.epoch_loss_sum[name] += value;
    last_loss_ = report.loss.at("total");
    report_progress(nullptr);
  }

  void finish_epoch() {
    EpochRecord record;
    record.epoch = static_cast<int>(state_.history.size()) + 1;
    record.step = state_.step;
    record.image_exposures = state_.image_exposures;
    record.images_per_s = static_cast<double>(step_images_) / step_seconds_;
    record.learning_rate = rate_;
    for (const auto& [name, sum] : state_.epoch_loss_sum) {
      record.train_loss[name] = sum / static_cast<double>(state_.epoch_steps);
    }
    // A request to stop in here would lose the epoch's record: it is honoured at the next step.
    if (writes()) {
      const ValidationFigures figures = validate(data_, trainer_.predict_validation(nullptr));
      record.validation = figures.values;
      record.validation_triplets = figures.triplets;
      record.score = validation_score(figures, config_.loss, record.train_loss.at("total"));
    }
    record = agreed(record);
    record.best = best_epoch() == 0 ||
                  record.score > state_.history[static_cast<std::size_t>(best_epoch() - 1)].score;
    record.seconds = seconds_since(epoch_started_);
    state_.history.push_back(record);
    state_.epoch_steps = 0;
    state_.epoch_loss_sum.clear();
    epoch_started_ = Clock::now();
    step_images_ = 0;
    step_seconds_ = 0.0;
    if (record.best) save("best", false);
    save_last();
    if (writes()) write_logs(folder_, state_.history);
    report_progress(&state_.history.back());
  }

  void report_progress(const EpochRecord* finished) {
    if (!hooks_.progress) return;
    TrainProgress p;
    p.step = state_.step;
    p.total_steps = trainer_.total_steps();
    p.epoch = static_cast<int>(state_.history.size()) + (finished == nullptr ? 1 : 0);
    p.loss = last_loss_;
    p.images_per_s = finished != nullptr
                         ? finished->images_per_s
                         : static_cast<double>(step_images_) / std::max(step_seconds_, 1e-9);
    p.seconds_left = seconds_since(started_) / static_cast<double>(state_.step - first_step_) *
                     static_cast<double>(p.total_steps - state_.step);
    p.finished_epoch = finished;
    hooks_.progress(p);
  }

  int best_epoch() const {
    return static_cast<int>(state_.history.size()) - epochs_without_gain(state_.history);
  }

  double training_seconds() const {
    double sum = 0.0;
    for (const EpochRecord& record : state_.history) sum += record.seconds;
    return sum;
  }

  std::string lpips_note() const {
    if (!uses_lpips(config_.loss)) return "not asked for";
    if (state_.lpips_sha256.empty()) return "left out: no weights file was given";
    return state_.lpips_sha256;
  }

  fs::path folder_;
  TrainConfig config_;
  const TrainingData& data_;
  TrainerPlace place_;
  Trainer trainer_;
  RunState state_;
  Hooks hooks_;
  Clock::time_point started_, epoch_started_;
  int64_t first_step_ = 0;
  int64_t step_images_ = 0;  // of this epoch, in this process
  double step_seconds_ = 0.0;
  double rate_ = 0.0;
  double last_loss_ = 0.0;
};

void require_same(const std::string& run, const std::string& what, const std::string& was,
                  const std::string& is) {
  if (was == is) return;
  throw_input("{}: was trained with the {} of SHA-256 {}, but {} is given now", run, what,
              was.empty() ? "(none)" : was, is.empty() ? "none" : is);
}

}  // namespace

TrainResult train(const TrainRequest& request, const TrainingData& data) {
  use_threads(request.threads);
  check_training_data(data);
  const fs::path folder = request.output;
  TrainConfig config = request.config;
  const TrainerPlace place = {resolved_device(request.device), Collective::from_environment()};
  config.precision = resolved_precision(config.precision, place.device.is_cuda());
  const bool writes = !place.collective || place.collective->rank() == 0;
  if (writes && (fs::exists(folder / "run.json") || fs::exists(folder / "checkpoints"))) {
    throw_input("{}: holds a run already; resume it or name another folder", folder.string());
  }
  std::optional<Lpips> lpips = load_lpips(config.loss, request.lpips_weights);
  RunState state;
  state.config_toml = to_toml(config);
  state.data_sha256 = data.data_sha256;
  state.split_sha256 = sha256_hex(data.split_text);
  if (lpips) state.lpips_sha256 = lpips->sha256();
  const auto init = checkpoint_path(config.init, "best");
  if (!config.init.empty()) {
    state.init_sha256 = sha256_hex(io::read_file(init.string() + ".safetensors"));
  }
  RunLoop loop(folder, config, data, std::move(lpips), place, state,
               {request.progress, request.cancel});
  if (!config.init.empty()) loop.begin_with(init);
  if (writes) {
    io::make_folder(folder / "checkpoints");
    io::write_file(folder / "config.toml", state.config_toml);
    io::write_file(folder / "split.json", data.split_text);
  }
  loop.write_summary("running");
  loop.save_last();
  return loop.go();
}

TrainResult resume(const ResumeRequest& request, const TrainingData& data) {
  use_threads(request.threads);
  check_training_data(data);
  RunState state = load_state(checkpoint_path(request.run, "last"));
  require_same(request.run, "data set", state.data_sha256, data.data_sha256);
  require_same(request.run, "split", state.split_sha256, sha256_hex(data.split_text));
  const TrainConfig config = parse_train_config(state.config_toml, request.run + " (config)", "");
  const torch::Device device = resolved_device(request.device);
  resolved_precision(config.precision, device.is_cuda());  // throws where it lacks the run's
  std::optional<Lpips> lpips = load_lpips(config.loss, request.lpips_weights);
  require_same(request.run, "LPIPS weights", state.lpips_sha256, lpips ? lpips->sha256() : "");
  RunLoop loop(request.run, config, data, std::move(lpips),
               {device, Collective::from_environment()}, std::move(state),
               {request.progress, request.cancel});
  loop.restore();
  return loop.go();
}

}  // namespace thz::model
