#pragma once

#include <map>
#include <string>
#include <vector>

#include "thz/core/progress.h"
#include "thz/model/config.h"

/// How fast a training step is, against the published recipe's in the same process.
namespace thz::model {

/// One kind of step, the shortest of several: other work on the machine only ever adds.
struct StepSpeed {
  int64_t images = 0;         ///< a step
  double seconds = 0.0;       ///< wall time of a step
  double cpu_seconds = 0.0;   ///< processor time of a step, all threads
  double images_per_s = 0.0;  ///< by wall time
  /// Multiply-accumulates of the forward pass, three times (forward, and backward to inputs and
  /// weights), twice (a product and a sum), by wall time; 1e9 a second.
  double gflop_per_s = 0.0;
  double peak_memory_mb = 0.0;  ///< resident memory of the process at its most, in its first step
  std::map<std::string, double> share;  ///< of the wall time, by stage; sums to 1
};

struct TrainBench {
  StepSpeed ours;          ///< the trainer's step with `config`
  StepSpeed published;     ///< batch of 64 triplets = 192 images, 256 encodings, 64 reconstructions
  double ratio = 0.0;      ///< ours over published, images a second of wall time
  double cpu_ratio = 0.0;  ///< the same by processor time: what a busy machine cannot change
  int threads = 0;
  std::string precision;
};

/// Steps on noise images of as many people as the batch holds, without LPIPS, taken in turns. The
/// published step is written out plainly: float32, LibTorch's AdamW, its default layout.
/// @param channels_last  layout of our step's maps
TrainBench bench_training(const TrainConfig& config, int repeats, int threads, bool channels_last,
                          const CancelToken* cancel = nullptr);

/// Milliseconds an image of a student in evaluation mode, the shortest of several batches.
struct InferenceSpeed {
  int64_t batch = 0;            ///< images at a time
  double encode_ms = 0.0;       ///< embedding and posture
  double reconstruct_ms = 0.0;  ///< these and the uncovered face
};

struct InferenceBench {
  std::vector<InferenceSpeed> speeds;
  int threads = 0;
};

/// Noise images through an untrained network of these options: what is in them does not matter.
/// In float32, as evaluate and reconstruct have it.
/// @param batches  images at a time, one row of the result each
/// @param repeats  timed batches of each; the shortest counts
/// @param threads  0: as OpenMP has them
InferenceBench bench_inference(const TrainConfig& config, const std::vector<int64_t>& batches,
                               int repeats, int threads, const CancelToken* cancel = nullptr);

}  // namespace thz::model
