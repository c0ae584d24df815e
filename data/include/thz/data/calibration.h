#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "thz/core/progress.h"
#include "thz/data/plan.h"

/// Calibration of a scene to published figures: which of its keys may move, how far, and what the
/// images they give must be like. Done once, before anything is trained. See docs/twin.md.
namespace thz::data {

/// A key that may move within its prior.
struct CalibrationKnob {
  std::string name;
  /// Path of the key in the scene, "roughness.twin-skin.lambert_albedo", or of a plan's key after
  /// "plan.", "plan.jitter.yaw_deg".
  std::string key;
  double low = 0.0, high = 1.0;  ///< the prior
  double start = 0.5;
  int copies = 1;            ///< above 1: the key is a list of so many equal numbers
  bool logarithmic = false;  ///< searched in equal ratios instead of equal steps
  std::string source;        ///< where the prior is from

  /// The value at u in [0, 1] of the prior, rounded to three digits (so that what is written is
  /// what was measured).
  double value_at(double u) const;
};

/// A published figure and how near the scene must come to it.
struct CalibrationTarget {
  std::string measure;  ///< one of `measure_names()`
  double value = 0.0;
  double tolerance = 1.0;
  bool counted = true;  ///< false: shown beside the others, not searched for
  std::string source;
};

/// Parsed from TOML, schema "thzface-calibration/1".
struct Calibration {
  std::string scene;   ///< path of the scene it starts from, as written
  std::string folder;  ///< of the calibration file: where relative paths are meant
  int identities = 6;
  std::vector<int> postures = {0, 1, 2, 3, 4};
  std::vector<std::string> fabrics = {"acrylic"};
  std::string head = "parametric";
  uint64_t seed = 1;
  int trials = 60;  ///< scenes measured by the search, the sensitivities not counted
  std::vector<CalibrationKnob> knobs;
  std::vector<CalibrationTarget> targets;
  std::string sha256;  ///< of the file's text and the scene's
};

/// @throws thz::InputError with file and line.
Calibration read_calibration(const std::string& path);

using Measures = std::map<std::string, double>;

/// Names that a target may have; docs/twin.md says how each is measured.
const std::vector<std::string>& measure_names();

/// The scene of the calibration with its knobs at these values, as a plan: `identities` people that
/// no data set holds, each posture bare and dressed.
Plan calibration_plan(const Calibration& calibration, const std::vector<double>& knobs);

/// One scene measured.
struct CalibrationTrial {
  std::vector<double> knobs;  ///< values, in the calibration's order
  Measures measures;
  /// Sum over counted targets of ((measure - value)/tolerance)^2.
  double cost = 0.0;
  bool reached = false;  ///< every counted target within its tolerance
};

/// How far a measure moves when one knob goes from one end of its prior to the other, the others
/// held at the best trial.
struct KnobSensitivity {
  std::string knob;
  Measures low, high;
};

struct CalibrationReport {
  std::vector<CalibrationTrial> trials;
  std::size_t best = 0;
  std::vector<KnobSensitivity> sensitivities;
};

struct CalibrationOptions {
  int threads = 0;
  ProgressFn progress;  ///< trials made, trials in all (sensitivities included)
  const CancelToken* cancel = nullptr;
  /// Trials of an interrupted run: taken instead of measured where their knobs are the same.
  std::vector<CalibrationTrial> known;
  /// Called after every trial that was measured.
  std::function<void(const CalibrationTrial&)> on_trial;
};

/// Measures the scene with its knobs at these values. Deterministic: the seed, the people and the
/// captures are those of the calibration, whatever the values.
/// @throws thz::InputError as stage_scene does; thz::Cancelled.
CalibrationTrial measure_trial(const Calibration& calibration, const std::vector<double>& knobs,
                               const CalibrationOptions& options);

/// Searches the priors for the least cost: controlled random search (Kaelo & Ali, J. Optim. Theory
/// Appl. 130, 2006) over the whole of them, then subplex (Rowan 1990) from the best; both by NLopt.
/// Then moves every knob to both ends of its prior.
CalibrationReport calibrate(const Calibration& calibration, const CalibrationOptions& options);

/// The calibration's scene with the knobs at these values, as TOML.
std::string calibrated_scene(const Calibration& calibration, const std::vector<double>& knobs);

}  // namespace thz::data
