#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "model/run_folder.h"
#include "model/toy_data.h"
#include "thz/io/npy.h"
#include "thz/model/run.h"

// python/example_checkpoint.py by the system's own interpreter, which has Debian's python3-torch.

using namespace thz::model;
using test::RunFolder;
using test::toy_config;
using test::toy_data;

namespace {

namespace fs = std::filesystem;

const std::string kPython = "/usr/bin/python3";

bool has_python_torch() {
  return std::system((kPython + " -c 'import torch, numpy, tomllib' 2>/dev/null").c_str()) == 0;
}

/// Runs the example on a checkpoint; its log.
void run_example(const RunFolder& folder, const std::string& checkpoint, const std::string& out,
                 const std::string& more) {
  const std::string command =
      "PYTHONDONTWRITEBYTECODE=1 OMP_NUM_THREADS=1 PYTHONPATH='" THZ_SOURCE_DIR "/python' " +
      kPython + " '" THZ_SOURCE_DIR "/python/example_checkpoint.py' '" + checkpoint + "' '" +
      folder.at("images.npy") + "' '" + folder.at(out) + "' " + more + " > '" +
      folder.at("log.txt") + "' 2>&1";
  const int status = std::system(command.c_str());
  INFO(test::content(folder.at("log.txt")));
  REQUIRE(status == 0);
}

void check_equal(const std::vector<float>& ours, const std::string& path, double margin) {
  CAPTURE(path);
  const thz::io::NpyFile file(path);
  const std::vector<double> theirs = file.read_rows(0, file.rows());
  REQUIRE(theirs.size() == ours.size());
  double worst = 0.0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    worst = std::max(worst, std::abs(theirs[i] - static_cast<double>(ours[i])));
  }
  CHECK(worst < margin);
}

/// What the run says of the images, against what the example wrote to `out`.
void check_predictions(const std::string& run, const std::vector<float>& images,
                       const RunFolder& folder, const std::string& out) {
  const Predictions ours = Run::load(run, "best", 1).predict(images);
  // Sums of some 1e3 products of order one in float32, in another order at worst.
  check_equal(ours.embeddings, folder.at(out) + "/embeddings.npy", 1e-5);
  check_equal(ours.posture_logits, folder.at(out) + "/posture_logits.npy", 1e-5);
  check_equal(ours.reconstructions, folder.at(out) + "/reconstructions.npy", 1e-5);
}

}  // namespace

TEST_CASE("PyTorch computes from our checkpoint what we do, and we from PyTorch's",
          "[model][python]") {
  if (!has_python_torch()) {
    WARN("skipped: checkpoints in PyTorch (" << kPython << " has no torch)");
    return;
  }
  const TrainingData data = toy_data();
  TrainConfig config = toy_config();
  config.budget.image_exposures = 120;
  const RunFolder folder;
  TrainRequest request;
  request.config = config;
  request.output = folder.at("run");
  request.threads = 1;
  const TrainResult result = train(request, data);
  const std::vector<float> images(data.images.begin(), data.images.begin() + 40 * kImagePixels);
  thz::io::write_npy(folder.at("images.npy"), {40, 64, 64}, images);

  run_example(folder, result.run + "/checkpoints/best.safetensors", "theirs", "");
  check_predictions(result.run, images, folder, "theirs");

  // Weights that PyTorch drew, in a copy of the run.
  fs::copy(result.run, folder.at("other"), fs::copy_options::recursive);
  const std::string redrawn = folder.at("other") + "/checkpoints/best.safetensors";
  fs::remove(redrawn);
  run_example(folder, result.run + "/checkpoints/best.safetensors", "redrawn",
              "--redraw '" + redrawn + "'");
  check_predictions(folder.at("other"), images, folder, "redrawn");
  const Predictions before = Run::load(result.run, "best", 1).predict(images);
  const Predictions after = Run::load(folder.at("other"), "best", 1).predict(images);
  CHECK(before.posture_logits != after.posture_logits);
}
