#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "model/run_folder.h"
#include "model/toy_data.h"
#include "thz/core/error.h"
#include "thz/io/safetensors.h"
#include "thz/model/alignment_of.h"
#include "thz/model/run.h"

// Whole runs: with a teacher, from another run's weights, on two processes.

using namespace thz::model;
using Catch::Contains;
using test::check_same_weights;
using test::RunFolder;
using test::toy_config;
using test::toy_data;

namespace {

TrainConfig config_with_teacher() {
  TrainConfig config = toy_config();
  config.teacher.kind = "trained";
  config.teacher.projection_size = 32;
  config.augmentation = "medium";
  config.network.dropout = 0.3;
  config.budget.image_exposures = 240;
  return config;
}

TrainRequest request_of(const TrainConfig& config, const std::string& output) {
  TrainRequest r;
  r.config = config;
  r.output = output;
  r.threads = 1;
  return r;
}

// Any port that is free now.
int free_port() {
  const int s = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(bind(s, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  socklen_t length = sizeof address;
  getsockname(s, reinterpret_cast<sockaddr*>(&address), &length);
  close(s);
  return ntohs(address.sin_port);
}

// What both the one process and the two compute. No dropout: its masks differ between them.
TrainConfig shared_config() {
  TrainConfig config = config_with_teacher();
  config.network.dropout = config.teacher.dropout = 0.0;
  config.batch.identities = 3;
  config.budget.image_exposures = 3 * 30;  // three steps
  config.optimiser.learning_rate = 1e-4;
  config.optimiser.schedule = "constant";
  config.optimiser.warmup_fraction = 0.0;
  return config;
}

// Length of the difference of all tensors whose names begin so, over the length of them all.
double relative_difference(const std::string& a, const std::string& b, const std::string& prefix) {
  const auto x = thz::io::read_safetensors(a + "/checkpoints/last.safetensors");
  const auto y = thz::io::read_safetensors(b + "/checkpoints/last.safetensors");
  REQUIRE(x.tensors.size() == y.tensors.size());
  double difference = 0.0, length = 0.0;
  for (const auto& [name, tensor] : x.tensors) {
    if (name.rfind(prefix, 0) != 0) continue;
    if (!std::holds_alternative<std::vector<float>>(tensor.values)) continue;
    const auto& other = y.at(name).floats();
    REQUIRE(other.size() == tensor.floats().size());
    for (std::size_t i = 0; i < other.size(); ++i) {
      const double value = tensor.floats()[i];
      difference += (value - other[i]) * (value - other[i]);
      length += value * value;
    }
  }
  return std::sqrt(difference / length);
}

// By row numbers of the data set, against the same features measured by hand.
void check_alignment(const Run& run, TrainingData data, const AlignmentFeatures& all) {
  using thz::eval::MatrixF;
  data.visible_index[1] = -1;
  const TeacherAlignment found = alignment_of(run, data, {0, 1, 6, 30, 31, 60, 90, 119});
  CHECK(found.rows == 7);
  CHECK(found.identities == 4);
  MatrixF student(7, all.latent_size), teacher(7, all.latent_size);
  int place = 0;
  for (const int row : {0, 6, 30, 31, 60, 90, 119}) {
    student.row(place) = Eigen::Map<const MatrixF>(
        all.student_latent.data() + row * all.latent_size, 1, all.latent_size);
    teacher.row(place++) = Eigen::Map<const MatrixF>(
        all.teacher_latent.data() + row * all.latent_size, 1, all.latent_size);
  }
  // The batch is another one: convolutions round differently in the seventh digit.
  CHECK(found.latent.cka == Approx(thz::eval::linear_cka(student, teacher)).epsilon(1e-4));
  CHECK(found.latent.cosine == Approx(thz::eval::mean_row_cosine(student, teacher)).margin(1e-5));
  CHECK(found.projection.retrieval_at_5 == 1.0);  // of four
  CHECK(found.projection.cka != found.latent.cka);
  CHECK_THROWS_WITH(alignment_of(run, data, {0, 1, 6}), Contains("2 of 3 rows"));
  CHECK_THROWS_WITH(alignment_of(run, data, {0, 120, 6}), Contains("120 rows"));
}

}  // namespace

TEST_CASE("a run with a teacher learns, aligns and needs no teacher at inference",
          "[model][train][teacher]") {
  const TrainingData data = toy_data();
  TrainConfig config = config_with_teacher();
  config.augmentation = "none";
  config.budget.image_exposures = 800;
  const RunFolder folder;
  const TrainResult result = train(request_of(config, folder.at("run")), data);
  const auto& first = result.history.front().train_loss;
  const auto& last = result.history.back().train_loss;
  for (const char* name : {"teacher_verification", "teacher_posture", "feature", "posture"}) {
    CAPTURE(name);
    CHECK(last.at(name) < first.at(name));
  }
  const Run run = Run::load(result.run, "last", 1);
  CHECK(run.predict(data.images).count == data.rows());
  std::vector<float> visible;
  for (int64_t row = 0; row < data.rows(); ++row) {
    visible.insert(visible.end(), data.visible(row), data.visible(row) + kImagePixels);
  }
  const AlignmentFeatures f = run.align(data.images, visible);
  CHECK(f.count == data.rows());
  CHECK(f.projection_size == 32);
  CHECK(f.latent_size == 64);
  CHECK(f.student_projection.size() == static_cast<std::size_t>(f.count * 32));
  CHECK(f.teacher_latent.size() == static_cast<std::size_t>(f.count * 64));
  check_alignment(run, data, f);
  // The student's parameters alone: the paper's student and ours have the same.
  TrainConfig alone = config;
  alone.teacher.kind = "none";
  alone.budget.image_exposures = 40;
  const TrainResult other = train(request_of(alone, folder.at("alone")), data);
  CHECK(other.parameters == result.parameters);
  CHECK_THROWS_WITH(Run::load(other.run, "last", 1).align(data.images, visible),
                    Contains("without a teacher"));
}

TEST_CASE("a run with a teacher is resumed to identical weights, teacher and moments included",
          "[model][train][teacher]") {
  const TrainingData data = toy_data();
  const TrainConfig config = config_with_teacher();
  const RunFolder folder;
  train(request_of(config, folder.at("whole")), data);
  thz::CancelToken cancel;
  TrainRequest interrupted = request_of(config, folder.at("parts"));
  interrupted.cancel = &cancel;
  interrupted.progress = [&](const TrainProgress& p) {
    if (p.step == 3) cancel.request();
  };
  CHECK_THROWS_AS(train(interrupted, data), thz::Cancelled);
  ResumeRequest again;
  again.run = folder.at("parts");
  again.threads = 1;
  resume(again, data);
  check_same_weights(folder.at("whole"), folder.at("parts"));
  const auto file = thz::io::read_safetensors(folder.at("parts") + "/checkpoints/last.safetensors");
  CHECK(file.tensors.count("teacher.fusion.visible_asks.query.weight") == 1);
  CHECK(file.tensors.count("optimiser.teacher.fusion.visible_asks.query.weight.exp_avg") == 1);
}

TEST_CASE("a run can begin with another run's weights", "[model][train]") {
  const TrainingData data = toy_data();
  TrainConfig config = toy_config();
  config.budget.image_exposures = 200;
  const RunFolder folder;
  train(request_of(config, folder.at("first")), data);
  config.init = folder.at("first");
  config.optimiser.learning_rate = 1e-8;  // stays where it begins
  config.budget.image_exposures = 40;
  config.optimiser.weight_decay = 0.0;
  train(request_of(config, folder.at("second")), data);
  const auto a = thz::io::read_safetensors(folder.at("first") + "/checkpoints/best.safetensors");
  const auto b = thz::io::read_safetensors(folder.at("second") + "/checkpoints/last.safetensors");
  const auto& before = a.at("model.decoders.2.leave.weight").floats();
  const auto& after = b.at("model.decoders.2.leave.weight").floats();
  for (std::size_t i = 0; i < before.size(); ++i) CHECK(std::abs(after[i] - before[i]) < 1e-6f);
  CHECK_THAT(test::content(folder.at("second") + "/run.json"), Contains("init_sha256"));
  config.network.base_channels = 12;
  CHECK_THROWS_WITH(train(request_of(config, folder.at("third")), data), Contains("shape"));
  config.init = folder.at("nowhere");
  CHECK_THROWS_AS(train(request_of(config, folder.at("fourth")), data), thz::InputError);
}

TEST_CASE("a run that blows up names step and rows and keeps its last good checkpoint",
          "[model][train]") {
  const TrainingData data = toy_data();
  TrainConfig config = toy_config();
  config.optimiser.learning_rate = 1e30;  // sums of such weights are beyond float
  config.optimiser.schedule = "constant";
  config.optimiser.warmup_fraction = 0.0;
  const RunFolder folder;
  CHECK_THROWS_WITH(train(request_of(config, folder.at("run")), data),
                    Contains("step 1") && Contains("rows") && Contains("checkpoints/last"));
  CHECK_THAT(test::content(folder.at("run") + "/run.json"), Contains("failed: "));
  const auto last = thz::io::read_safetensors(folder.at("run") + "/checkpoints/last.safetensors");
  CHECK(last.tensors.count("model.posture.weight") == 1);
  for (const auto& [name, tensor] : last.tensors) {
    if (!std::holds_alternative<std::vector<float>>(tensor.values)) continue;
    CAPTURE(name);
    const auto& values = tensor.floats();
    CHECK(std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); }));
  }
}

