#include "thz/model/protocol_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include "protocol_units.h"
#include "run_log.h"
#include "thz/core/error.h"
#include "thz/core/one_line.h"
#include "thz/core/sha256.h"
#include "thz/core/version.h"
#include "thz/io/atomic_file.h"

namespace thz::model {
namespace {

namespace fs = std::filesystem;
using internal::ProtocolUnit;
using RunsJson = nlohmann::json;
using UnitClock = std::chrono::steady_clock;

constexpr std::size_t kSha256Digits = 64;

/// A teacher without pictures to look at would be told after hours of other variants.
void require_visible(const ProtocolRequest& request, const ProtocolUnit& unit,
                     const TrainingData& data) {
  if (unit.variant == nullptr || !unit.config.teacher.in_use()) return;
  const auto& rows = unit.split->split.train;
  const auto seen = std::count_if(rows.begin(), rows.end(), [&](uint64_t row) {
    return data.visible(static_cast<int64_t>(row)) != nullptr;
  });
  if (seen > 1) return;
  throw_input(
      "{}: variant {} of {} trains a teacher on visible pictures, but {} of the {} training rows "
      "of {}/{} have one; at least 2 are needed",
      request.data_name, unit.variant->name, request.protocol.name, seen, rows.size(),
      unit.split->group, unit.split->name);
}

/// One picture under two numbers would sit in two parts of a split that keeps rows apart.
void require_distinct_pictures(const ProtocolRequest& request, const LearningData& data) {
  std::map<std::string, std::vector<uint64_t>> rows_of;
  for (uint64_t row = 0; row < data.columns.rows; ++row) {
    const float* image = data.training.image(static_cast<int64_t>(row));
    Sha256 hash;
    hash.add(image, sizeof(float) * static_cast<std::size_t>(kImagePixels));
    rows_of[hash.hex()].push_back(row);
  }
  for (const auto& [hash, rows] : rows_of) {
    if (rows.size() < 2) continue;
    for (const ProtocolSplit& split : request.splits) {
      std::set<int> parts;
      for (const uint64_t row : rows) {
        const auto in = [&](const std::vector<uint64_t>& list) {
          return std::binary_search(list.begin(), list.end(), row);
        };
        if (in(split.split.train)) parts.insert(0);
        if (in(split.split.validation)) parts.insert(1);
        if (in(split.split.test)) parts.insert(2);
      }
      if (parts.size() < 2) continue;
      throw_input(
          "{}: rows {} and {} hold the same picture, but {}/{} has them in two parts; every "
          "picture belongs to one",
          request.data_name, rows[0], rows[1], split.group, split.name);
    }
  }
}

std::string lpips_hash(const std::string& path) {
  return path.empty() ? std::string() : sha256_hex(io::read_file(path));
}

RunsJson groups_json(const ProtocolRequest& request) {
  RunsJson groups = RunsJson::array();
  for (const ProtocolSplit& split : request.splits) {
    if (groups.empty() || groups.back().at("name") != split.group) {
      groups.push_back({{"name", split.group},
                        {"title", split.group_title},
                        {"rule", split.split.rule},
                        {"cluster_by_split", split.cluster_by_split},
                        {"splits", RunsJson::array()}});
    }
    groups.back()["splits"].push_back(
        {{"name", split.name}, {"sha256", io::split_sha256(split.split)}});
  }
  return groups;
}

/// A file of ours whose JSON lacks a key, or has it of another type, is the user's to mend.
template <typename Reading>
auto told_as_damage(const fs::path& file, const Reading& reading) {
  try {
    return reading();
  } catch (const RunsJson::exception& e) {
    throw_input("{}: damaged: {}", file.string(), one_line(e.what()));
  }
}

/// Groups of now and of before, in the order of the protocol's rules.
RunsJson joined_groups(const Protocol& protocol, RunsJson now, const RunsJson& before,
                       const std::string& where) {
  for (const RunsJson& group : before) {
    const auto same = std::find_if(now.begin(), now.end(), [&](const RunsJson& other) {
      return other.at("name") == group.at("name");
    });
    if (same == now.end()) {
      now.push_back(group);
    } else if (*same != group) {
      throw_input("{}: holds results with other splits of {}; name another output folder", where,
                  group.at("name").get<std::string>());
    }
  }
  const auto place = [&](const RunsJson& group) {
    return std::find_if(protocol.rules.begin(), protocol.rules.end(), [&](const ProtocolRule& r) {
      return r.rule == group.at("rule").get<std::string>();
    });
  };
  std::vector<RunsJson> groups(now.begin(), now.end());
  std::stable_sort(groups.begin(), groups.end(),
                   [&](const RunsJson& a, const RunsJson& b) { return place(a) < place(b); });
  return groups;
}

/// Written by every call: the same but for more seeds and split rules.
class ProtocolFolder {
 public:
  ProtocolFolder(const ProtocolRequest& request, const LearningData& data)
      : request_(request), folder_(request.output) {
    const std::string budget = request.budget.empty() ? request.protocol.budget : request.budget;
    TrainConfig config = load_train_config(budget);
    if (request.exposures > 0) config.budget.image_exposures = request.exposures;
    fixed_ = {{"protocol", request.protocol.name},
              {"protocol_sha256", sha256_hex(request.protocol.text)},
              {"dataset_sha256", data.training.data_sha256},
              {"budget", config.name},
              {"budget_sha256", sha256_hex(to_toml(config))},
              {"split_seed", request.split_seed}};
    std::set<int32_t> identities(data.columns.identity.begin(), data.columns.identity.end());
    about_ = {{"images", data.columns.rows},
              {"identities", identities.size()},
              {"image_exposures", config.budget.image_exposures},
              {"width", config.network.base_channels},
              {"scene_sha256", data.header.scene_sha256},
              {"data", request.data_name}};
  }

