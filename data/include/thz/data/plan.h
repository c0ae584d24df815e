#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "thz/core/config.h"
#include "thz/core/mesh.h"
#include "thz/sim/parametric_head.h"

namespace thz::data {

/// Standard deviations (normal, cut at 2.5) of what changes from capture to capture.
struct PlanJitter {
  double yaw_deg = 3.0;
  double pitch_deg = 3.0;
  double roll_deg = 2.0;
  double lateral_m = 0.005;
  double range_m = 0.01;
  Vec3 expression = sim::ExpressionLaw{}.sd;  ///< smile, jaw_open, brow_raise
};

/// A number of the scene that is drawn anew for every capture, within a stated prior, and recorded
/// in its row (nuisance "scene.KEY").
struct PlanKnob {
  std::string key;  ///< of the scene, e.g. "imager.noise_temperature_k"
  double low = 0.0;
  double high = 0.0;
  bool logarithmic = false;  ///< uniform in the logarithm
};

/// One capture of the plan, before anything is simulated.
struct PlanRow {
  uint64_t row = 0;  ///< row of the data set
  int identity = 0;  ///< first_identity + i
  int posture = 0;   ///< index into io::kPostureNames
  int concealed = 0;
  int capture = 0;  ///< within (identity, posture, condition)
  int fabric = -1;  ///< index into Plan::fabrics, -1 bare
  int64_t visible_index = -1;
  uint64_t capture_key = 0;   ///< entity of the capture's random streams; depends on no other row
  std::vector<double> knobs;  ///< values of Plan::knobs
};

/// What a data set consists of; parsed from TOML, schema "thzface-plan/1"
/// (docs/formats/dataset.md).
struct Plan {
  std::string name = "data set";
  int identities = 10;
  int first_identity = 0;
  std::vector<int> postures = {0, 1, 2, 3, 4};  ///< indices into io::kPostureNames
  std::vector<int> conditions = {0, 1};         ///< 0 bare, 1 concealed
  int captures = 3;                             ///< per (identity, posture, condition)
  bool visible = true;  ///< one visible picture a (identity, posture, condition)
  bool power = false;   ///< store /thz/power too
  uint64_t seed = 1;
  /// Everybody has the mean head and mean looks, all that is drawn for a capture stays: what an
  /// audit for fingerprints is made of (audit.h).
  bool mean_heads = false;
  std::string head = "parametric";  ///< or the path of a head-morphable/1 file, as written
  std::vector<std::string> fabrics = {"acrylic"};
  std::string scene;            ///< path of the base scene, as written; empty: built-in scene
  std::string scene_overrides;  ///< TOML text laid over the scene, empty if absent
  /// Folder of the plan's file, from where relative paths are meant. No part of the resolved plan,
  /// so that its hash does not know the machine.
  std::string folder;
  PlanJitter jitter;
  std::vector<PlanKnob> knobs;  ///< TOML: [[randomise]]
  /// Rows written out (plan_table.h) instead of following from the numbers above; empty: those.
  std::vector<PlanRow> table;
  std::vector<uint64_t> table_visible;  ///< row of the table that each visible picture is taken of

  uint64_t num_rows() const;
  uint64_t num_visible() const;
};

/// Reads and checks a plan; unknown keys, types and ranges are InputErrors with file and line.
/// `read_plan` notes the file's folder; paths stay as written.
Plan parse_plan(ConfigTable& table);
Plan read_plan(const std::string& path);
/// "smoke" (4 identities x 5 postures x 2 conditions x 1 capture), "demo" (10 x 5 x 2 x 4), "paper"
/// (20 x 5 x 2 x 7: 35 + 35 images an identity, 200 visible pictures) or "population" (1000 x 5 x 2
/// x 2, with fabrics and instrument drawn within priors).
Plan preset_plan(const std::string& name);
std::vector<std::string> preset_plan_names();
/// The preset's TOML text, comments and all. @throws InputError for an unknown name.
const std::string& preset_plan_text(const std::string& name);

/// The resolved plan as TOML: `parse_plan` of it gives the same plan; its hash names the plan.
std::string plan_to_toml(const Plan& plan);

/// Whether a data set's plan (DatasetHeader::plan_toml) says mean_heads; an empty one does not.
/// @throws InputError, naming `source`, if it is not TOML.
bool plans_mean_heads(const std::string& plan_toml, const std::string& source);

/// Number drawn for a capture from a knob's prior; keyed by the plan's seed, capture and key alone.
double draw_knob(const Plan& plan, const PlanKnob& knob, uint64_t capture_key);

/// Entity of a capture's random streams.
uint64_t plan_capture_key(const PlanRow& row);

/// Rows in file order: identity, posture, condition, capture.
PlanRow plan_row(const Plan& plan, uint64_t row);
std::vector<PlanRow> plan_rows(const Plan& plan);
/// The first capture of the visible picture's (identity, posture, condition).
PlanRow plan_visible_row(const Plan& plan, uint64_t visible_index);

}  // namespace thz::data
