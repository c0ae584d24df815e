#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <set>

#include "commands.h"
#include "program.h"
#include "thz/core/error.h"
#include "thz/data/folds.h"
#include "thz/io/atomic_file.h"
#include "thz/model/protocol_run.h"

namespace thz::apps {
namespace {

namespace fs = std::filesystem;

struct ProtocolArguments {
  CommonOptions common;
  std::string name;
  std::string data;
  std::string other;
  std::string budget;
  std::string seeds;
  std::string part = "1/1";
  std::string lpips;
  std::string device = "cpu";
  std::string folder;
  std::string format = "markdown";
  std::string rule;
  int64_t exposures = 0;
  int resamples = 2000;
  bool no_times = false;
  bool drop_checkpoints = false;
};

/// model/protocols/ of the current folder, of the tree this program was built in, or installed
/// beside it.
std::string protocols_folder(const std::string& given) {
  if (!given.empty()) return given;
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (const fs::path& folder : {fs::path("model/protocols"), program / "../../../model/protocols",
                                 program / "../share/thzface/model/protocols"}) {
    if (fs::is_directory(folder, error)) return folder.lexically_normal().string();
  }
  throw_input("model/protocols is neither here nor beside {}; name the folder with --protocols",
              program.string());
}

uint64_t whole_number(const std::string& text, const std::string& option, uint64_t most) {
  const bool digits = !text.empty() && text.size() <= 15 &&
                      text.find_first_not_of("0123456789") == std::string::npos;
  const uint64_t value = digits ? std::stoull(text) : most + 1;
  if (value <= most) return value;
  throw_input("{} has '{}', but whole numbers up to {} are allowed", option, text, most);
}

/// "1,2,7" or "1-5"; empty: the protocol's own.
std::vector<uint64_t> parse_seeds(const std::string& text) {
  constexpr uint64_t kMost = 1'000'000'000;
  std::vector<uint64_t> seeds;
  if (text.empty()) return seeds;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string item = text.substr(begin, end - begin);
    const std::size_t dash = item.find('-');
    const uint64_t first = whole_number(item.substr(0, dash), "--seeds", kMost);
    const uint64_t last =
        dash == std::string::npos ? first : whole_number(item.substr(dash + 1), "--seeds", kMost);
    if (last < first || last - first > 1000) {
      throw_input("--seeds has '{}', but a range of at most 1000 seeds upwards is allowed", item);
    }
    for (uint64_t seed = first; seed <= last; ++seed) seeds.push_back(seed);
    begin = end + 1;
  }
  std::sort(seeds.begin(), seeds.end());
  seeds.erase(std::unique(seeds.begin(), seeds.end()), seeds.end());
  return seeds;
}

std::pair<int, int> parse_part(const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) throw_input("--part is '{}', but must be like 2/3", text);
  const auto part = whole_number(text.substr(0, slash), "--part", 10000);
  const auto parts = whole_number(text.substr(slash + 1), "--part", 10000);
  if (part < 1 || part > parts) throw_input("--part is '{}', but must be like 2/3", text);
  return {static_cast<int>(part), static_cast<int>(parts)};
}

/// A path, or the name of an experiment beside the protocols.
std::string budget_path(const std::string& name, const std::string& protocols) {
  if (name.empty() || io::lower_extension(name) == ".toml") return name;
  const fs::path folder = fs::path(protocols) / ".." / "experiments";
  const fs::path path = (folder / (name + ".toml")).lexically_normal();
  if (fs::exists(path)) return path.string();
  throw_input(
      "there is no budget '{}' ({} is missing); desk, demo, smoke, base or a path are allowed",
      name, path.string());
}

bool needs_two_data_sets(const model::Protocol& protocol) {
  return std::any_of(protocol.rules.begin(), protocol.rules.end(),
                     [](const model::ProtocolRule& r) { return r.rule == "cross-generator"; });
}

model::LearningData load_data(const ProtocolArguments& a, model::ProtocolRequest& request) {
  const bool two = needs_two_data_sets(request.protocol);
  if (two == a.other.empty()) {
    throw_input(two ? "{} needs a second data set of another generator: --other DATA"
                    : "{} takes one data set; --other is for cross-generator",
                request.protocol.name);
  }
  model::LearningData data = model::load_learning_data(a.data);
  request.data_name = a.data;
  if (!two) return data;
  const model::LearningData other = model::load_learning_data(a.other);
  request.data_name = a.data + " and " + a.other;
  request.generator.assign(data.columns.rows, 0);
  request.generator.insert(request.generator.end(), other.columns.rows, 1);
  return model::joined(std::move(data), other);
}