  /// Seeds asked for now and before. @throws InputError if the folder is another protocol's.
  std::vector<uint64_t> begin(std::vector<uint64_t> seeds) const {
    const fs::path path = folder_ / "protocol.json";
    RunsJson groups = groups_json(request_);
    if (fs::exists(path)) {
      const RunsJson before = internal::read_json(path, internal::kRunsSchema);
      for (const auto& [name, value] : fixed_.items()) {
        if (before.value(name, RunsJson()) == value) continue;
        throw_input("{}: holds results with another {}; name another output folder", path.string(),
                    name);
      }
      told_as_damage(path, [&] {
        groups = joined_groups(request_.protocol, groups, before.at("groups"), path.string());
        for (const uint64_t seed : before.at("seeds").get<std::vector<uint64_t>>()) {
          seeds.push_back(seed);
        }
      });
    }
    std::sort(seeds.begin(), seeds.end());
    seeds.erase(std::unique(seeds.begin(), seeds.end()), seeds.end());
    io::make_folder(folder_);
    RunsJson json = fixed_;
    json["schema"] = internal::kRunsSchema;
    json["seeds"] = seeds;
    json["groups"] = groups;
    json["about"] = about_;
    for (const ProtocolSplit& split : request_.splits) {
      const fs::path place = folder_ / split.group / split.name;
      io::make_folder(place);
      if (!fs::exists(place / "split.json")) io::write_split(place / "split.json", split.split);
    }
    io::write_file(folder_ / "protocol.toml", request_.protocol.text);
    io::write_file(path, json.dump(1) + "\n");
    return seeds;
  }

 private:
  const ProtocolRequest& request_;
  fs::path folder_;
  RunsJson fixed_, about_;
};

/// Makes units one after the other.
class ProtocolLoop {
 public:
  ProtocolLoop(const ProtocolRequest& request, LearningData& data,
               std::vector<const ProtocolUnit*> units)
      : request_(request), data_(data), units_(std::move(units)) {
    progress_.units = units_.size();
    for (const ProtocolUnit* unit : units_) progress_.exposures_total += exposures(*unit);
  }

