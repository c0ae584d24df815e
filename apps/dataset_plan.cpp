// dataset plan, and how plans and shares of the work are named on the command line.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>

#include "dataset_commands.h"
#include "thz/core/error.h"
#include "thz/data/plan_table.h"
#include "thz/io/atomic_file.h"

namespace thz::apps {
namespace {

namespace fs = std::filesystem;

struct PlanArguments {
  CommonOptions common;
  PlanSource plan;
  bool no_estimate = false;
};

constexpr const char* kPlanFile = "plan.toml";
constexpr const char* kRowsFile = "rows.csv";

/// A path of a plan as seen from another folder; what is no relative path stays.
std::string seen_from(const std::string& path, const std::string& plan_folder,
                      const fs::path& folder) {
  if (path.empty() || path.front() == '$' || fs::path(path).is_absolute()) return path;
  const fs::path whole = fs::absolute(fs::path(plan_folder) / path);
  return fs::relative(whole, fs::absolute(folder)).string();
}

void plan(const PlanArguments& a) {
  if (a.common.output.empty()) throw_input("--output is missing: the folder of the plan");
  const int threads = use_openmp_threads(a.common.threads);
  data::Plan plan = load_plan(a.plan, a.common);
  (void)data::load_plan_scene(plan);
  const fs::path folder = a.common.output;
  for (const char* name : {kPlanFile, kRowsFile}) {
    if (fs::exists(folder / name)) {
      throw_input("{}: is there already; choose another folder", (folder / name).string());
    }
  }
  nlohmann::json result = {{"rows", plan.num_rows()}, {"visible_rows", plan.num_visible()}};
  std::string text = fmt::format("{} rows and {} visible pictures in {}", plan.num_rows(),
                                 plan.num_visible(), (folder / kRowsFile).string());
  if (!a.no_estimate) {
    say(a.common, "timing a few rows");
    const data::PlanEstimate e = data::estimate_plan(plan, threads, &cancel_token());
    result["estimate"] = {{"threads", threads},       {"minutes", e.minutes},
                          {"gigabytes", e.gigabytes}, {"prepare_s", e.prepare_s},
                          {"bare_s", e.bare_s},       {"concealed_s", e.concealed_s},
                          {"visible_s", e.visible_s}};
    text += fmt::format(
        "\nabout {:.2g} minutes on {} threads of an otherwise idle machine, {:.2g} GB (twice that "
        "while "
        "the file is joined)",
        e.minutes, threads, e.gigabytes);
  }
  io::make_folder(folder);
  io::write_file(folder / kRowsFile, data::plan_table_csv(plan));
  plan.scene = seen_from(plan.scene, plan.folder, folder);
  if (plan.head != "parametric") plan.head = seen_from(plan.head, plan.folder, folder);
  io::write_file(folder / kPlanFile, data::plan_with_rows_toml(plan, kRowsFile));
  result["files"] = {kPlanFile, kRowsFile};
  print_result(a.common, result,
               text + fmt::format("\nthzface dataset generate {} --output DATA makes them",
                                  (folder / kPlanFile).string()));
}

/// A whole number of the environment; nothing if it is not set. @throws InputError.
std::optional<int> environment_number(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr || *text == '\0') return std::nullopt;
  int value = 0, used = 0;
  if (std::sscanf(text, "%9d%n", &value, &used) != 1 || text[used] != '\0' || value < 0) {
    throw_input("{} is '{}', but must be a whole number; --shard i/n says it instead", name, text);
  }
  return value;
}

struct Shard {
  int index = 0;
  int count = 1;
  std::string source;
};

/// Task ids of a Slurm array run from MIN to MAX in equal steps.
std::optional<Shard> slurm_shard() {
  const auto id = environment_number("SLURM_ARRAY_TASK_ID");
  if (!id) return std::nullopt;
  const auto count = environment_number("SLURM_ARRAY_TASK_COUNT");
  const auto first = environment_number("SLURM_ARRAY_TASK_MIN");
  const auto last = environment_number("SLURM_ARRAY_TASK_MAX");
  if (!count || !first || !last) {
    throw_input(
        "SLURM_ARRAY_TASK_ID is set, but not SLURM_ARRAY_TASK_COUNT, _MIN and _MAX; say --shard "
        "i/n");
  }
  const int steps = *count - 1;
  const int step = steps > 0 ? (*last - *first) / steps : 1;
  const bool even = *count > 0 && step > 0 && *first + steps * step == *last && *id >= *first &&
                    *id <= *last && (*id - *first) % step == 0;
  if (!even) {
    throw_input(
        "the Slurm array's task ids ({} of {} to {}, {} tasks) are not evenly spaced; say --shard "
        "i/n",
        *id, *first, *last, *count);
  }
  return Shard{(*id - *first) / step, *count, "SLURM_ARRAY_TASK_ID"};
}

std::optional<Shard> launcher_shard() {
  const auto rank = environment_number("RANK");
  const auto size = environment_number("WORLD_SIZE");
  if (!rank || !size) return std::nullopt;
  if (*rank >= *size) throw_input("RANK is {}, but WORLD_SIZE is {}", *rank, *size);
  return Shard{*rank, *size, "RANK and WORLD_SIZE"};
}

}  // namespace

