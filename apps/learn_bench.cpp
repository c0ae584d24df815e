#include <fmt/core.h>

#include <memory>

#include "commands.h"
#include "program.h"
#include "thz/core/error.h"
#include "thz/model/bench.h"
#include "thz/model/run.h"

namespace thz::apps {
namespace {

struct LearnBenchOptions {
  CommonOptions common;
  std::string what = "train";
  std::string config;
  int repeats = 5;
  std::string layout = "plain";
};

nlohmann::json to_json(const model::StepSpeed& s) {
  return {{"images", s.images},
          {"seconds", s.seconds},
          {"cpu_seconds", s.cpu_seconds},
          {"images_per_s", s.images_per_s},
          {"gflop_per_s", s.gflop_per_s},
          {"peak_memory_mb", s.peak_memory_mb},
          {"share", s.share}};
}

std::string speed_line(const char* name, const model::StepSpeed& s) {
  return fmt::format("  {:<12}{:>8}{:>12.3f}{:>14.1f}{:>12.1f}{:>14.0f}\n", name, s.images,
                     s.seconds, s.images_per_s, s.gflop_per_s, s.peak_memory_mb);
}

std::string table(const model::TrainBench& b) {
  std::string text = fmt::format(
      "a training step, {} threads, {}\n  {:<12}{:>8}{:>12}{:>14}{:>12}{:>14}\n", b.threads,
      b.precision, "", "images", "seconds", "images/s", "GFLOP/s", "memory, MB");
  text += speed_line("ours", b.ours) + speed_line("published", b.published);
  text += fmt::format("  ratio {:.2f} by wall time, {:.2f} by processor time\n  time by stage:",
                      b.ratio, b.cpu_ratio);
  for (const auto& [stage, share] : b.ours.share) {
    text += fmt::format(" {} {:.0f} %", stage, 100 * share);
  }
  return text;
}

model::TrainConfig config_of(const LearnBenchOptions& o) {
  if (!o.config.empty()) return model::load_train_config(o.config);
  model::TrainConfig config;
  // The published width; everything else of the step as it comes.
  config.network.base_channels = 64;
  config.batch.identities = 10;
  return config;
}

void bench_training(const LearnBenchOptions& o) {
  const model::TrainBench b = model::bench_training(config_of(o), o.repeats, o.common.threads,
                                                    o.layout == "channels-last", &cancel_token());
  print_result(o.common,
               {{"schema", "thzface-bench-train/1"},
                {"threads", b.threads},
                {"precision", b.precision},
                {"ours", to_json(b.ours)},
                {"published", to_json(b.published)},
                {"ratio", b.ratio},
                {"cpu_ratio", b.cpu_ratio}},
               table(b));
}

// A single image takes a hundredth of a training step's time: more of them count.
constexpr int kInferencesARepeat = 10;

void bench_inference(const LearnBenchOptions& o) {
  if (o.layout != "plain") throw_input("--layout {}: bench infer knows plain alone", o.layout);
  const model::InferenceBench b = model::bench_inference(
      config_of(o), {1, 8, 64}, kInferencesARepeat * o.repeats, o.common.threads, &cancel_token());
  std::string text =
      fmt::format("milliseconds an image, {} threads, float32\n  {:<12}{:>24}{:>24}\n", b.threads,
                  "batch", "embedding and posture", "and reconstruction");
  nlohmann::json speeds = nlohmann::json::array();
  for (const model::InferenceSpeed& s : b.speeds) {
    text += fmt::format("  {:<12}{:>24.2f}{:>24.2f}\n", s.batch, s.encode_ms, s.reconstruct_ms);
    speeds.push_back(
        {{"batch", s.batch}, {"encode_ms", s.encode_ms}, {"reconstruct_ms", s.reconstruct_ms}});
  }
  print_result(
      o.common,
      {{"schema", "thzface-bench-infer/1"}, {"threads", b.threads}, {"ms_per_image", speeds}},
      text);
}

}  // namespace

void add_learn_bench(CLI::App& app) {
  auto o = std::make_shared<LearnBenchOptions>();
  CLI::App* command = app.add_subcommand(
      "bench", "Measure a training step against the published recipe's, or inference");
  command->add_option("what", o->what, "train or infer")->check(CLI::IsMember({"infer", "train"}));
  command->add_option("--config", o->config, "Experiment whose network is measured [width 64]");
  command
      ->add_option("--repeats", o->repeats,
                   "Steps of each kind, tens of batches; the shortest counts [5]")
      ->check(CLI::Range(1, 1000));
  command->add_option("--layout", o->layout, "Of training: plain or channels-last [plain]")
      ->check(CLI::IsMember({"channels-last", "plain"}));
  add_common(*command, o->common, false, false);
  command->callback([o] { o->what == "infer" ? bench_inference(*o) : bench_training(*o); });
}

}  // namespace thz::apps