void make_splits(const ProtocolArguments& a, const model::LearningData& data,
                 model::ProtocolRequest& request) {
  const data::SplitRows rows = {request.data_name, data.training.data_sha256, data.columns};
  for (const model::ProtocolRule& rule : request.protocol.rules) {
    if (!a.rule.empty() && rule.rule != a.rule) continue;
    data::FoldOptions options;
    options.folds = rule.folds;
    options.subjects = rule.subjects;
    options.validation_fraction = rule.validation_fraction;
    options.fractions = {rule.train, rule.validation, rule.test};
    for (data::NamedSplit& split : data::make_protocol_splits(
             rule.rule, rows, options, request.split_seed, request.generator)) {
      const bool plain = split.group == rule.rule;
      request.splits.push_back({split.group, plain ? rule.title : rule.title + ", " + split.group,
                                data::tests_other_persons(rule.rule), split.name,
                                std::move(split.split)});
    }
  }
  if (!request.splits.empty()) return;
  std::string rules;
  for (const model::ProtocolRule& rule : request.protocol.rules) {
    rules += (rules.empty() ? "" : ", ") + rule.rule;
  }
  throw_input("{} has no split rule '{}'; allowed are {}", request.protocol.name, a.rule, rules);
}

/// One line a unit, and a bar over the images of all of them.
class RunProgress {
 public:
  explicit RunProgress(const CommonOptions& common)
      : common_(common), line_("protocol", "images", common.quiet) {}

  void operator()(const model::ProtocolProgress& p) {
    const std::string at = fmt::format("{} of {}: {}", p.unit, p.units, p.name);
    if (p.finished_unit && !common_.json) say(common_, at + ": finished");
    // A line that is full is shown once.
    if (shown_ == p.exposures_total && p.exposures_done == p.exposures_total) return;
    shown_ = p.exposures_done;
    line_.show(static_cast<std::size_t>(p.exposures_done),
               static_cast<std::size_t>(p.exposures_total), at + ", " + p.doing);
  }

 private:
  const CommonOptions& common_;
  ProgressLine line_;
  int64_t shown_ = -1;
};

void write_tables(const fs::path& folder, const eval::ResultsTable& table) {
  io::write_file(folder / "table.md", eval::to_markdown(table));
  io::write_file(folder / "table.csv", eval::to_csv(table));
  io::write_file(folder / "table.tex", eval::to_latex(table));
}

void run(const ProtocolArguments& a) {
  if (a.data.empty() || a.common.output.empty()) {
    throw_input("protocol run needs NAME, --data DATASET and --output DIR");
  }
  if (std::getenv("WORLD_SIZE") != nullptr) {
    throw_input("WORLD_SIZE is set; machines share a protocol by --part i/n, a network each");
  }
  const std::string protocols = io::lower_extension(a.name) == ".toml"
                                    ? fs::path(a.name).parent_path().string()
                                    : protocols_folder(a.folder);
  model::ProtocolRequest request;
  request.protocol = model::load_protocol(model::find_protocol(a.name, protocols));
  request.budget = budget_path(a.budget, protocols);
  request.exposures = a.exposures;
  request.seeds = parse_seeds(a.seeds);
  request.split_seed = a.common.seed.value_or(1);
  std::tie(request.part, request.parts) = parse_part(a.part);
  request.output = a.common.output;
  request.device = a.device;
  request.threads = a.common.threads;
  request.keep_checkpoints = !a.drop_checkpoints;
  request.cancel = &cancel_token();
  const char* weights = std::getenv("THZ_LPIPS_WEIGHTS");
  request.lpips_weights = !a.lpips.empty() ? a.lpips : weights != nullptr ? weights : "";
  model::LearningData data = load_data(a, request);
  make_splits(a, data, request);
  model::ProtocolOutcome outcome;
  {
    RunProgress progress(a.common);
    request.progress = [&progress](const model::ProtocolProgress& p) { progress(p); };
    outcome = model::run_protocol(request, data);
  }
  const nlohmann::json json = {{"schema", "thzface-protocol-outcome/1"},
                               {"protocol", request.protocol.name},
                               {"output", request.output},
                               {"units", outcome.units},
                               {"finished", outcome.finished},
                               {"made", outcome.made}};
  if (outcome.finished < outcome.units) {
    print_result(a.common, json,
                 fmt::format("{}: {} of {} units are finished", request.output, outcome.finished,
                             outcome.units));
    return;
  }
  model::ProtocolTableOptions options;
  options.threads = a.common.threads;
  const eval::ResultsTable table = model::protocol_table(request.output, options);
  write_tables(request.output, table);
  print_result(a.common, json, a.common.json ? "" : eval::to_markdown(table));
}

