#include "thz/data/calibration.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "io/io_support.h"
#include "thz/core/error.h"
#include "thz/core/sha256.h"
#include "thz/io/atomic_file.h"

using Catch::Matchers::Contains;
using thz::InputError;
using thz::test::Scratch;
using namespace thz::data;

namespace {

/// As coarse as a scene can be and still show heads.
const char kScene[] = R"(schema = "thzface-scene/1"
[imager]
lines = 24
samples_per_line = 48
frames = 1
[subject]
kind = "head"
[image]
reference_db = -40.0
[sampling]
ray_pitch_m = 2e-3
subdivision = 0
)";

const char kHead[] = R"(schema = "thzface-calibration/1"
scene = "start.toml"
identities = 2
postures = ["front-center"]
trials = 9
)";

const char kGamma[] = R"([[knob]]
key = "image.gamma"
low = 0.2
high = 0.8
start = 0.7
source = "test"
)";

const char kWaist[] = R"([[knob]]
key = "imager.waist_m"
low = 5e-3
high = 12e-3
start = 10e-3
source = "test"
)";

std::string target(const std::string& measure, double value, double tolerance) {
  return "[[target]]\nmeasure = \"" + measure + "\"\nvalue = " + std::to_string(value) +
         "\ntolerance = " + std::to_string(tolerance) + "\nsource = \"test\"\n";
}

Calibration calibration_in(const Scratch& scratch, const std::string& text) {
  thz::io::write_file(scratch.path() / "start.toml", kScene);
  thz::io::write_file(scratch.path() / "calibration.toml", text);
  return read_calibration((scratch.path() / "calibration.toml").string());
}

}  // namespace

TEST_CASE("knob values cover the prior and carry three digits", "[twin]") {
  CalibrationKnob knob;
  knob.low = 40e-6;
  knob.high = 150e-6;
  knob.logarithmic = true;
  CHECK(knob.value_at(0.0) == 40e-6);
  CHECK(knob.value_at(1.0) == 150e-6);
  // sqrt(40 x 150) = 77.46
  CHECK(knob.value_at(0.5) == Approx(77.5e-6).epsilon(1e-12));
  knob = {};
  knob.low = -120.0;
  knob.high = -60.0;
  CHECK(knob.value_at(0.25) == -105.0);
}

TEST_CASE("a calibration that asks for what is not there is refused by name", "[twin]") {
  const Scratch scratch;
  const std::string goal = target("mean_grey", 0.1, 0.01);
  CHECK_THROWS_WITH(calibration_in(scratch, kHead + goal), Contains("[[knob]]"));
  CHECK_THROWS_WITH(calibration_in(scratch, std::string(kHead) + kGamma), Contains("[[target]]"));
  std::string text = std::string(kHead) + kGamma + target("sharpness", 1, 1);
  CHECK_THROWS_WITH(calibration_in(scratch, text), Contains("sharpness") && Contains("mean_grey"));
  text = std::string(kHead) + kGamma + goal;
  text.replace(text.find("image.gamma"), 11, "image.gamme");
  // The key is laid over the scene, whose own strictness refuses it before the first trial.
  const Calibration misspelt = calibration_in(scratch, text);
  CHECK_THROWS_WITH(calibrate(misspelt, {}), Contains("gamme"));
  text = std::string(kHead) + kGamma + goal;
  text.replace(text.find("low = 0.2"), 9, "low = 0.9");
  CHECK_THROWS_WITH(calibration_in(scratch, text), Contains("high") && Contains("exceed"));
}

TEST_CASE("a beam's closed forms and their cost", "[twin]") {
  const Scratch scratch;
  const Calibration c =
      calibration_in(scratch, std::string(kHead) + kWaist + target("spot_m", 0.015, 0.001));
  const CalibrationTrial trial = measure_trial(c, {7.585e-3}, {});
  // 2 w0; 2 pi w0^2/lambda; 2 P/(pi w0^2) for the 1.8074 mW that 7 mW leave after the losses.
  CHECK(trial.measures.at("spot_m") == Approx(0.01517).epsilon(1e-9));
  CHECK(trial.measures.at("depth_of_focus_m") == Approx(0.41).epsilon(1e-3));
  CHECK(trial.measures.at("peak_density_w_m2") == Approx(20.0).epsilon(1e-3));
  CHECK(trial.cost == Approx(std::pow(0.17, 2)).epsilon(1e-6));
  CHECK(trial.reached);
}

