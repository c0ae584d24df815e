#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "commands.h"
#include "dataset_commands.h"
#include "program.h"
#include "thz/core/error.h"
#include "thz/data/beam_cache.h"
#include "thz/data/dataset_rows.h"
#include "thz/data/generate.h"
#include "thz/data/plan_table.h"
#include "thz/data/split.h"
#include "thz/io/atomic_file.h"
#include "thz/io/dataset_check.h"
#include "thz/io/dataset_reader.h"
#include "thz/io/split_file.h"

namespace thz::apps {
namespace {

struct GenerateArguments {
  CommonOptions common;
  PlanSource plan;
  std::string shard;
};

struct PathArguments {
  CommonOptions common;
  std::string path;
};

void generate(const GenerateArguments& arguments) {
  const data::Plan plan = load_plan(arguments.plan, arguments.common);
  const data::GenerateReport report = make_dataset(plan, arguments.common, arguments.shard);
  if (report.finished)
    write_splits(report.file, data::fewest_planned_captures(plan), plan.seed, arguments.common);
  print_result(arguments.common,
               {{"finished", report.finished},
                {"file", report.file.string()},
                {"rows", report.rows},
                {"rows_found", report.rows_found},
                {"rows_made", report.rows_made},
                {"missing_rows_first", report.missing_rows_first}},
               data::summary(report));
  if (report.cancelled) throw Cancelled();
}

void verify(const PathArguments& arguments) {
  const auto checks = io::verify_dataset(arguments.path);
  // What is no readable data set at all is a wrong argument, not a data set with a fault.
  if (checks.size() == 1 && !checks.front().ok) throw InputError(checks.front().detail);
  nlohmann::json list = nlohmann::json::array();
  std::string text;
  for (const auto& check : checks) {
    list.push_back({{"name", check.name}, {"ok", check.ok}, {"detail", check.detail}});
    text += fmt::format("{:6} {}: {}\n", check.ok ? "ok" : "FAILED", check.name, check.detail);
  }
  if (!text.empty()) text.pop_back();
  const bool ok = io::all_ok(checks);
  print_result(arguments.common, {{"ok", ok}, {"checks", list}}, text);
  if (!ok) throw CheckFailed{};
}

}  // namespace

data::GenerateReport make_dataset(const data::Plan& plan, const CommonOptions& common,
                                  const std::string& shard) {
  if (common.output.empty()) throw_input("--output is missing: the folder of the data set");
  const int threads = use_openmp_threads(common.threads);
  data::GenerateOptions options;
  options.threads = threads;
  options.rows_per_part = 32;  // what a hard kill can cost: half a minute of work
  options.cancel = &cancel_token();
  choose_shard(shard, common, options);
  data::PlanScene scene = data::load_plan_scene(plan);
  // Before the work, so that an unwritable place is told at once.
  io::make_folder(common.output);
  say(common, "preparing the scene and its grey mapping");
  {
    // Kept in memory, where the rows find it.
    ProgressLine progress("beam", "steps", common.quiet);
    (void)data::aperture_beam(scene.scene.imager, threads, progress.function(), &cancel_token());
  }
  const data::RowMaker maker(plan, std::move(scene), threads, &cancel_token());
  ProgressLine progress("simulating", "images", common.quiet);
  options.progress = progress.function();
  const data::GenerateReport report = data::generate(
      plan, maker.header(), common.output, [&](const data::PlanRow& row) { return maker.row(row); },
      [&](const data::PlanRow& row) { return maker.visible(row); }, options);
  for (const auto& repair : report.repairs) say(common, repair);
  return report;
}

void write_splits(const std::filesystem::path& file, int captures, uint64_t seed,
                  const CommonOptions& common) {
  const io::DatasetReader dataset(file);
  // Each cell (identity, posture, condition) should have a capture to validate and one to test on.
  data::SplitFractions fractions;
  if (captures >= 3) {
    fractions.validation = fractions.test = std::max(0.2, 1.0 / captures);
    fractions.train = 1.0 - fractions.validation - fractions.test;
  }
  for (const char* rule : {"image-disjoint", "identity-disjoint"}) {
    try {
      const auto path = file.parent_path() / (std::string("split-") + rule + ".json");
      io::write_split(path, data::make_split(rule, dataset, seed, fractions));
    } catch (const InputError& e) {
      say(common, fmt::format("no {} split: {}", rule, e.what()));
    }
  }
}

std::filesystem::path new_dataset_file(const CommonOptions& common) {
  if (common.output.empty()) throw_input("--output is missing: the folder of the data set");
  const auto file = std::filesystem::path(common.output) / "dataset.h5";
  if (std::filesystem::exists(file)) {
    throw_input("{}: is there already; choose another folder", file.string());
  }
  io::make_folder(common.output);
  return file;
}

void add_dataset(CLI::App& app) {
  CLI::App* dataset = app.add_subcommand("dataset", "Make, check and look at data sets");
  dataset->require_subcommand(1);

  auto generation = std::make_shared<GenerateArguments>();
  CLI::App* make = dataset->add_subcommand(
      "generate", "Simulate the rows of a plan; an interrupted run is taken up where it was");
  add_plan_source(*make, generation->plan);
  add_mean_heads(*make, generation->plan);
  make->add_option(
      "--shard", generation->shard,
      "i/n: only this share of the parts [SLURM_ARRAY_TASK_ID or RANK and WORLD_SIZE]");
  add_common(*make, generation->common, true, true);
  make->callback([generation] { generate(*generation); });

  const auto add_path_command = [&](const char* name, const char* description,
                                    void (*run)(const PathArguments&)) {
    auto arguments = std::make_shared<PathArguments>();
    CLI::App* command = dataset->add_subcommand(name, description);
    command->add_option("data", arguments->path, "Data set: its folder or file")->required();
    add_common(*command, arguments->common, false, false);
    command->callback([arguments, run] { run(*arguments); });
  };
  add_path_command(
      "verify",
      "Check everything a data set must be; exit 1 if something is wrong, 2 if it is none", verify);
  add_dataset_show(*dataset);
  add_dataset_plan(*dataset);
  add_dataset_import(*dataset);
  add_dataset_export(*dataset);
  add_dataset_merge(*dataset);
  add_dataset_compare(*dataset);
  add_dataset_audit(*dataset);
}

}  // namespace thz::apps