void print_table(const ProtocolArguments& a) {
  model::ProtocolTableOptions options;
  options.resamples = a.resamples;
  options.seed = a.common.seed.value_or(1);
  options.threads = a.common.threads;
  options.times = !a.no_times;
  const eval::ResultsTable table = model::protocol_table(a.name, options);
  std::string text = a.format == "csv"     ? eval::to_csv(table)
                     : a.format == "latex" ? eval::to_latex(table)
                                           : eval::to_markdown(table);
  if (!a.common.output.empty()) {
    io::write_file(a.common.output, text);
    text = a.common.output;
  } else if (!text.empty() && text.back() == '\n') {
    text.pop_back();
  }
  print_result(a.common, {{"format", a.format}, {"table", text}}, text);
}

void list(const ProtocolArguments& a) {
  nlohmann::json json = nlohmann::json::array();
  std::string text = fmt::format("  {:<26}{:>9}{:>7}  {}\n", "", "variants", "seeds", "");
  for (const std::string& file : model::protocol_files(protocols_folder(a.folder))) {
    const model::Protocol p = model::load_protocol(file);
    nlohmann::json rules = nlohmann::json::array();
    for (const model::ProtocolRule& rule : p.rules) rules.push_back(rule.rule);
    json.push_back({{"name", p.name},
                    {"title", p.title},
                    {"file", file},
                    {"splits", rules},
                    {"variants", p.variants.size()},
                    {"seeds", p.seeds},
                    {"columns", p.columns}});
    text +=
        fmt::format("  {:<26}{:>9}{:>7}  {}\n", p.name, p.variants.size(), p.seeds.size(), p.title);
  }
  if (!text.empty()) text.pop_back();
  print_result(a.common, {{"protocols", json}}, text);
}

void add_run(CLI::App& app) {
  auto a = std::make_shared<ProtocolArguments>();
  CLI::App* command = app.add_subcommand(
      "run", "Train and judge every split, variant and seed; goes on where it stopped");
  command->add_option("name", a->name, "Protocol (see `protocol list`), or its TOML file")
      ->required();
  command->add_option("--data", a->data, "Data set: its folder or file");
  command->add_option("--other", a->other, "Second data set, of cross-generator");
  command->add_option("--budget", a->budget,
                      "Experiment that sets width and steps: base, desk, demo, smoke or a file "
                      "[the protocol's]");
  command->add_option("--exposures", a->exposures, "Images shown to each network [the budget's]")
      ->check(CLI::Range(int64_t{1}, int64_t{1'000'000'000}));
  command->add_option("--seeds", a->seeds, "Seeds of training: 1,2,3 or 1-5 [the protocol's]");
  command->add_option("--rule", a->rule, "One of the protocol's split rules alone [all]");
  command->add_option("--part", a->part, "i/n: an nth of the units, of each kind some [1/1]");
  command->add_option("--lpips", a->lpips,
                      "LPIPS weights (HDF5, lpips-squeeze/1) [$THZ_LPIPS_WEIGHTS, else no LPIPS]");
  command->add_option("--device", a->device, "cpu, cuda or auto [cpu]")
      ->check(CLI::IsMember({"cpu", "cuda", "auto"}));
  command->add_flag("--drop-checkpoints", a->drop_checkpoints,
                    "Keep no weights once a network is judged");
  command->add_option("--protocols", a->folder, "Folder of protocols [model/protocols]");
  add_common(*command, a->common, true, true);
  command->get_option("--seed")->description("Seed of the splits [1]; --seeds are the networks'");
  command->callback([a] { run(*a); });
}

void add_table(CLI::App& app) {
  auto a = std::make_shared<ProtocolArguments>();
  CLI::App* command =
      app.add_subcommand("table", "The table of what is finished in a protocol's folder");
  command->add_option("folder", a->name, "Output folder of `protocol run`")->required();
  command->add_option("--format", a->format, "csv, markdown or latex [markdown]")
      ->check(CLI::IsMember({"csv", "latex", "markdown"}));
  command->add_option("--resamples", a->resamples, "Bootstrap resamples [2000]")
      ->check(CLI::Range(100, 1000000));
  command->add_flag("--no-times", a->no_times, "Leave wall times out: equal runs, equal tables");
  add_common(*command, a->common, true, true);
  command->callback([a] { print_table(*a); });
}

void add_list(CLI::App& app) {
  auto a = std::make_shared<ProtocolArguments>();
  CLI::App* command = app.add_subcommand("list", "The protocols that there are");
  command->add_option("--protocols", a->folder, "Folder of protocols [model/protocols]");
  add_common(*command, a->common, false, false);
  command->callback([a] { list(*a); });
}

}  // namespace

void add_protocol(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "protocol", "The published studies: splits, variants, seeds, and their tables");
  command->require_subcommand(1);
  add_run(*command);
  add_table(*command);
  add_list(*command);
}

}  // namespace thz::apps
