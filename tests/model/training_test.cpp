#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <limits>

#include "model/run_folder.h"
#include "model/toy_data.h"
#include "schedule.h"
#include "thz/core/error.h"
#include "thz/model/run.h"

using namespace thz::model;
using Catch::Contains;
using test::check_same_weights;
using test::content;
using test::RunFolder;
using test::toy_config;
using test::toy_data;
namespace fs = std::filesystem;

namespace {

TrainRequest request(const TrainConfig& config, const std::string& output) {
  TrainRequest r;
  r.config = config;
  r.output = output;
  r.threads = 1;
  return r;
}

double first_loss(const TrainResult& result, const std::string& name) {
  return result.history.front().train_loss.at(name);
}
double last_loss(const TrainResult& result, const std::string& name) {
  return result.history.back().train_loss.at(name);
}

}  // namespace

TEST_CASE("a network learns toy faces: it verifies, tells postures and reconstructs",
          "[model][train]") {
  const TrainingData data = toy_data();
  TrainConfig config = toy_config();
  config.budget.image_exposures = 2400;
  config.budget.epoch_exposures = 400;
  const RunFolder folder;
  const TrainResult result = train(request(config, folder.at("run")), data);
  const auto& best = result.history[static_cast<std::size_t>(result.best_epoch - 1)];
  CAPTURE(best.validation, best.train_loss);
  CHECK(best.validation.at("verification_accuracy") > 0.9);  // chance 0.5
  CHECK(best.validation.at("posture_accuracy") > 0.9);       // chance 0.2
  CHECK(best.validation.at("w_ssim") > 0.3);
  CHECK(best.validation_triplets == 4 * 5 * 3);
  for (const char* name : {"verification", "posture", "charbonnier", "ssim", "total"}) {
    CAPTURE(name);
    CHECK(last_loss(result, name) < first_loss(result, name));
  }

  const Run run = Run::load(result.run, "best", 1);
  CHECK(run.epoch() == result.best_epoch);
  CHECK(run.data_sha256() == data.data_sha256);
  CHECK(run.split_text() == data.split_text);
  CHECK(run.parameters() == result.parameters);
  PredictOptions options;
  options.batch = 7;  // does not divide the number of images
  options.oracle_posture = data.posture;
  const Predictions p = run.predict(data.images, options);
  REQUIRE(p.count == data.rows());
  CHECK(p.embeddings.size() == static_cast<std::size_t>(p.count) * 128);
  CHECK(p.reconstructions.size() == data.images.size());
  CHECK(p.oracle_reconstructions.size() == data.images.size());
  int right = 0;
  for (const int64_t row : data.validation_rows) {
    const auto r = static_cast<std::size_t>(row);
    if (p.predicted_posture[r] != data.posture[r]) continue;
    ++right;
    // Where the posture is right, both routes are one.
    const auto first = static_cast<std::ptrdiff_t>(row * kImagePixels);
    CHECK(std::equal(p.reconstructions.begin() + first,
                     p.reconstructions.begin() + first + kImagePixels,
                     p.oracle_reconstructions.begin() + first));
  }
  // Told not to trust itself, the network goes by the true posture alone.
  options.routes_itself = false;
  const Predictions told = run.predict(data.images, options);
  CHECK(told.reconstructions == p.oracle_reconstructions);
  CHECK(told.oracle_reconstructions.empty());
  // The checkpoint is that of the epoch whose figure the history shows.
  CHECK(static_cast<double>(right) / static_cast<double>(data.validation_rows.size()) ==
        Approx(best.validation.at("posture_accuracy")));
}