  std::size_t go() {
    arrays_ = evaluation_arrays(data_);
    std::size_t made = 0;
    for (const ProtocolUnit* unit : units_) {
      if (request_.cancel != nullptr) request_.cancel->throw_if_requested();
      ++progress_.unit;
      progress_.name = unit->name;
      if (make(*unit)) ++made;
      shown_before_ += exposures(*unit);
      report(unit->variant == nullptr ? "baselines" : "judging", 0, true);
    }
    return made;
  }

 private:
  static int64_t exposures(const ProtocolUnit& unit) {
    return unit.variant == nullptr ? 0 : unit.config.budget.image_exposures;
  }

  void report(const std::string& doing, int64_t shown, bool finished = false) {
    if (!request_.progress) return;
    progress_.doing = doing;
    progress_.exposures_done = std::min(shown_before_ + shown, progress_.exposures_total);
    progress_.finished_unit = finished;
    request_.progress(progress_);
  }

  /// False if another process made it meanwhile.
  bool make(const ProtocolUnit& unit) {
    const fs::path folder = fs::path(request_.output) / unit.name;
    io::make_folder(folder);
    const io::FileLock lock(folder / "lock", io::FileLock::Kind::kExclusive, folder.string());
    if (internal::is_finished(folder, unit)) return false;
    write_state(folder, unit, "begun");
    if (unit.split != split_) {
      use_split(data_, unit.split->split, split_text(*unit.split));
      split_ = unit.split;
    }
    RunsJson result;
    if (unit.variant != nullptr) train_unit(unit, folder / "run");
    const auto started = UnitClock::now();
    if (unit.variant == nullptr) {
      report("baselines", 0);
      result = internal::judge_baselines(request_, unit, data_, arrays_,
                                         [&](auto, auto) { report("baselines", 0); });
    } else {
      report("judging", exposures(unit));
      result = internal::judge_network(request_, unit, data_, arrays_, (folder / "run").string());
    }
    result["schema"] = internal::kUnitSchema;
    result["key"] = unit.key;
    result["unit"] = unit.name;
    result["seed"] = unit.seed;
    result["version"] = version();
    result["machine"] = instruction_set();
    // Of judging; those of training, over all its sessions, are the run's.
    result["seconds"] = std::chrono::duration<double>(UnitClock::now() - started).count();
    io::write_file(folder / "result.json", result.dump() + "\n");
    write_state(folder, unit, "finished");
    prune(folder / "run");
    return true;
  }

  std::string split_text(const ProtocolSplit& split) const {
    return io::read_file(fs::path(request_.output) / split.group / split.name / "split.json");
  }

  static void write_state(const fs::path& folder, const ProtocolUnit& unit,
                          const std::string& status) {
    const RunsJson state = {
        {"schema", internal::kStateSchema}, {"status", status}, {"key", unit.key}};
    io::write_file(folder / "state.json", state.dump(1) + "\n");
  }

  /// Trained to the end before: its result was removed, so that it is judged anew.
  bool is_trained(const ProtocolUnit& unit, const fs::path& run) const {
    if (!fs::exists(run / "run.json") || !fs::exists(run / "checkpoints/best.safetensors")) {
      return false;
    }
    const RunsJson summary = internal::read_json(run / "run.json", kRunSchema);
    return told_as_damage(run / "run.json", [&] { return is_whole(unit, summary, run); });
  }

  bool is_whole(const ProtocolUnit& unit, const RunsJson& summary, const fs::path& run) const {
    TrainConfig config = unit.config;
    config.precision = summary.value("precision", config.precision);
    const std::string lpips = unit.key.value("lpips_sha256", "");
    const std::string had = summary.value("lpips", "");  // a hash, or why there is none
    const bool same_lpips = lpips.empty() ? had.size() != kSha256Digits : had == lpips;
    return same_lpips && summary.value("status", "").rfind("finished", 0) == 0 &&
           summary.value("data_sha256", "") == data_.training.data_sha256 &&
           summary.value("split_sha256", "") == sha256_hex(data_.training.split_text) &&
           io::read_file(run / "config.toml") == to_toml(config);
  }

