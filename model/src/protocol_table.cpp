#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "protocol_units.h"
#include "thz/core/error.h"
#include "thz/core/one_line.h"
#include "thz/core/sha256.h"
#include "thz/core/version.h"
#include "thz/io/atomic_file.h"
#include "thz/model/protocol_run.h"

namespace thz::model {
namespace {

namespace fs = std::filesystem;
using TableJson = nlohmann::json;
using SplitAndSeed = std::pair<std::string, uint64_t>;

/// Open-set results from fewer identities than this are no headline.
constexpr std::size_t kHeadlineIdentities = 200;

struct GroupOfSplits {
  eval::GroupInput input;
  std::string rule;
  std::vector<std::string> splits;
};

std::string duration_text(double seconds) {
  const auto s = static_cast<int64_t>(seconds + 0.5);
  return s < 60 ? fmt::format("{} s", s) : fmt::format("{} min {:02} s", s / 60, s % 60);
}

/// A protocol's folder as the table reads it.
class FinishedProtocol {
 public:
  FinishedProtocol(const std::string& folder, const ProtocolTableOptions& options)
      : folder_(folder), options_(options) {
    const fs::path settings = folder_ / "protocol.json";
    if (!fs::exists(settings)) {
      throw_input("{}: holds no protocol (no protocol.json in it)", folder);
    }
    json_ = internal::read_json(settings, internal::kRunsSchema);
    const fs::path text = folder_ / "protocol.toml";
    protocol_ = parse_protocol(io::read_file(text), text.string(), folder);
    for (const TableJson& group : json_.at("groups")) {
      GroupOfSplits g;
      g.input = {group.at("name").get<std::string>(), group.at("title").get<std::string>(),
                 group.at("cluster_by_split").get<bool>()};
      g.rule = group.at("rule").get<std::string>();
      for (const TableJson& split : group.at("splits")) {
        g.splits.push_back(split.at("name").get<std::string>());
      }
      groups_.push_back(std::move(g));
    }
    seeds_ = json_.at("seeds").get<std::vector<uint64_t>>();
  }

  eval::TableInput table_input() {
    eval::TableInput input;
    input.protocol = protocol_.name;
    input.title = protocol_.title;
    input.columns = protocol_.columns;
    for (const GroupOfSplits& group : groups_) {
      input.groups.push_back(group.input);
      for (const ProtocolTest& test : protocol_.tests) add_rows(group, test, input);
    }
    if (finished_ == 0) throw_input("{}: no unit of the protocol is finished", folder_.string());
    add_record(input);
    add_notes(input);
    return input;
  }

 private:
  std::string titled(const std::string& title, const ProtocolTest& test) const {
    return protocol_.tests.size() == 1 ? title : title + ", " + test.title;
  }

  /// The result of a unit; null if it is not finished.
  const TableJson& result(const GroupOfSplits& group, const std::string& split,
                          const std::string& variant, uint64_t seed) {
    const std::string name = internal::unit_name(group.input.name, split, variant, seed);
    const auto found = results_.find(name);
    if (found != results_.end()) return found->second;
    const fs::path path = folder_ / name / "result.json";
    ++units_;
    TableJson json;
    if (fs::exists(path)) {
      json = internal::read_json(path, internal::kUnitSchema);
      ++finished_;
    }
    return results_.emplace(name, std::move(json)).first->second;
  }

  /// Figures of one system; nothing where the result has no such system.
  bool add_unit(const TableJson& json, const std::string& test, const std::string& system,
                const std::string& where, const SplitAndSeed& key, eval::RowInput& row) const {
    try {
      const TableJson& judged = json.at("tests").at(test);
      const TableJson& systems = judged.at("systems");
      if (!systems.contains(system)) return false;
      eval::UnitFigures unit;
      unit.sums = eval::sums_from_json(systems.at(system).dump(), where);
      // Results of before there were draws have none: their plain numbers get no interval.
      if (judged.contains("draws") && judged.at("draws").contains(system)) {
        unit.draws = eval::draws_from_json(judged.at("draws").at(system).dump(), where);
      }
      for (const auto& [name, drawn] : unit.draws) unit.scalars[name] = drawn.value;
      if (system == "network") {
        for (const auto& [name, value] : judged.at("scalars").items()) {
          if (value.is_number()) unit.scalars[name] = value.get<double>();
        }
      }
      row.units[key] = std::move(unit);
      return true;
    } catch (const TableJson::exception& e) {
      throw_input("{}: damaged result: {}", where, one_line(e.what()));
    }
  }

