#include "thz/eval/evaluate.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <limits>
#include <memory>

#include "commands.h"
#include "learn_data.h"
#include "program.h"
#include "thz/core/error.h"
#include "thz/core/sha256.h"
#include "thz/core/version.h"
#include "thz/io/atomic_file.h"
#include "thz/io/stage_dump.h"
#include "thz/model/alignment_of.h"
#include "thz/model/run.h"

namespace thz::apps {
namespace {

namespace fs = std::filesystem;

struct EvaluateArguments {
  CommonOptions common;
  std::string run;
  std::string data;
  std::string checkpoint = "best";
  int resamples = 2000;
};

eval::RunRecord record(const EvaluateArguments& a, const model::Run& run,
                       const model::LearningData& data) {
  eval::RunRecord r;
  r.name = run.config().name;
  r.dataset_sha256 = data.training.data_sha256;
  r.scene_sha256 = data.header.scene_sha256;
  r.split_name = data.split.rule;
  r.split_sha256 = io::split_sha256(data.split);
  r.leaks = !data.split.shared.empty();
  r.checkpoint_sha256 =
      sha256_hex(io::read_file(fs::path(a.run) / "checkpoints" / (a.checkpoint + ".safetensors")));
  r.version = version();
  r.machine = instruction_set();
  r.command = fmt::format("thzface evaluate {} {}", a.run, a.data);
  r.seed = run.config().seed;
  r.width = run.config().network.base_channels;
  const model::TrainingTotals totals = model::training_totals(a.run);
  r.epochs = totals.epochs;
  r.train_seconds = totals.seconds;
  r.image_exposures = static_cast<uint64_t>(totals.image_exposures);
  r.extra = {{"checkpoint", fmt::format("{} (epoch {})", a.checkpoint, run.epoch())},
             {"parameters", std::to_string(run.parameters())}};
  return r;
}

/// Input, reconstruction and truth of the examples, for pictures later.
void write_examples(const fs::path& path, const eval::EvaluationResult& result,
                    const eval::Predictions& arrays) {
  std::vector<io::StageArray> stages;
  for (std::size_t i = 0; i < result.examples.size(); ++i) {
    const auto& example = result.examples[i];
    const auto place =
        std::find(arrays.test_rows.begin(), arrays.test_rows.end(), example.input_row) -
        arrays.test_rows.begin();
    const std::string name = fmt::format("example{}/", i);
    const auto add = [&](const char* what, const ImageF& image) {
      stages.push_back(io::stage_image(name + what, image, "1", "[row][column]"));
    };
    add("input", arrays.images[static_cast<std::size_t>(example.input_row)]);
    add("reconstruction", arrays.reconstructions[static_cast<std::size_t>(place)]);
    add("truth", arrays.images[static_cast<std::size_t>(example.target_row)]);
  }
  for (std::size_t i = 0; i < result.hard_pairs.size(); ++i) {
    const auto add = [&](const char* what, int row) {
      stages.push_back(io::stage_image(fmt::format("hard{}/{}", i, what),
                                       arrays.images[static_cast<std::size_t>(row)], "1",
                                       "[row][column]"));
    };
    add("probe", result.hard_pairs[i].probe_row);
    add("gallery", result.hard_pairs[i].gallery_row);
  }
  if (!stages.empty()) io::write_stage_dump(path, stages, {{"thzface_version", version()}});
}

/// Student and teacher on the test images; what cannot be measured becomes a note.
void add_alignment(const model::Run& run, const model::LearningData& data,
                   const eval::EvaluationOptions& options, eval::EvaluationResult& result) {
  if (!run.config().teacher.in_use()) return;
  eval::BootstrapOptions resample;
  resample.seed = options.seed;
  resample.resamples = options.resamples;
  resample.threads = options.threads;
  try {
    const model::TeacherAlignment found =
        model::alignment_of(run, data.training, model::test_rows(data.split), &resample);
    const auto space = [&](const std::string& name) {
      const auto interval = [&](const char* figure) {
        constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
        const auto drawn = found.draws.find(name + figure);
        return drawn == found.draws.end() ? eval::Interval{kNone, kNone, kNone}
                                          : eval::interval_of(drawn->second, resample.coverage);
      };
      return eval::AlignmentSpace{interval("_cka"), interval("_rank_correlation"),
                                  interval("_cosine"), interval("_retrieval_5")};
    };
    result.alignment = eval::AlignmentSummary{static_cast<uint64_t>(found.rows),
                                              static_cast<uint64_t>(found.identities),
                                              space("projection"), space("latent")};
  } catch (const InputError& e) {
    result.notes.push_back(std::string("student and teacher are not compared: ") + e.what());
  }
}

void drop_untrained(const model::TrainConfig& config, eval::EvaluationResult& result) {
  const model::LossOptions& loss = config.loss;
  const auto note = [&](double weight, const char* task) {
    if (weight > 0.0) return false;
    result.notes.push_back(fmt::format(
        "{} was not among the tasks of this training: no figure of the network is given", task));
    return true;
  };
  if (note(loss.verification, "verification")) eval::leave_out_verification(result);
  if (note(loss.posture, "posture")) eval::leave_out_posture(result);
  if (loss.reconstruction > 0.0 && !model::picks_decoder(config)) {
    result.notes.push_back("reconstructions are by the decoder of the true posture");
  }
  note(loss.reconstruction, "reconstruction");
}

void evaluate(const EvaluateArguments& a) {
  const auto started = std::chrono::steady_clock::now();
  model::use_threads(a.common.threads);
  require_run(a.run);
  const model::Run run = model::Run::load(a.run, a.checkpoint, a.common.threads);
  const model::LearningData data = load_learn_data_of_run(a.data, a.run);
  if (data.training.data_sha256 != run.data_sha256()) {
    throw_input("{}: the run was trained on other data (content {}, here {})", a.data,
                run.data_sha256(), data.training.data_sha256);
  }
  // Before the work, so that a damaged log or an unwritable place is told at once.
  const eval::RunRecord started_with = record(a, run, data);
  std::vector<fs::path> folders = {fs::path(a.run) / "evaluation"};
  if (!a.common.output.empty()) folders.emplace_back(a.common.output);
  for (const fs::path& folder : folders) io::make_folder(folder);
  eval::Predictions arrays = model::evaluation_arrays(data);
  const model::LossOptions& loss = run.config().loss;
  model::predict_into(arrays, run, data, model::test_rows(data.split), loss.reconstruction > 0.0,
                      &cancel_token());
  eval::EvaluationOptions options;
  options.seed = a.common.seed.value_or(1);
  options.resamples = a.resamples;
  options.threads = a.common.threads;
  ProgressLine progress("evaluating", "steps", a.common.quiet);
  eval::EvaluationResult result =
      eval::evaluate_predictions(arrays, options, progress.function(), &cancel_token());
  add_alignment(run, data, options, result);
  drop_untrained(run.config(), result);
  result.run = started_with;
  result.run.evaluate_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();

  const std::string json = eval::to_json(result);
  for (const fs::path& folder : folders) {
    io::write_file(folder / "evaluation.json", json);
    io::write_file(folder / "table.txt", eval::headline_table(result));
    write_examples(folder / "examples.h5", result, arrays);
  }
  print_result(a.common, a.common.json ? nlohmann::json::parse(json) : nlohmann::json{},
               eval::headline_table(result));
}

}  // namespace

void add_evaluate(CLI::App& app) {
  auto a = std::make_shared<EvaluateArguments>();
  CLI::App* command =
      app.add_subcommand("evaluate", "Judge a trained run on the test rows of its data set");
  command->add_option("run", a->run, "Run folder")->required();
  command->add_option("data", a->data, "Data set the run was trained on")->required();
  command->add_option("--checkpoint", a->checkpoint, "best or last [best]")
      ->check(CLI::IsMember({"best", "last"}));
  command->add_option("--resamples", a->resamples, "Bootstrap resamples [2000]")
      ->check(CLI::Range(100, 1000000));
  add_common(*command, a->common, true, true);
  command->get_option("--output")->description("Results go there, too [RUN/evaluation alone]");
  command->callback([a] { evaluate(*a); });
}

}  // namespace thz::apps