TEST_CASE("each task is learned alone", "[model][train]") {
  struct Task {
    const char* term;
    double verification, posture, charbonnier, ssim;
  };
  const auto task = GENERATE(Task{"verification", 1, 0, 0, 0}, Task{"posture", 0, 1, 0, 0},
                             Task{"charbonnier", 0, 0, 1, 0}, Task{"ssim", 0, 0, 0, 1});
  CAPTURE(task.term);
  TrainConfig config = toy_config();
  config.loss.verification = task.verification;
  config.loss.posture = task.posture;
  config.loss.charbonnier = task.charbonnier;
  config.loss.ssim = task.ssim;
  config.loss.reconstruction = task.charbonnier + task.ssim > 0 ? 1.0 : 0.0;
  config.budget.image_exposures = 800;
  const RunFolder folder;
  const TrainResult result = train(request(config, folder.at("run")), toy_data());
  CHECK(result.history.back().train_loss.size() == 2);  // the term and the total
  CHECK(last_loss(result, task.term) < 0.9 * first_loss(result, task.term));
}

TEST_CASE("one batch is overfitted", "[model][train]") {
  TrainingData data = toy_data({4, 2});
  TrainConfig config = toy_config();
  config.network.dropout = 0.0;
  config.loss.label_smoothing = 0.0;
  config.optimiser.weight_decay = 0.0;
  config.budget.image_exposures = 40 * 100;
  config.budget.epoch_exposures = 40 * 10;
  const RunFolder folder;
  const TrainResult result = train(request(config, folder.at("run")), data);
  CHECK(last_loss(result, "posture") < 0.05);  // guessing: log(5) = 1.6
  // All of an identity's 9 positives at similarity 1 and the others far off: log(9) is the floor.
  CHECK(last_loss(result, "verification") < std::log(9.0) + 0.1);
  // Twice the sd of the targets' noise, which a decoder can learn by heart only slowly.
  CHECK(last_loss(result, "charbonnier") < 0.06);
}

TEST_CASE("an interrupted and resumed run ends in the weights of an uninterrupted one, bit for bit",
          "[model][train]") {
  const TrainingData data = toy_data();
  TrainConfig config = toy_config();
  config.network.dropout = 0.4;
  config.augmentation = "gentle";
  config.batch.postures = 3;  // some experts wait: their moments lag behind
  const RunFolder folder;
  train(request(config, folder.at("whole")), data);

  thz::CancelToken cancel;
  TrainRequest interrupted = request(config, folder.at("parts"));
  interrupted.cancel = &cancel;
  // Step 7 is inside an epoch: epochs have 80 / 24 = 4 steps.
  interrupted.progress = [&](const TrainProgress& p) {
    if (p.step == 7) cancel.request();
  };
  CHECK_THROWS_AS(train(interrupted, data), thz::Cancelled);
  ResumeRequest again;
  again.run = folder.at("parts");
  again.threads = 1;
  int64_t first_step = 0;
  again.progress = [&](const TrainProgress& p) {
    if (first_step == 0) first_step = p.step;
  };
  const TrainResult result = resume(again, data);
  CHECK(first_step == 8);
  CHECK(result.stopped_by == "budget");
  check_same_weights(folder.at("whole"), folder.at("parts"));
  // A finished run has nothing left to do, and stays as it is.
  CHECK(resume(again, data).history.size() == result.history.size());
  check_same_weights(folder.at("whole"), folder.at("parts"));
}

TEST_CASE("resuming against other data or another split is refused", "[model][train]") {
  TrainingData data = toy_data();
  TrainConfig config = toy_config();
  config.budget.image_exposures = 40;
  const RunFolder folder;
  train(request(config, folder.at("run")), data);
  ResumeRequest again;
  again.run = folder.at("run");
  TrainingData other = data;
  other.data_sha256 = "another";
  CHECK_THROWS_WITH(resume(again, other), Contains("data set") && Contains("another"));
  other = data;
  other.split_text = "{}";
  CHECK_THROWS_WITH(resume(again, other), Contains("split"));
  again.run = folder.at("nowhere");
  CHECK_THROWS_AS(resume(again, data), thz::InputError);
  CHECK_THROWS_WITH(train(request(config, folder.at("run")), data),
                    Contains("holds a run already"));
}