TEST_CASE("the published step runs as a setting", "[model][train]") {
  TrainConfig config = toy_config();
  config.batch.kind = "triplets";
  config.batch.triplets = 8;
  config.batch.labels = "triplet";
  config.batch.encode = "published";
  config.budget.image_exposures = 480;
  const RunFolder folder;
  const TrainResult result = train(request_of(config, folder.at("run")), toy_data());
  CHECK(result.history.back().train_loss.at("total") <
        result.history.front().train_loss.at("total"));
}

// Started by the case below, twice, with RANK and WORLD_SIZE in the environment.
TEST_CASE("one of two processes", "[.worker]") {
  train(request_of(shared_config(), std::getenv("THZ_TEST_RUN")), toy_data());
}

TEST_CASE("two processes take the steps of one with the whole batch", "[model][train][processes]") {
  const RunFolder folder;
  train(request_of(shared_config(), folder.at("one")), toy_data());
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  const auto start = [&](int rank) {
    return "RANK=" + std::to_string(rank) + " '" + self + "' '[.worker]' > '" +
           folder.at("log" + std::to_string(rank)) + "' 2>&1";
  };
  const std::string command =
      "export WORLD_SIZE=2 MASTER_ADDR=127.0.0.1 MASTER_PORT=" + std::to_string(free_port()) +
      " THZ_TEST_RUN='" + folder.at("two") + "'; " + start(0) + " & a=$!; " + start(1) +
      " || exit 1; wait $a";
  const int status = std::system(command.c_str());
  INFO(test::content(folder.at("log0")));
  INFO(test::content(folder.at("log1")));
  REQUIRE(status == 0);
  CHECK_THAT(test::content(folder.at("two") + "/run.json"), Contains("\"processes\": 2"));
  // Three steps, each to 1e-5: statistics and gradients are the same sums in another order. Single
  // weights may differ by more, where AdamW divides a gradient that is rounding by its own length.
  for (const char* prefix : {"model.", "teacher.", "optimiser."}) {
    CAPTURE(prefix);
    CHECK(relative_difference(folder.at("one"), folder.at("two"), prefix) < 3e-5);
  }
}