void choose_shard(const std::string& text, const CommonOptions& common,
                  data::GenerateOptions& options) {
  if (text.empty()) {
    auto shard = slurm_shard();
    if (!shard) shard = launcher_shard();
    if (!shard) return;
    options.shard = shard->index;
    options.shards = shard->count;
    say(common, fmt::format("shard {}/{} by {}", shard->index, shard->count, shard->source));
    return;
  }
  int used = 0;
  if (std::sscanf(text.c_str(), "%d/%d%n", &options.shard, &options.shards, &used) != 2 ||
      static_cast<std::size_t>(used) != text.size() || options.shards < 1 || options.shard < 0 ||
      options.shard >= options.shards) {
    throw_input("--shard is '{}', but must be i/n with 0 <= i < n", text);
  }
}

void add_plan_source(CLI::App& command, PlanSource& source) {
  command.add_option("plan", source.file,
                     "Plan: a TOML file (docs/formats/dataset.md), or the folder of dataset plan");
  command.add_option("--preset", source.preset, "A built-in plan instead");
  command.add_option("--identities", source.identities, "People, instead of the plan's number")
      ->check(CLI::Range(1, 1000000));
}

void add_mean_heads(CLI::App& command, PlanSource& source) {
  command.add_flag("--mean-heads", source.mean_heads,
                   "Everybody has the mean head: what dataset audit judges");
}

data::Plan load_plan(const PlanSource& source, const CommonOptions& common) {
  if (source.file.empty() == source.preset.empty()) {
    throw_input("give either a plan file or --preset, one of: {}",
                fmt::format("{}", fmt::join(data::preset_plan_names(), ", ")));
  }
  fs::path file = source.file;
  if (fs::is_directory(file)) file /= kPlanFile;
  if (file.extension() == ".csv") file = file.parent_path() / kPlanFile;
  data::Plan plan =
      source.preset.empty() ? data::read_plan(file.string()) : data::preset_plan(source.preset);
  if (common.seed) plan.seed = *common.seed;
  if (source.mean_heads) plan.mean_heads = true;
  if (source.identities > 0) {
    if (!plan.table.empty()) {
      throw_input("--identities is given, but {} has its rows written out", file.string());
    }
    plan.identities = source.identities;
  }
  return plan;
}

void add_dataset_plan(CLI::App& dataset) {
  auto a = std::make_shared<PlanArguments>();
  CLI::App* command = dataset.add_subcommand(
      "plan", "Write a plan's rows as a table to read and edit, and what making them will take");
  add_plan_source(*command, a->plan);
  add_mean_heads(*command, a->plan);
  command->add_flag("--no-estimate", a->no_estimate, "Do not time a few rows");
  add_common(*command, a->common, true, true);
  command->callback([a] { plan(*a); });
}

}  // namespace thz::apps
