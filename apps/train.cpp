#include <fmt/core.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "commands.h"
#include "learn_data.h"
#include "program.h"
#include "thz/core/error.h"
#include "thz/model/run.h"

namespace thz::apps {
namespace {

struct TrainArguments {
  CommonOptions common;
  std::string config;
  std::string data;
  std::string split;
  std::string resume;
  std::string lpips;
  std::string from;
  std::string base;
  std::string device = "cpu";
};

/// The bar counts batches; every finished epoch leaves a line behind.
class TrainingProgress {
 public:
  explicit TrainingProgress(const CommonOptions& common)
      : common_(common), line_("training", "batches", common.quiet) {}

  void operator()(const model::TrainProgress& p) {
    if (p.finished_epoch != nullptr) {
      const model::EpochRecord& e = *p.finished_epoch;
      const auto figure = [&](const char* name) {
        const auto it = e.validation.find(name);
        return it == e.validation.end() || !std::isfinite(it->second)
                   ? std::string("-")
                   : fmt::format("{:.3f}", it->second);
      };
      say(common_, fmt::format("{}epoch {}: verification {}, posture {}, W-SSIM {}{}",
                               isatty(STDERR_FILENO) != 0 ? "\r\x1b[K" : "", e.epoch,
                               figure("verification_accuracy"), figure("posture_accuracy"),
                               figure("w_ssim"), e.best ? "  (best so far)" : ""));
      if (e.epoch == 1) tell_missing_figures(e);
    }
    line_.show(static_cast<std::size_t>(p.step), static_cast<std::size_t>(p.total_steps),
               fmt::format("loss {:.3f}, {:.0f} images/s", p.loss, p.images_per_s));
  }

 private:
  /// A task that is learned but cannot be judged has no part in which checkpoint is the best.
  void tell_missing_figures(const model::EpochRecord& e) const {
    const auto tell = [&](const char* term, const char* figure, const char* why) {
      const auto it = e.validation.find(figure);
      if (e.train_loss.count(term) == 0 || it == e.validation.end() || std::isfinite(it->second)) {
        return;
      }
      say(common_, fmt::format("the validation images give no {}: {}; the best checkpoint is "
                               "chosen without it",
                               figure, why));
    };
    tell("verification", "verification_accuracy",
         "it takes two persons of one posture, one of them both concealed and bare");
    tell("charbonnier", "w_ssim", "it takes a person concealed and bare in one posture");
  }

  const CommonOptions& common_;
  ProgressLine line_;
};

nlohmann::json result_json(const model::TrainResult& result) {
  nlohmann::json json = {{"run", result.run},
                         {"stopped_by", result.stopped_by},
                         {"epochs", result.history.size()},
                         {"best_epoch", result.best_epoch},
                         {"parameters", result.parameters}};
  if (result.best_epoch > 0) {
    const auto& best = result.history[static_cast<std::size_t>(result.best_epoch) - 1];
    json["best_validation"] = best.validation;
    json["best_score"] = best.score;
  }
  return json;
}

model::TrainResult start(const TrainArguments& a, const model::TrainProgressFn& progress) {
  if (a.config.empty() || a.data.empty() || a.common.output.empty()) {
    throw_input("train needs CONFIG.toml, --data DATA and --output RUN, or --resume RUN");
  }
  model::TrainRequest request;
  request.config = model::load_train_config(a.config, a.base);
  if (!a.from.empty()) request.config.init = a.from;
  if (a.common.seed) request.config.seed = *a.common.seed;
  request.output = a.common.output;
  request.lpips_weights = a.lpips;
  request.threads = a.common.threads;
  request.device = a.device;
  request.cancel = &cancel_token();
  if (a.lpips.empty() && model::uses_lpips(request.config.loss)) {
    say(a.common,
        "LPIPS is left out of the loss: no weights are given (--lpips, THZ_LPIPS_WEIGHTS)");
  }
  const model::LearningData data = load_learn_data(a.data, a.split);
  // Noted once the trainer has made its folder: a refused one stays as it was.
  bool noted = false;
  request.progress = [&](const model::TrainProgress& p) {
    // Of several processes the first one's business.
    const char* rank = std::getenv("RANK");
    const bool first = rank == nullptr || std::string(rank) == "0";
    if (!noted && first) remember_data_path(a.common.output, a.data);
    noted = true;
    progress(p);
  };
  return model::train(request, data.training);
}

model::TrainResult go_on(const TrainArguments& a, const model::TrainProgressFn& progress) {
  if (!a.config.empty() || !a.common.output.empty() || !a.from.empty() || !a.base.empty() ||
      !a.split.empty() || a.common.seed) {
    throw_input(
        "--resume takes the run alone: its configuration, split, seed and folder are its own");
  }
  model::ResumeRequest request;
  request.run = a.resume;
  request.lpips_weights = a.lpips;
  request.threads = a.common.threads;
  request.device = a.device;
  request.progress = progress;
  request.cancel = &cancel_token();
  const std::string data_path = a.data.empty() ? remembered_data_path(a.resume) : a.data;
  const model::LearningData data = load_learn_data_of_run(data_path, a.resume);
  return model::resume(request, data.training);
}

void train(TrainArguments& arguments) {
  const int threads = model::use_threads(arguments.common.threads);
  if (arguments.lpips.empty()) {
    const char* weights = std::getenv("THZ_LPIPS_WEIGHTS");
    if (weights != nullptr) arguments.lpips = weights;
  }
  say(arguments.common, fmt::format("LibTorch {} on {} threads", model::torch_version(), threads));
  TrainingProgress progress(arguments.common);
  const auto report = [&progress](const model::TrainProgress& p) { progress(p); };
  const model::TrainResult result =
      arguments.resume.empty() ? start(arguments, report) : go_on(arguments, report);
  const nlohmann::json json = result_json(result);
  print_result(arguments.common, json,
               fmt::format("{}: best epoch {} of {}, {} parameters", result.run, result.best_epoch,
                           result.history.size(), result.parameters));
}

}  // namespace

void add_train(CLI::App& app) {
  auto a = std::make_shared<TrainArguments>();
  CLI::App* command =
      app.add_subcommand("train", "Train a network on a data set, or go on with a run");
  command->add_option("config", a->config, "Experiment, a TOML file (model/experiments/)");
  command->add_option("--data", a->data, "Data set: its folder or file");
  command->add_option("--split", a->split,
                      "Split file [split-image-disjoint.json beside the data set]");
  command->add_option("--resume", a->resume, "Run folder to go on with");
  command->add_option("--lpips", a->lpips,
                      "LPIPS weights (HDF5, lpips-squeeze/1) [$THZ_LPIPS_WEIGHTS, else no LPIPS]");
  command->add_option("--from", a->from, "Run folder to take the first weights from");
  command->add_option("--base", a->base,
                      "Experiment to lay CONFIG over, in place of the one it extends");
  command->add_option("--device", a->device, "cpu, cuda or auto [cpu]")
      ->check(CLI::IsMember({"cpu", "cuda", "auto"}));
  add_common(*command, a->common, true, true);
  command->callback([a] { train(*a); });
}

}  // namespace thz::apps
