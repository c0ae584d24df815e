#include "thz/eval/evaluate.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <memory>

#include "commands.h"
#include "learn_data.h"
#include "program.h"
#include "thz/core/config.h"
#include "thz/core/error.h"
#include "thz/core/sha256.h"
#include "thz/core/version.h"
#include "thz/eval/face_regions.h"
#include "thz/io/atomic_file.h"
#include "thz/io/stage_dump.h"
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

ImageF image_at(const std::vector<float>& pixels, int64_t index) {
  ImageF image(model::kImageSide, model::kImageSide);
  if (!pixels.empty()) {
    std::memcpy(image.data.data(), pixels.data() + index * model::kImagePixels,
                sizeof(float) * static_cast<std::size_t>(model::kImagePixels));
  }
  return image;
}

std::vector<ImageF> images_of(const std::vector<float>& pixels, int64_t count) {
  std::vector<ImageF> images;
  if (pixels.empty()) return images;
  for (int64_t i = 0; i < count; ++i) images.push_back(image_at(pixels, i));
  return images;
}

/// Side of what the data set's pictures show, m; the usual one where no scene says it.
double roi_side_m(const LearnData& data) {
  if (data.header.scene_toml.empty()) return eval::kFaceRoi_m;
  ConfigTable scene = ConfigTable::parse(data.header.scene_toml, "the data set's scene");
  return scene.table("image")
      .numbers("roi_size_m", {eval::kFaceRoi_m, eval::kFaceRoi_m}, 2, {0.01, 2.0})
      .front();
}

eval::Predictions to_arrays(const LearnData& data, const model::Predictions& predicted) {
  eval::Predictions p;
  const auto n = static_cast<int64_t>(data.columns.rows);
  p.images = images_of(data.columns.image, n);
  p.labels.identity = data.columns.identity;
  p.labels.posture = data.columns.posture;
  p.labels.concealed = data.columns.concealed;
  p.posture_names = io::kPostureNames;
  p.test_rows.assign(data.split.test.begin(), data.split.test.end());
  p.train_rows.assign(data.split.train.begin(), data.split.train.end());
  p.embeddings = Eigen::Map<const eval::MatrixF>(predicted.embeddings.data(), predicted.count,
                                                 predicted.embedding_size);
  p.posture_logits = Eigen::Map<const eval::MatrixF>(predicted.posture_logits.data(),
                                                     predicted.count, model::kPostureCount);
  p.reconstructions = images_of(predicted.reconstructions, predicted.count);
  p.oracle_reconstructions = images_of(predicted.oracle_reconstructions, predicted.count);
  p.regions = eval::face_regions(io::kDatasetImageSize, roi_side_m(data));
  return p;
}

model::Predictions predict_test_rows(const model::Run& run, const LearnData& data) {
  std::vector<float> pixels;
  model::PredictOptions options;
  options.cancel = &cancel_token();
  for (const uint64_t row : data.split.test) {
    const float* image = data.training.image(static_cast<int64_t>(row));
    pixels.insert(pixels.end(), image, image + model::kImagePixels);
    options.oracle_posture.push_back(data.columns.posture[row]);
  }
  if (data.split.test.empty()) throw_input("the run's split has no test rows");
  return run.predict(pixels, options);
}

eval::RunRecord record(const EvaluateArguments& a, const model::Run& run, const LearnData& data) {
  eval::RunRecord r;
  r.name = run.config().name;
  r.dataset_sha256 = data.training.data_sha256;
  r.scene_sha256 = data.header.scene_sha256;
  r.split_name = data.split.rule;
  r.split_sha256 = io::split_sha256(data.split);
  r.checkpoint_sha256 =
      sha256_hex(io::read_file(fs::path(a.run) / "checkpoints" / (a.checkpoint + ".safetensors")));
  r.version = version();
  r.machine = instruction_set();
  r.command = fmt::format("thzface evaluate {} {}", a.run, a.data);
  r.seed = run.config().seed;
  r.width = run.config().network.base_channels;
  r.epochs = static_cast<int>(run.history().size());
  for (const auto& epoch : run.history()) r.train_seconds += epoch.seconds;
  if (!run.history().empty()) {
    r.image_exposures = static_cast<uint64_t>(run.history().back().image_exposures);
  }
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
  if (!stages.empty()) io::write_stage_dump(path, stages, {{"thzface_version", version()}});
}

void evaluate(const EvaluateArguments& a) {
  const auto started = std::chrono::steady_clock::now();
  model::use_threads(a.common.threads);
  require_run(a.run);
  const model::Run run = model::Run::load(a.run, a.checkpoint, a.common.threads);
  const LearnData data = load_learn_data_of_run(a.data, a.run);
  // Before the work, so that an unwritable place is told at once.
  if (!a.common.output.empty()) io::make_folder(a.common.output);
  if (data.training.data_sha256 != run.data_sha256()) {
    throw_input("{}: the run was trained on other data (content {}, here {})", a.data,
                run.data_sha256(), data.training.data_sha256);
  }
  const eval::Predictions arrays = to_arrays(data, predict_test_rows(run, data));
  eval::EvaluationOptions options;
  options.seed = a.common.seed.value_or(1);
  options.resamples = a.resamples;
  options.threads = a.common.threads;
  ProgressLine progress("evaluating", "steps", a.common.quiet);
  eval::EvaluationResult result =
      eval::evaluate_predictions(arrays, options, progress.function(), &cancel_token());
  result.run = record(a, run, data);
  result.run.evaluate_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();

  std::vector<fs::path> folders = {fs::path(a.run) / "evaluation"};
  if (!a.common.output.empty()) folders.emplace_back(a.common.output);
  const std::string json = eval::to_json(result);
  for (const fs::path& folder : folders) {
    io::make_folder(folder);
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
  command->callback([a] { evaluate(*a); });
}

}  // namespace thz::apps
