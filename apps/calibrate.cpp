#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>

#include "commands.h"
#include "program.h"
#include "thz/core/error.h"
#include "thz/core/sha256.h"
#include "thz/core/version.h"
#include "thz/data/calibration.h"
#include "thz/io/atomic_file.h"
#include "thz/report/charts.h"

namespace thz::apps {
namespace {

namespace fs = std::filesystem;

struct CalibrateOptions {
  CommonOptions common;
  std::string file;
  bool measure = false;
};

nlohmann::json trial_json(const data::CalibrationTrial& trial) {
  return {{"knobs", trial.knobs},
          {"measures", trial.measures},
          {"cost", trial.cost},
          {"reached", trial.reached}};
}

/// The trials of an interrupted run of the same calibration by the same version; others are left
/// alone and written over. A last line that was cut off is dropped.
std::vector<data::CalibrationTrial> read_trials(const fs::path& path, const std::string& header) {
  std::vector<data::CalibrationTrial> trials;
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line) || line != header) return trials;
  while (std::getline(file, line)) {
    const nlohmann::json entry = nlohmann::json::parse(line, nullptr, false);
    if (entry.is_discarded()) break;
    data::CalibrationTrial trial;
    try {
      trial.knobs = entry.at("knobs").get<std::vector<double>>();
      trial.measures = entry.at("measures").get<data::Measures>();
      trial.cost = entry.at("cost").get<double>();
      trial.reached = entry.at("reached").get<bool>();
    } catch (const nlohmann::json::exception& e) {
      throw_input("{}: line {} is no trial ({}); remove the file to begin anew", path.string(),
                  trials.size() + 2, e.what());
    }
    trials.push_back(std::move(trial));
  }
  return trials;
}

/// Trials as they are made, one a line, so that an interrupted search goes on where it was.
class TrialLog {
 public:
  TrialLog(const fs::path& folder, const data::Calibration& calibration)
      : path_(folder / "trials.jsonl"),
        text_(nlohmann::json{{"calibration_sha256", calibration.sha256}, {"version", version()}}
                  .dump()) {
    known = read_trials(path_, text_);
    text_ += "\n";
    for (const auto& trial : known) text_ += trial_json(trial).dump() + "\n";
  }
  void add(const data::CalibrationTrial& trial) {
    text_ += trial_json(trial).dump() + "\n";
    io::write_file(path_, text_);
  }
  std::vector<data::CalibrationTrial> known;

 private:
  fs::path path_;
  std::string text_;
};

std::string measures_table(const data::Calibration& calibration,
                           const data::CalibrationTrial& trial) {
  std::string text =
      fmt::format("{:<40}{:>12}{:>12}{:>12}\n", "measure", "published", "tolerance", "here");
  for (const auto& target : calibration.targets) {
    const double value = trial.measures.at(target.measure);
    const bool within = std::abs(value - target.value) <= target.tolerance;
    text += fmt::format("{:<40}{:>12.4g}{:>12.4g}{:>12.4g}  {}\n", target.measure, target.value,
                        target.tolerance, value,
                        !target.counted ? (within ? "(met)" : "(missed, not counted)")
                        : within        ? "met"
                                        : "missed");
  }
  for (std::size_t i = 0; i < trial.knobs.size(); ++i) {
    const auto& knob = calibration.knobs[i];
    text += fmt::format("{:<40}{:>12.4g} of {:g} to {:g}\n", knob.name, trial.knobs[i], knob.low,
                        knob.high);
  }
  return text;
}

nlohmann::json sensitivity_json(const data::CalibrationReport& report) {
  nlohmann::json all = nlohmann::json::array();
  for (const auto& s : report.sensitivities) {
    all.push_back({{"knob", s.knob}, {"low", s.low}, {"high", s.high}});
  }
  return all;
}

nlohmann::json targets_json(const data::Calibration& calibration) {
  nlohmann::json all = nlohmann::json::array();
  for (const auto& t : calibration.targets) {
    all.push_back({{"measure", t.measure},
                   {"value", t.value},
                   {"tolerance", t.tolerance},
                   {"counted", t.counted},
                   {"source", t.source}});
  }
  return all;
}

nlohmann::json knobs_json(const data::Calibration& calibration) {
  nlohmann::json all = nlohmann::json::array();
  for (const auto& k : calibration.knobs) {
    all.push_back(
        {{"name", k.name}, {"key", k.key}, {"low", k.low}, {"high", k.high}, {"source", k.source}});
  }
  return all;
}

