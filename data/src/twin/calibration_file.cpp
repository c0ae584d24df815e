#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "thz/core/error.h"
#include "thz/core/sha256.h"
#include "thz/data/calibration.h"
#include "thz/io/atomic_file.h"
#include "thz/io/dataset.h"

namespace thz::data {
namespace {

namespace fs = std::filesystem;

constexpr char kCalibrationSchema[] = "thzface-calibration/1";
constexpr Range kAnyNumber = {-1e12, 1e12};
/// People of a calibration: numbers that no data set has any reason to hold.
constexpr int kFirstCalibrationIdentity = 2000000000;

CalibrationKnob parse_knob(ConfigTable t) {
  CalibrationKnob knob;
  knob.key = t.required_text("key");
  knob.name = t.text("name", knob.key);
  knob.low = t.required_number("low", kAnyNumber);
  knob.high = t.required_number("high", kAnyNumber);
  if (!(knob.low < knob.high)) t.fail("high", "must exceed low");
  knob.logarithmic = t.choice("scale", "linear", {"linear", "log"}) == "log";
  if (knob.logarithmic && knob.low <= 0.0) t.fail("low", "must be above 0 on a log scale");
  knob.start = t.number("start", knob.value_at(0.5), {knob.low, knob.high});
  knob.copies = static_cast<int>(t.integer("copies", 1, 1, 3));
  knob.source = t.required_text("source");
  return knob;
}

CalibrationTarget parse_target(ConfigTable t) {
  CalibrationTarget target;
  target.measure = t.choice("measure", "", measure_names());
  if (target.measure.empty()) {
    t.fail("measure", fmt::format("must be one of: {}", fmt::join(measure_names(), ", ")));
  }
  target.value = t.required_number("value", kAnyNumber);
  target.tolerance = t.required_number("tolerance", {1e-9, 1e12});
  target.counted = t.boolean("counted", true);
  target.source = t.required_text("source");
  return target;
}

std::vector<int> parse_postures(ConfigTable& t) {
  std::vector<int> postures;
  for (const std::string& name : t.texts("postures", io::kPostureNames)) {
    const auto found = std::find(io::kPostureNames.begin(), io::kPostureNames.end(), name);
    if (found == io::kPostureNames.end()) {
      t.fail("postures", fmt::format("may hold only: {}", fmt::join(io::kPostureNames, ", ")));
    }
    postures.push_back(static_cast<int>(found - io::kPostureNames.begin()));
  }
  if (postures.empty()) t.fail("postures", "must hold at least one name");
  return postures;
}

std::string scene_path(const Calibration& calibration) {
  const fs::path path(calibration.scene);
  return path.is_absolute() ? path.string() : (fs::path(calibration.folder) / path).string();
}

/// Keys laid over the scene or the plan: TOML of dotted keys.
std::string knob_lines(const Calibration& calibration, const std::vector<double>& knobs,
                       bool of_plan) {
  THZ_REQUIRE(knobs.size() == calibration.knobs.size(), "one value a knob");
  constexpr std::string_view kPlanPrefix = "plan.";
  std::string text;
  for (std::size_t i = 0; i < knobs.size(); ++i) {
    const std::string& key = calibration.knobs[i].key;
    const bool in_plan = key.compare(0, kPlanPrefix.size(), kPlanPrefix) == 0;
    if (in_plan != of_plan) continue;
    // TOML tells whole numbers from others by the point.
    std::string number = fmt::format("{}", knobs[i]);
    if (number.find_first_of(".e") == std::string::npos) number += ".0";
    std::string value = number;
    for (int c = 1; c < calibration.knobs[i].copies; ++c) value += ", " + number;
    if (calibration.knobs[i].copies > 1) value = "[" + value + "]";
    text += fmt::format("{} = {}\n", in_plan ? key.substr(kPlanPrefix.size()) : key, value);
  }
  return text;
}

}  // namespace

double CalibrationKnob::value_at(double u) const {
  const double value = logarithmic ? low * std::pow(high / low, u) : low + (high - low) * u;
  if (value == 0.0) return 0.0;
  const double unit = std::pow(10.0, std::floor(std::log10(std::abs(value))) - 2.0);
  return std::clamp(std::stod(fmt::format("{:.3g}", std::round(value / unit) * unit)), low, high);
}

Calibration read_calibration(const std::string& path) {
  ConfigTable t = ConfigTable::parse_file(path);
  Calibration c;
  t.choice("schema", kCalibrationSchema, {kCalibrationSchema});
  t.text("title", "");
  c.folder = fs::path(path).parent_path().string();
  c.scene = t.required_text("scene");
  c.identities = static_cast<int>(t.integer("identities", c.identities, 2, 1000));
  c.postures = parse_postures(t);
  c.fabrics = t.texts("fabrics", c.fabrics);
  c.head = t.text("head", c.head);
  c.seed = static_cast<uint64_t>(t.integer("seed", 1, 0, INT64_MAX));
  c.trials = static_cast<int>(t.integer("trials", c.trials, 1, 100000));
  for (ConfigTable& knob : t.tables("knob")) c.knobs.push_back(parse_knob(knob));
  for (ConfigTable& target : t.tables("target")) c.targets.push_back(parse_target(target));
  t.finish();
  if (c.knobs.empty()) t.fail("knob", "is missing: at least one [[knob]] is needed");
  if (std::none_of(c.targets.begin(), c.targets.end(), [](const auto& x) { return x.counted; })) {
    t.fail("target", "is missing: at least one counted [[target]] is needed");
  }
  c.sha256 = sha256_hex(t.source_text() + io::read_file(scene_path(c)));
  // Keys that no scene or plan has are told before the first trial.
  std::vector<double> start;
  for (const CalibrationKnob& knob : c.knobs) start.push_back(knob.start);
  calibration_plan(c, start);
  return c;
}

Plan calibration_plan(const Calibration& calibration, const std::vector<double>& knobs) {
  Plan plan;
  const std::string keys = knob_lines(calibration, knobs, true);
  if (!keys.empty()) {
    ConfigTable table = ConfigTable::parse(
        lay_over(plan_to_toml(plan), "default plan", keys, "the calibration's knobs"),
        "plan with the calibration's knobs");
    plan = parse_plan(table);
  }
  plan.name = "calibration";
  plan.identities = calibration.identities;
  plan.first_identity = kFirstCalibrationIdentity;
  plan.postures = calibration.postures;
  plan.conditions = {0, 1};
  plan.captures = 2;
  plan.visible = false;
  plan.seed = calibration.seed;
  plan.head = calibration.head;
  plan.fabrics = calibration.fabrics;
  plan.scene = scene_path(calibration);
  plan.scene_overrides = knob_lines(calibration, knobs, false);
  return plan;
}

std::string calibrated_scene(const Calibration& calibration, const std::vector<double>& knobs) {
  const std::string path = scene_path(calibration);
  return lay_over(io::read_file(path), path, knob_lines(calibration, knobs, false),
                  "the calibration's knobs");
}

}  // namespace thz::data