  void add_rows(const GroupOfSplits& group, const ProtocolTest& test, eval::TableInput& input) {
    for (const ProtocolVariant& variant : protocol_.variants) {
      eval::RowInput row{"variant",
                         group.input.name,
                         variant.name,
                         test.name,
                         titled(variant.title, test),
                         variant.reference,
                         {},
                         {},
                         {}};
      if (variant.paper.count(test.name) > 0) row.paper = variant.paper.at(test.name);
      eval::RowInput ceiling{"ceiling",
                             group.input.name,
                             "ceiling-network",
                             test.name,
                             titled("ceiling: " + variant.title + ", bare probes", test),
                             "",
                             {},
                             {},
                             {}};
      std::vector<TableJson> done;
      for (const std::string& split : group.splits) {
        for (const uint64_t seed : seeds_) {
          const TableJson& json = result(group, split, variant.name, seed);
          if (json.is_null()) continue;
          const std::string where = json.value("unit", "result.json");
          add_unit(json, test.name, "network", where, {split, seed}, row);
          add_unit(json, test.name, "ceiling", where, {split, seed}, ceiling);
          done.push_back(json);
        }
      }
      row.record = record_of(done, group.splits.size() * seeds_.size());
      input.rows.push_back(std::move(row));
      // One network's ceiling is enough: the first's, which others are compared with.
      if (&variant == &protocol_.variants.front() && !ceiling.units.empty()) {
        ceilings_.push_back(std::move(ceiling));
      }
    }
    constexpr std::pair<const char*, const char*> kSystems[] = {
        {"template", "template matching"},
        {"copy", "copy of the input"},
        {"posture-mean", "mean bare training image of the posture"},
        {"ceiling", "ceiling: independent bare captures"}};
    for (const auto& [system, title] : kSystems) {
      const bool ceiling = std::string(system) == "ceiling";
      eval::RowInput row{ceiling ? "ceiling" : "baseline",
                         group.input.name,
                         system,
                         test.name,
                         titled(title, test),
                         "",
                         {},
                         {},
                         {}};
      for (const std::string& split : group.splits) {
        const TableJson& json = result(group, split, internal::kBaselines, 0);
        if (json.is_null()) continue;
        add_unit(json, test.name, system, json.value("unit", "result.json"), {split, 0}, row);
      }
      if (!row.units.empty()) input.rows.push_back(std::move(row));
    }
    for (eval::RowInput& row : ceilings_) input.rows.push_back(std::move(row));
    ceilings_.clear();
  }

  std::vector<std::pair<std::string, std::string>> record_of(const std::vector<TableJson>& done,
                                                             std::size_t all) const {
    std::set<uint64_t> seeds;
    std::set<std::string> configs, lpips;
    double seconds = 0.0, exposures = 0.0, images = 0.0;
    int64_t parameters = 0;
    for (const TableJson& json : done) {
      const TableJson& training = json.at("training");
      seeds.insert(json.at("seed").get<uint64_t>());
      configs.insert(json.at("key").at("config_sha256").get<std::string>());
      lpips.insert(json.at("key").at("lpips_sha256").get<std::string>());
      seconds += json.at("seconds").get<double>() + training.at("seconds").get<double>();
      exposures += training.at("image_exposures").get<double>();
      parameters = training.at("parameters").get<int64_t>();
      for (const auto& [name, test] : json.at("tests").items())
        images += test.at("images").get<double>();
    }
    std::string hashes;
    for (const std::string& config : configs) hashes += config;
    const double count = std::max<double>(1.0, static_cast<double>(done.size()));
    std::vector<std::pair<std::string, std::string>> record = {
        {"units", fmt::format("{} of {}", done.size(), all)},
        {"seeds", std::to_string(seeds.size())},
        {"exposures", fmt::format("{:.0f}", exposures / count)},
        {"parameters", std::to_string(parameters)},
        {"lpips",
         lpips.empty() || lpips.begin()->empty() ? "left out" : lpips.begin()->substr(0, 12)},
        {"configs_sha256", done.empty() ? "" : sha256_hex(hashes).substr(0, 12)}};
    if (options_.times) record.emplace_back("wall", duration_text(seconds));
    return record;
  }