TEST_CASE("a run folder holds configuration, split, logs and checkpoints", "[model][train]") {
  const TrainingData data = toy_data();
  TrainConfig config = toy_config();
  config.budget.image_exposures = 160;
  config.budget.epoch_exposures = 80;
  const RunFolder folder;
  train(request(config, folder.at("run")), data);
  const fs::path run = folder.at("run");
  CHECK(content(run / "config.toml") == to_toml(config));
  CHECK(content(run / "split.json") == data.split_text);
  CHECK_THAT(content(run / "run.json"), Contains("finished: budget") && Contains("toy-7"));
  const std::string csv = content(run / "log.csv");
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 3);  // header and two epochs
  CHECK_THAT(csv, Contains("train_verification") && Contains("validation_w_ssim"));
  const std::string lines = content(run / "log.jsonl");
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 2);
  for (const char* name : {"last.safetensors", "last.json", "best.safetensors", "best.json"}) {
    CHECK(fs::exists(run / "checkpoints" / name));
  }
}

TEST_CASE("training stops early when validation no longer gains", "[model][train]") {
  TrainConfig config = toy_config();
  config.optimiser.learning_rate = 1e-8;  // nothing moves but the running means
  config.budget.image_exposures = 40 * 200;
  config.budget.early_stop_epochs = 3;
  const RunFolder folder;
  const TrainResult result = train(request(config, folder.at("run")), toy_data());
  CHECK(result.stopped_by == "early-stop");
  CHECK(static_cast<int>(result.history.size()) == result.best_epoch + 3);
}

TEST_CASE("unusable training data is refused with row and value", "[model][train]") {
  const RunFolder folder;
  const TrainRequest r = request(toy_config(), folder.at("run"));
  TrainingData data = toy_data();
  data.images[static_cast<std::size_t>(5 * kImagePixels + 70)] =
      std::numeric_limits<float>::quiet_NaN();
  // Row 5 is a validation row; pixel 70 is the second row's sixth.
  CHECK_THROWS_WITH(train(r, data), Contains("row 5") && Contains("(1, 6)") && Contains("nan"));
  data = toy_data();
  data.posture[0] = 5;
  CHECK_THROWS_WITH(train(r, data), Contains("row 0") && Contains("posture"));
  data = toy_data();
  data.validation_rows.push_back(data.train_rows[0]);
  CHECK_THROWS_WITH(train(r, data), Contains("twice"));
  data = toy_data();
  data.train_rows.push_back(100000);
  CHECK_THROWS_WITH(train(r, data), Contains("row 100000"));
  CHECK_FALSE(fs::exists(folder.at("run")));
}

TEST_CASE("learning rates follow their schedule", "[model][schedule]") {
  OptimiserOptions o;
  o.learning_rate = 1.0;
  o.warmup_fraction = 0.1;
  o.final_fraction = 0.01;
  CHECK(learning_rate_at(o, 0, 100, {}) == Approx(0.1));
  CHECK(learning_rate_at(o, 9, 100, {}) == Approx(1.0));
  CHECK(learning_rate_at(o, 10, 100, {}) == Approx(1.0));
  CHECK(learning_rate_at(o, 99, 100, {}) == Approx(0.01));
  CHECK(learning_rate_at(o, 54, 99, {}) == Approx(0.505));  // half way: (1 + 0.01) / 2
  o.schedule = "restarts";  // cycles of 25 steps, each from 0.9 of the one before
  CHECK(learning_rate_at(o, 0, 100, {}) == Approx(0.1));
  CHECK(learning_rate_at(o, 10, 100, {}) == Approx(1.0));
  CHECK(learning_rate_at(o, 22, 100, {}) == Approx(0.505));
  CHECK(learning_rate_at(o, 34, 100, {}) == Approx(0.01));
  CHECK(learning_rate_at(o, 35, 100, {}) == Approx(0.9));
  CHECK(learning_rate_at(o, 59, 100, {}) == Approx(0.009));
  CHECK(learning_rate_at(o, 60, 100, {}) == Approx(0.81));
  o.schedule = "constant";
  CHECK(learning_rate_at(o, 99, 100, {}) == 1.0);
  o.schedule = "plateau";
  o.plateau_epochs = 2;
  std::vector<EpochRecord> history(6);
  history[0].best = history[1].best = true;  // then four epochs without gain
  CHECK(learning_rate_at(o, 99, 100, history) == Approx(0.25));
}