  void train_unit(const ProtocolUnit& unit, const fs::path& run) {
    if (is_trained(unit, run)) return;
    const int64_t all = exposures(unit);
    const TrainProgressFn progress = [&](const TrainProgress& p) {
      report("training", all * p.step / std::max<int64_t>(p.total_steps, 1));
    };
    if (fs::exists(run / "checkpoints" / "last.safetensors")) {
      ResumeRequest again;
      again.run = run.string();
      again.lpips_weights = request_.lpips_weights;
      again.threads = request_.threads;
      again.device = request_.device;
      again.progress = progress;
      again.cancel = request_.cancel;
      resume(again, data_.training);
      return;
    }
    // Killed before its first checkpoint: nothing to keep.
    fs::remove_all(run);
    TrainRequest fresh;
    fresh.config = unit.config;
    fresh.output = run.string();
    fresh.lpips_weights = request_.lpips_weights;
    fresh.threads = request_.threads;
    fresh.device = request_.device;
    fresh.progress = progress;
    fresh.cancel = request_.cancel;
    train(fresh, data_.training);
  }

  /// Moments of the optimiser are three quarters of a run, and nobody goes on from here.
  void prune(const fs::path& run) const {
    for (const char* end : {".safetensors", ".json"}) {
      fs::remove(run / "checkpoints" / (std::string("last") + end));
    }
    if (!request_.keep_checkpoints) fs::remove_all(run / "checkpoints");
  }

  const ProtocolRequest& request_;
  LearningData& data_;
  std::vector<const ProtocolUnit*> units_;
  eval::Predictions arrays_;
  const ProtocolSplit* split_ = nullptr;
  ProtocolProgress progress_;
  int64_t shown_before_ = 0;
};

void check_request(const ProtocolRequest& request) {
  THZ_REQUIRE(!request.splits.empty(), "a protocol needs splits");
  if (request.output.empty()) throw_input("a protocol needs an output folder");
  if (request.parts < 1 || request.part < 1 || request.part > request.parts) {
    throw_input("part {} of {} is asked for; 1 to the number of parts are allowed", request.part,
                request.parts);
  }
}

}  // namespace

ProtocolOutcome run_protocol(const ProtocolRequest& request, LearningData& data) {
  check_request(request);
  use_threads(request.threads);
  for (const ProtocolSplit& split : request.splits) {
    io::require_no_leak(split.split, data.columns);
  }
  const auto asked = request.seeds.empty() ? request.protocol.seeds : request.seeds;
  const ProtocolFolder folder(request, data);
  const std::string lpips = lpips_hash(request.lpips_weights);
  for (const ProtocolUnit& unit :
       internal::list_units(request, {asked.front()}, data.training.data_sha256, lpips)) {
    require_visible(request, unit, data.training);
  }
  require_distinct_pictures(request, data);
  const auto seeds = folder.begin(asked);
  const auto units = internal::list_units(request, seeds, data.training.data_sha256, lpips);
  const auto finished = [&](const ProtocolUnit& unit) {
    return internal::is_finished(fs::path(request.output) / unit.name, unit);
  };
  std::vector<const ProtocolUnit*> to_make;
  for (const ProtocolUnit& unit : units) {
    const bool wanted =
        unit.variant == nullptr || std::find(asked.begin(), asked.end(), unit.seed) != asked.end();
    const bool ours = unit.turn % static_cast<std::size_t>(request.parts) ==
                      static_cast<std::size_t>(request.part - 1);
    // Asked of all: a result of other settings is refused before any work.
    const bool done = finished(unit);
    if (wanted && ours && !done) to_make.push_back(&unit);
  }
  ProtocolOutcome outcome;
  outcome.units = units.size();
  outcome.made = ProtocolLoop(request, data, to_make).go();
  // Counted now: another part may have ended meanwhile, and the last to end makes the table.
  outcome.finished = static_cast<std::size_t>(std::count_if(units.begin(), units.end(), finished));
  return outcome;
}

}  // namespace thz::model