  void add_record(eval::TableInput& input) const {
    const TableJson& about = json_.at("about");
    std::string splits, machines;
    for (const TableJson& group : json_.at("groups")) {
      for (const TableJson& split : group.at("splits"))
        splits += split.at("sha256").get<std::string>();
    }
    std::set<std::string> seen;
    for (const auto& [name, json] : results_) {
      if (json.is_null()) continue;
      seen.insert(json.at("version").get<std::string>() + " " +
                  json.at("machine").get<std::string>());
    }
    for (const std::string& one : seen) machines += (machines.empty() ? "" : ", ") + one;
    // Folders of before it was kept, and pictures of other programs, have none.
    const auto scene = about.value("scene_sha256", std::string());
    input.record = {
        {"protocol", json_.at("protocol").get<std::string>()},
        {"protocol_sha256", json_.at("protocol_sha256").get<std::string>()},
        {"dataset_sha256", json_.at("dataset_sha256").get<std::string>()},
        {"dataset", fmt::format("{} images of {} identities", about.at("images").get<uint64_t>(),
                                about.at("identities").get<uint64_t>())},
        {"scene_sha256", scene.empty() ? "not known" : scene},
        {"splits_sha256", sha256_hex(splits)},
        {"split_seed", std::to_string(json_.at("split_seed").get<uint64_t>())},
        {"budget",
         fmt::format("{}: width {}, {} image exposures", json_.at("budget").get<std::string>(),
                     about.at("width").get<int>(), about.at("image_exposures").get<int64_t>())},
        {"budget_sha256", json_.at("budget_sha256").get<std::string>()},
        {"seeds", fmt::format("{}", fmt::join(seeds_, " "))},
        {"resamples", std::to_string(options_.resamples)},
        {"made_with", machines}};
  }

  void add_notes(eval::TableInput& input) const {
    input.notes = protocol_.notes;
    if (finished_ < units_) {
      input.notes.push_back(fmt::format(
          "{} of {} units are finished: figures will change with the others.", finished_, units_));
    }
    for (const GroupOfSplits& group : groups_) {
      if (group.rule == "paper-anchor-folds") {
        input.notes.push_back(
            group.input.name +
            " leaks: unconcealed images of test triplets are training images, as in the published "
            "program; for comparison with the paper alone.");
      }
      if (group.rule != "identity-disjoint" && group.rule != "cross-generator") continue;
      std::set<int32_t> tested;
      for (const eval::RowInput& row : input.rows) {
        if (row.group != group.input.name || row.kind != "variant") continue;
        for (const auto& [key, unit] : row.units) {
          tested.insert(unit.sums.identities.begin(), unit.sums.identities.end());
        }
      }
      if (tested.size() >= kHeadlineIdentities) continue;
      input.notes.push_back(fmt::format("{}: {} test identities; a headline needs at least {}.",
                                        group.input.name, tested.size(), kHeadlineIdentities));
    }
    for (const auto& [name, json] : results_) {
      if (json.is_null()) continue;
      for (const auto& [test, judged] : json.at("tests").items()) {
        for (const TableJson& note : judged.value("notes", TableJson::array())) {
          input.notes.push_back(name + ": " + note.get<std::string>());
        }
      }
    }
    input.notes.push_back(
        "In brackets 95 % intervals over persons; folds and seeds: standard deviations from one to "
        "the next. Differences are paired by person and seed; 'better' or 'worse' needs five seeds "
        "and an interval without zero, and is not corrected for the number of comparisons. The "
        "paper's figures are of its own data.");
  }

  fs::path folder_;
  ProtocolTableOptions options_;
  TableJson json_;
  Protocol protocol_;
  std::vector<GroupOfSplits> groups_;
  std::vector<uint64_t> seeds_;
  std::map<std::string, TableJson> results_;
  std::vector<eval::RowInput> ceilings_;
  std::size_t units_ = 0, finished_ = 0;
};

}  // namespace

eval::ResultsTable protocol_table(const std::string& folder, const ProtocolTableOptions& options) {
  eval::BootstrapOptions bootstrap;
  bootstrap.seed = options.seed;
  bootstrap.resamples = options.resamples;
  bootstrap.threads = options.threads;
  try {
    return eval::make_results_table(FinishedProtocol(folder, options).table_input(), bootstrap);
  } catch (const TableJson::exception& e) {
    throw_input("{}: damaged settings or results: {}", folder, one_line(e.what()));
  }
}

}  // namespace thz::model