TEST_CASE("the search finds the value that a figure came from, on any number of threads",
          "[twin]") {
  const Scratch scratch;
  const std::string knobs = std::string(kHead) + kGamma;
  const Calibration probe = calibration_in(scratch, knobs + target("mean_grey", 0.1, 0.1));
  const double grey = measure_trial(probe, {0.4}, {}).measures.at("mean_grey");
  const Calibration c = calibration_in(scratch, knobs + target("mean_grey", grey, 0.003));
  std::vector<CalibrationTrial> made;
  CalibrationOptions options;
  options.threads = 2;
  options.on_trial = [&](const CalibrationTrial& trial) { made.push_back(trial); };
  const CalibrationReport report = calibrate(c, options);
  const CalibrationTrial& best = report.trials[report.best];
  CHECK(best.reached);
  CHECK(best.knobs[0] == Approx(0.4).margin(0.02));
  CHECK(report.trials.front().knobs[0] == 0.7);
  // A higher exponent darkens: the two ends of the prior bracket the figure.
  CHECK(report.sensitivities[0].low.at("mean_grey") > grey);
  CHECK(report.sensitivities[0].high.at("mean_grey") < grey);

  SECTION("an interrupted search goes on where it was, to the same end") {
    options.threads = 1;
    options.known.assign(made.begin(), made.begin() + 5);
    std::size_t measured = 0;
    options.on_trial = [&](const CalibrationTrial&) { ++measured; };
    const CalibrationReport again = calibrate(c, options);
    CHECK(measured == made.size() - 5);
    REQUIRE(again.trials.size() == report.trials.size());
    for (std::size_t i = 0; i < again.trials.size(); ++i) {
      CHECK(again.trials[i].knobs == report.trials[i].knobs);
      CHECK(again.trials[i].measures == report.trials[i].measures);
    }
  }
  SECTION("the calibrated scene holds the value") {
    auto scene = thz::ConfigTable::parse(calibrated_scene(c, {0.41}), "calibrated");
    CHECK(scene.table("image").number("gamma", 0.0, {0.0, 1.0}) == 0.41);
    CHECK(scene.table("imager").integer("lines", 0, 0, 1000) == 24);
  }
}

TEST_CASE("the similarities are those of independent captures", "[twin]") {
  const Scratch scratch;
  const Calibration c =
      calibration_in(scratch, std::string(kHead) + kGamma + target("mean_grey", 0.1, 0.1));
  const Measures m = measure_trial(c, {0.4}, {}).measures;
  CHECK(m.at("bare_wssim") < 0.999);                // not the same capture twice
  CHECK(m.at("bare_wssim") > m.at("other_wssim"));  // the same head is more alike
  CHECK(m.at("silhouette_iou") > 0.0);
  CHECK(m.at("silhouette_iou") < 1.0);
  CHECK(m.count("concealed_wssim, nose") == 1);
}

TEST_CASE("the twin is the frozen one, and its calibration the one it names", "[twin]") {
  const std::string folder = THZ_SOURCE_DIR "/scenes/";
  const std::string twin = thz::test::slurp(folder + "paper-twin.toml");
  // Every published result rests on this scene: a change makes another twin, with another name.
  CHECK(thz::sha256_hex(twin) ==
        "86916de01f59e772d3a4b39a07d420a9f6d822630ef6386fc9f40ee0d4dea42d");
  CHECK_THAT(twin, Contains(read_calibration(folder + "paper-twin.calibration.toml").sha256));
  const Plan plan = read_plan(folder + "paper-twin.plan.toml");
  CHECK(plan.jitter.yaw_deg == 3.22);
  CHECK(plan.jitter.lateral_m == 0.002);
  CHECK(plan_rows(plan).size() == 1400);
}
