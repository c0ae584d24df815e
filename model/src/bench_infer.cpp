#include <algorithm>
#include <chrono>
#include <limits>

#include "thz/core/rng.h"
#include "thz/model/bench.h"
#include "thz/model/network.h"
#include "thz/model/run.h"

namespace thz::model {
namespace {

torch::Tensor noise_images(int64_t count) {
  auto images = torch::empty({count, 1, kImageSide, kImageSide});
  Rng rng(1, RngPurpose::kSampler, 0, 78);
  auto* grey = images.data_ptr<float>();
  for (int64_t i = 0; i < images.numel(); ++i) grey[i] = static_cast<float>(rng.uniform());
  return images;
}

template <typename Work>
double shortest_ms(int repeats, const CancelToken* cancel, Work&& work) {
  double best = std::numeric_limits<double>::infinity();
  work();  // makes plans and pages: not counted
  for (int i = 0; i < repeats; ++i) {
    if (cancel != nullptr) cancel->throw_if_requested();
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
    best = std::min(best, time.count());
  }
  return best;
}

}  // namespace

InferenceBench bench_inference(const TrainConfig& config, const std::vector<int64_t>& batches,
                               int repeats, int threads, const CancelToken* cancel) {
  InferenceBench result;
  result.threads = use_threads(threads);
  const torch::NoGradGuard no_grad;
  Network network(config.network);
  initialise(*network, 1);
  network->eval();
  for (const int64_t batch : batches) {
    const auto images = noise_images(batch);
    std::vector<int64_t> rows;
    std::vector<int> postures;
    for (int64_t i = 0; i < batch; ++i) {
      rows.push_back(i);
      postures.push_back(static_cast<int>(i % kPostureCount));
    }
    const auto of_one = 1.0 / static_cast<double>(batch);
    InferenceSpeed speed;
    speed.batch = batch;
    speed.encode_ms = of_one * shortest_ms(repeats, cancel, [&] { network->forward(images); });
    speed.reconstruct_ms = of_one * shortest_ms(repeats, cancel, [&] {
                             network->reconstruct(network->forward(images).encoded, rows, postures);
                           });
    result.speeds.push_back(speed);
  }
  return result;
}

}  // namespace thz::model
