#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "adamw.h"
#include "thz/model/network.h"
#include "thz/model/run.h"
#include "thz/model/teacher.h"

namespace thz::model {

/// What a checkpoint holds besides tensors. Sampler and generators need no state of their own: the
/// step is their position.
struct RunState {
  std::string config_toml;
  std::string data_sha256;
  std::string split_sha256;
  std::string lpips_sha256;  ///< empty: the term is not used
  std::string init_sha256;   ///< of the checkpoint the weights began with; empty: drawn anew
  int64_t step = 0;
  int64_t image_exposures = 0;
  std::vector<EpochRecord> history;
  // the epoch under way
  int64_t epoch_steps = 0;
  std::map<std::string, double> epoch_loss_sum;
};

/// What the tensors of a checkpoint go to and come from. Without a teacher or optimiser their
/// tensors are neither written nor read.
struct CheckpointParts {
  Network& network;
  Teacher* teacher = nullptr;
  AdamW* optimiser = nullptr;
};

/// Writes PATH.safetensors (weights, buffers and, if given, the optimiser's moments; the state as
/// JSON in its metadata, so that one rename replaces everything) and PATH.json (the same JSON, for
/// reading).
void save_checkpoint(const std::filesystem::path& path, const RunState& state,
                     const CheckpointParts& parts);

/// Reads the state alone.
RunState load_state(const std::filesystem::path& path);

/// Whether the checkpoint holds a teacher.
bool has_teacher(const std::filesystem::path& path);

/// Reads tensors into modules of the same shape, and into the optimiser if given. Throws InputError
/// that names the file and the tensor that is missing or of another shape.
void load_tensors(const std::filesystem::path& path, const CheckpointParts& parts);

}  // namespace thz::model
