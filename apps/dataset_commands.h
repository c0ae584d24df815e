#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>

#include "program.h"
#include "thz/data/generate.h"
#include "thz/data/plan.h"

namespace thz::apps {

// The subcommands of `thzface dataset`; each adds itself.
void add_dataset_plan(CLI::App& dataset);
void add_dataset_import(CLI::App& dataset);
void add_dataset_export(CLI::App& dataset);
void add_dataset_merge(CLI::App& dataset);
void add_dataset_show(CLI::App& dataset);
void add_dataset_compare(CLI::App& dataset);
void add_dataset_audit(CLI::App& dataset);

/// Where a plan comes from.
struct PlanSource {
  std::string file;  ///< TOML, the folder it lies in, or the table of rows beside it
  std::string preset;
  int identities = 0;  ///< instead of the plan's; 0: the plan's
  bool mean_heads = false;
};
void add_plan_source(CLI::App& command, PlanSource& source);
void add_mean_heads(CLI::App& command, PlanSource& source);
data::Plan load_plan(const PlanSource& source, const CommonOptions& common);

/// The share of the work: --shard i/n if given, else what a Slurm array (SLURM_ARRAY_TASK_ID and
/// its MIN, MAX, COUNT) or a launcher (RANK, WORLD_SIZE) says, and says so; else all of it.
void choose_shard(const std::string& text, const CommonOptions& common,
                  data::GenerateOptions& options);

/// Makes what is missing of the plan's data set in the --output folder, on `shard` of the work.
/// @throws InputError, Cancelled without output: the caller says what came about.
data::GenerateReport make_dataset(const data::Plan& plan, const CommonOptions& common,
                                  const std::string& shard);

/// Split files beside a finished data set, so that every trainer starts from the same rows.
/// @param captures  of each (identity, posture, condition), the fewest there are
void write_splits(const std::filesystem::path& file, int captures, uint64_t seed,
                  const CommonOptions& common);

/// The data-set file that a command makes in its --output folder.
/// @throws InputError if --output is missing or holds a data set already.
std::filesystem::path new_dataset_file(const CommonOptions& common);

}  // namespace thz::apps
