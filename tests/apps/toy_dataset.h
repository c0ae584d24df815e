#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "apps/run_program.h"

namespace thz::test {

inline const std::string kExperiments = THZ_SOURCE_DIR "/model/experiments/";

/// The toy faces of the trainer's tests as a data set; `scene` is what it says it was made from.
void write_toys(const std::filesystem::path& path, int identities, int captures, bool visible,
                uint64_t seed = 7, const std::string& scene = "");

/// A split of them beside the data set, where train looks for it: of each person's captures of a
/// posture and condition the first trains, the second validates, the third tests, and so on.
void write_toy_split(const std::filesystem::path& dataset);

/// tiny.toml, an experiment as small as training can be: does the way work, not how well.
void write_tiny_budget(const Scratch& scratch);

}  // namespace thz::test
