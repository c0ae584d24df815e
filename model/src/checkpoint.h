#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "thz/model/network.h"
#include "thz/model/run.h"

namespace thz::model {

/// What a checkpoint holds besides tensors. Sampler and generators need no state of their own: the
/// step is their position.
struct RunState {
  std::string config_toml;
  std::string data_sha256;
  std::string split_sha256;
  std::string lpips_sha256;  ///< empty: the term is not used
  int64_t step = 0;
  int64_t image_exposures = 0;
  std::vector<EpochRecord> history;
  // the epoch under way
  int64_t epoch_steps = 0;
  std::map<std::string, double> epoch_loss_sum;
};

/// Writes PATH.safetensors (weights, buffers and, if given, the optimiser's moments; the state as
/// JSON in its metadata, so that one rename replaces everything) and PATH.json (the same JSON, for
/// reading).
void save_checkpoint(const std::filesystem::path& path, const RunState& state, Network& network,
                     torch::optim::AdamW* optimiser);

/// Reads the state alone.
RunState load_state(const std::filesystem::path& path);

/// Reads tensors into a network of the same shape, and into the optimiser if given. Throws
/// InputError that names the file and the tensor that is missing or of another shape.
void load_tensors(const std::filesystem::path& path, Network& network,
                  torch::optim::AdamW* optimiser);

}  // namespace thz::model
