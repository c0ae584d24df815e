#include "thz/model/run.h"

#include <omp.h>

#include <chrono>
#include <filesystem>
#include <optional>

#include "checkpoint.h"
#include "predict.h"
#include "run_log.h"
#include "schedule.h"
#include "thz/core/error.h"
#include "thz/core/sha256.h"
#include "thz/core/version.h"
#include "thz/io/atomic_file.h"
#include "trainer.h"
#include "training_data.h"
#include "validation.h"

namespace thz::model {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr const char* kRunSchema = "thzface-run/1";

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

fs::path checkpoint_path(const fs::path& run, const std::string& which) {
  return run / "checkpoints" / which;
}

bool wants_lpips(const LossOptions& loss) { return loss.reconstruction > 0.0 && loss.lpips > 0.0; }

std::optional<Lpips> load_lpips(const LossOptions& loss, const std::string& path) {
  if (!wants_lpips(loss) || path.empty()) return std::nullopt;
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
          std::optional<Lpips> lpips, RunState state, Hooks hooks)
      : folder_(std::move(folder)),
        config_(config),
        data_(data),
        trainer_(config, data, std::move(lpips)),
        state_(std::move(state)),
        hooks_(std::move(hooks)) {}

  void restore() {
    load_tensors(checkpoint_path(folder_, "last"), trainer_.network(), &trainer_.optimiser());
    trainer_.sampler().seek(state_.step);
  }

  void save_last() {
    save_checkpoint(checkpoint_path(folder_, "last"), state_, trainer_.network(),
                    &trainer_.optimiser());
  }

  void write_summary(const std::string& status) {
    const nlohmann::json summary = {{"schema", kRunSchema},
                                    {"name", config_.name},
                                    {"status", status},
                                    {"thzface_version", version()},
                                    {"torch_version", torch_version()},
                                    {"instruction_set", instruction_set()},
                                    {"threads", at::get_num_threads()},
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
      write_summary(std::string("failed: ") + e.what());
      throw_input("{}; checkpoints/last of {} is kept", e.what(), folder_.string());
    }
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
      if (hooks_.cancel != nullptr) hooks_.cancel->throw_if_requested();
      one_step(total);
      const bool last = state_.step == total;
      if (state_.epoch_steps == trainer_.steps_per_epoch() || last) finish_epoch();
    }
    return "budget";
  }

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
    const ValidationFigures figures = validate(data_, trainer_.predict_validation(nullptr));
    record.validation = figures.values;
    record.validation_triplets = figures.triplets;
    record.score = validation_score(figures, config_.loss, record.train_loss.at("total"));
    record.best = best_epoch() == 0 ||
                  record.score > state_.history[static_cast<std::size_t>(best_epoch() - 1)].score;
    record.seconds = seconds_since(epoch_started_);
    state_.history.push_back(record);
    state_.epoch_steps = 0;
    state_.epoch_loss_sum.clear();
    epoch_started_ = Clock::now();
    step_images_ = 0;
    step_seconds_ = 0.0;
    if (record.best) {
      save_checkpoint(checkpoint_path(folder_, "best"), state_, trainer_.network(), nullptr);
    }
    save_last();
    write_logs(folder_, state_.history);
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
    if (!wants_lpips(config_.loss)) return "not asked for";
    if (state_.lpips_sha256.empty()) return "left out: no weights file was given";
    return state_.lpips_sha256;
  }

  fs::path folder_;
  TrainConfig config_;
  const TrainingData& data_;
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

int use_threads(int threads) {
  // LibTorch starts with one thread and tells OpenMP so on its first operation: say it first.
  at::set_num_threads(threads > 0 ? threads : omp_get_num_procs());
  return at::get_num_threads();
}

std::string torch_version() { return TORCH_VERSION; }

TrainResult train(const TrainRequest& request, const TrainingData& data) {
  use_threads(request.threads);
  check_training_data(data);
  const fs::path folder = request.output;
  if (fs::exists(folder / "run.json") || fs::exists(folder / "checkpoints")) {
    throw_input("{}: holds a run already; resume it or name another folder", folder.string());
  }
  std::optional<Lpips> lpips = load_lpips(request.config.loss, request.lpips_weights);
  RunState state;
  state.config_toml = to_toml(request.config);
  state.data_sha256 = data.data_sha256;
  state.split_sha256 = sha256_hex(data.split_text);
  if (lpips) state.lpips_sha256 = lpips->sha256();
  RunLoop loop(folder, request.config, data, std::move(lpips), state,
               {request.progress, request.cancel});
  io::make_folder(folder / "checkpoints");
  io::write_file(folder / "config.toml", state.config_toml);
  io::write_file(folder / "split.json", data.split_text);
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
  std::optional<Lpips> lpips = load_lpips(config.loss, request.lpips_weights);
  require_same(request.run, "LPIPS weights", state.lpips_sha256, lpips ? lpips->sha256() : "");
  RunLoop loop(request.run, config, data, std::move(lpips), std::move(state),
               {request.progress, request.cancel});
  loop.restore();
  return loop.go();
}

struct Run::Impl {
  TrainConfig config;
  RunState state;
  std::string split_text;
  Network network{nullptr};
};

Run::Run(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Run::Run(Run&&) noexcept = default;
Run& Run::operator=(Run&&) noexcept = default;
Run::~Run() = default;

Run Run::load(const std::string& folder, const std::string& checkpoint, int threads) {
  use_threads(threads);
  const auto path = checkpoint_path(folder, checkpoint);
  auto impl = std::make_unique<Impl>();
  impl->state = load_state(path);
  impl->config = parse_train_config(impl->state.config_toml, path.string() + " (config)", "");
  impl->split_text = io::read_file(fs::path(folder) / "split.json");
  impl->network = Network(impl->config.network);
  load_tensors(path, impl->network, nullptr);
  impl->network->eval();
  return Run(std::move(impl));
}

Predictions Run::predict(const std::vector<float>& images, const PredictOptions& options) const {
  THZ_REQUIRE(images.size() % static_cast<std::size_t>(kImagePixels) == 0,
              "images are 64 x 64 pixels each");
  return predict_images(
      impl_->network, static_cast<int64_t>(images.size()) / kImagePixels,
      [&](int64_t i) { return images.data() + i * kImagePixels; }, options);
}

const TrainConfig& Run::config() const { return impl_->config; }
const std::vector<EpochRecord>& Run::history() const { return impl_->state.history; }
const std::string& Run::data_sha256() const { return impl_->state.data_sha256; }
const std::string& Run::split_text() const { return impl_->split_text; }
int64_t Run::parameters() const { return impl_->network->parameter_count(); }
int Run::epoch() const { return static_cast<int>(impl_->state.history.size()); }

}  // namespace thz::model
