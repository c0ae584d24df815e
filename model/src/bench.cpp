#include "thz/model/bench.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fstream>
#include <functional>
#include <utility>

#include "precision.h"
#include "thz/core/rng.h"
#include "thz/model/memory.h"
#include "trainer.h"

namespace thz::model {
namespace {

constexpr int kTriplets = 64;
constexpr double kFlopPerMultiplication = 2.0 * 3.0;

double process_cpu_s() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// Linux starts the maximum anew when 5 is written there.
void forget_peak_memory() { std::ofstream("/proc/self/clear_refs") << "5"; }

double peak_memory_mb() {
  std::ifstream status("/proc/self/status");
  std::string word;
  double kilobytes = 0.0;
  while (status >> word) {
    if (word == "VmHWM:") status >> kilobytes;
  }
  return kilobytes / 1024.0;
}

// Grey noise: the time of a step does not depend on what is in the pictures.
TrainingData noise_data(int identities) {
  TrainingData data;
  for (int identity = 0; identity < identities; ++identity) {
    for (int posture = 0; posture < kPostureCount; ++posture) {
      for (int concealed = 0; concealed < 2; ++concealed) {
        data.train_rows.push_back(data.rows());
        data.visible_index.push_back(data.rows());
        data.identity.push_back(identity);
        data.posture.push_back(posture);
        data.concealed.push_back(concealed);
      }
    }
  }
  Rng rng(1, RngPurpose::kSampler, 0, 77);
  data.images.resize(static_cast<std::size_t>(data.rows() * kImagePixels));
  for (float& grey : data.images) grey = static_cast<float>(rng.uniform());
  data.visible_images = data.images;
  return data;
}

/// How many images a step of so many encodes and decodes, by all networks.
std::pair<double, double> passes_of(const TrainConfig& config, double images) {
  const bool triplets = config.batch.kind == "triplets";
  double encoded = config.teacher.in_use() ? 2.0 * images : images;
  if (config.batch.encode == "published") encoded += images / 3.0;  // the anchors again
  double decoded = 0.5 * images;                                    // of one condition
  if (triplets) decoded = images / 3.0;
  if (config.loss.reconstruct == "all") decoded = images;
  return {encoded, config.loss.reconstruction > 0.0 ? decoded : 0.0};
}

// The published step with nothing of ours that makes it faster.
class PublishedStep {
 public:
  PublishedStep(const TrainConfig& config, const TrainingData& data)
      : config_(config),
        data_(data),
        sampler_(data, data.train_rows, config.batch, "concealed", 1),
        network_(config.network),
        optimiser_(network_->parameters(), torch::optim::AdamWOptions(1e-4).weight_decay(1e-4)) {
    initialise(*network_, 1);
    network_->encoder->layer_by_layer = true;
  }

  int64_t step() {
    const int64_t number = sampler_.step();
    const BatchTensors batch = load_batch(data_, sampler_.next(), config_, number, {}, torch::kCPU);
    const NetworkOutput said = network_->forward(batch.images);
    const auto made = network_->reconstruct(network_->encoder(batch.images.chunk(3)[0]),
                                            batch.reconstructed, batch.expert);
    const auto total = supervised_contrastive(said.embedding, batch.all_label, 0.07) +
                       smoothed_cross_entropy(said.posture_logits, batch.posture, 0.1) +
                       charbonnier(made, batch.targets, 1e-3) +
                       0.8 * (1.0 - structural_similarity_by_convolution(made, batch.targets));
    optimiser_.zero_grad();
    total.backward();
    torch::nn::utils::clip_grad_norm_(network_->parameters(), 1.0);
    optimiser_.step();
    return batch.images.size(0);
  }

 private:
  TrainConfig config_;
  const TrainingData& data_;
  Sampler sampler_;
  Network network_;
  torch::optim::AdamW optimiser_;
};

class StepTimer {
 public:
  /// The first step makes plans and pages: it is not timed. Its memory is its own, since what other
  /// steps have freed is given back before.
  void begin(const std::function<StepReport()>& step) {
    return_freed_memory();
    forget_peak_memory();
    step();
    speed.peak_memory_mb = peak_memory_mb();
  }
  /// `step` returns its images and, if it knows them, its stages.
  void time(const std::function<StepReport()>& step) {
    const double cpu = process_cpu_s();
    const auto start = std::chrono::steady_clock::now();
    const StepReport report = step();
    const double wall =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const bool first = speed.images == 0;
    speed.images = report.images;
    const double used = process_cpu_s() - cpu;
    if (first || used < speed.cpu_seconds) speed.cpu_seconds = used;
    if (!first && wall >= speed.seconds) return;
    speed.seconds = wall;
    speed.images_per_s = static_cast<double>(report.images) / wall;
    for (const auto& [stage, seconds] : report.seconds) speed.share[stage] = seconds / wall;
  }
  StepSpeed speed;
};

}  // namespace

TrainBench bench_training(const TrainConfig& request, int repeats, int threads, bool channels_last,
                          const CancelToken* cancel) {
  TrainBench result;
  result.threads = use_threads(threads);
  TrainConfig config = request;
  config.precision = result.precision = resolved_precision(config.precision, false);
  TrainConfig plain = config;
  plain.precision = "float32";
  plain.batch.kind = "triplets";
  plain.batch.triplets = kTriplets;
  plain.batch.labels = "triplet";
  plain.teacher.kind = "none";
  const TrainingData data = noise_data(std::max(config.batch.identities, 10));
  Trainer trainer(config, data, std::nullopt, {torch::kCPU, nullptr, channels_last});
  PublishedStep published(plain, data);
  StepTimer our_time, published_time;
  const auto our_step = [&] { return trainer.step(1e-5); };
  const auto published_step = [&] {
    StepReport report;
    report.images = published.step();
    return report;
  };
  our_time.begin(our_step);
  published_time.begin(published_step);
  for (int i = 0; i < repeats; ++i) {
    if (cancel != nullptr) cancel->throw_if_requested();
    our_time.time(our_step);
    published_time.time(published_step);
  }
  const NetworkWork work = network_work(config.network);
  const auto rate = [&](StepSpeed& speed, double encodings, double decodings) {
    speed.gflop_per_s = 1e-9 * kFlopPerMultiplication *
                        (encodings * work.encode + decodings * work.decode) / speed.seconds;
  };
  result.ours = our_time.speed;
  result.published = published_time.speed;
  const auto images = static_cast<double>(result.ours.images);
  const auto [encoded, decoded] = passes_of(config, images);
  rate(result.ours, encoded, decoded);
  rate(result.published, 4.0 * kTriplets, kTriplets);
  result.ratio = result.ours.images_per_s / result.published.images_per_s;
  result.cpu_ratio = images / result.ours.cpu_seconds /
                     (static_cast<double>(result.published.images) / result.published.cpu_seconds);
  return result;
}

}  // namespace thz::model