/// Cost of every trial and the least so far.
void draw_search(const fs::path& path, const data::CalibrationReport& report) {
  report::Curve every{"trial", {}, {}}, least{"best so far", {}, {}};
  double best = INFINITY, highest = 0.0, lowest = INFINITY;
  for (std::size_t i = 0; i < report.trials.size(); ++i) {
    const double cost = std::log10(std::max(report.trials[i].cost, 1e-6));
    best = std::min(best, cost);
    every.x.push_back(static_cast<double>(i + 1));
    every.y.push_back(cost);
    least.x.push_back(static_cast<double>(i + 1));
    least.y.push_back(best);
    highest = std::max(highest, cost);
    lowest = std::min(lowest, cost);
  }
  report::write_charts_png(path,
                           {{"search",
                             "trial",
                             "log10 of the cost",
                             std::floor(lowest),
                             std::ceil(highest + 1e-9),
                             {every, least}}},
                           1);
}

/// The frozen scene: a header that says where it comes from, then TOML.
std::string scene_text(const data::Calibration& calibration, const data::CalibrationTrial& trial) {
  std::string text =
      "# Made by `thzface calibrate`; docs/twin.md tells what it meets and what it does not.\n";
  text += fmt::format("# Calibration and starting scene (SHA-256): {}\n", calibration.sha256);
  for (std::size_t i = 0; i < trial.knobs.size(); ++i) {
    text += fmt::format("# {} = {:g}\n", calibration.knobs[i].key, trial.knobs[i]);
  }
  return text + data::calibrated_scene(calibration, trial.knobs) + "\n";
}

void write_report(const fs::path& folder, const data::Calibration& calibration,
                  const data::CalibrationReport& report, nlohmann::json& result) {
  const data::CalibrationTrial& best = report.trials[report.best];
  const std::string scene = scene_text(calibration, best);
  io::write_file(folder / "twin.toml", scene);
  draw_search(folder / "search.png", report);
  result["scene_sha256"] = sha256_hex(scene);
  result["sensitivities"] = sensitivity_json(report);
  result["trials"] = nlohmann::json::array();
  for (const auto& trial : report.trials) result["trials"].push_back(trial_json(trial));
  io::write_file(folder / "calibration.json", result.dump(2) + "\n");
  result["files"] = {(folder / "twin.toml").string(), (folder / "calibration.json").string(),
                     (folder / "search.png").string()};
}

void calibrate(const CalibrateOptions& arguments) {
  data::Calibration calibration = data::read_calibration(arguments.file);
  if (!arguments.measure && arguments.common.output.empty()) {
    throw_input("--output is missing: the folder of the calibrated scene (or give --measure)");
  }
  data::CalibrationOptions options;
  options.threads = use_openmp_threads(arguments.common.threads);
  options.cancel = &cancel_token();
  ProgressLine progress("calibrating", "scenes", arguments.common.quiet);
  options.progress = progress.function();
  nlohmann::json result = {
      {"schema", "thzface-calibration-result/1"}, {"version", version()},
      {"calibration_sha256", calibration.sha256}, {"seed", calibration.seed},
      {"targets", targets_json(calibration)},     {"knobs", knobs_json(calibration)}};
  data::CalibrationTrial best;
  if (arguments.measure) {
    std::vector<double> start;
    for (const auto& knob : calibration.knobs) start.push_back(knob.start);
    best = data::measure_trial(calibration, start, options);
    result["best"] = trial_json(best);
  } else {
    io::make_folder(arguments.common.output);
    TrialLog log(arguments.common.output, calibration);
    options.known = log.known;
    options.on_trial = [&](const data::CalibrationTrial& trial) { log.add(trial); };
    const data::CalibrationReport report = data::calibrate(calibration, options);
    best = report.trials[report.best];
    result["best"] = trial_json(best);
    write_report(arguments.common.output, calibration, report, result);
  }
  print_result(arguments.common, result, measures_table(calibration, best));
  if (!best.reached) throw CheckFailed{};
}

}  // namespace

void add_calibrate(CLI::App& app) {
  auto options = std::make_shared<CalibrateOptions>();
  CLI::App* command = app.add_subcommand(
      "calibrate", "Search a scene's free keys, inside their priors, for published figures");
  command->add_option("calibration", options->file, "Calibration, a TOML file (docs/twin.md)")
      ->required();
  command->add_flag("--measure", options->measure,
                    "Measure the scene with every knob at its start instead of searching");
  add_common(*command, options->common, false, true);
  command->callback([options] { calibrate(*options); });
}

}  // namespace thz::apps
