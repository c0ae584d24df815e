#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>

#include "program.h"

namespace thz::apps {

// The subcommands of `thzface dataset`; each adds itself.
void add_dataset_import(CLI::App& dataset);
void add_dataset_export(CLI::App& dataset);
void add_dataset_merge(CLI::App& dataset);
void add_dataset_show(CLI::App& dataset);
void add_dataset_compare(CLI::App& dataset);

/// Split files beside a finished data set, so that every trainer starts from the same rows.
/// @param captures  of each (identity, posture, condition), the fewest there are
void write_splits(const std::filesystem::path& file, int captures, uint64_t seed,
                  const CommonOptions& common);

/// The data-set file that a command makes in its --output folder.
/// @throws InputError if --output is missing or holds a data set already.
std::filesystem::path new_dataset_file(const CommonOptions& common);

}  // namespace thz::apps
