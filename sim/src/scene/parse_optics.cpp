#include "parse_optics.h"

#include <cmath>

#include "parse_tools.h"
#include "thz/core/constants.h"

namespace thz::sim::internal {
namespace {

/// A key without a number as default: where it is left out the design derives it.
std::optional<double> optional_number(ConfigTable& t, const std::string& key, Range allowed) {
  const double value = t.number(key, NAN, allowed);
  if (std::isnan(value)) return std::nullopt;
  return value;
}

void parse_mirrors(ConfigTable& t, GregorianDesign& d) {
  d.second_galvo_size_m = pair(t, "second_galvo_size_m", d.second_galvo_size_m, {0.0, 10.0});
  d.sub_diameter_m = t.number("sub_diameter_m", d.sub_diameter_m, {0.0, 20.0});
  d.main_diameter_m = t.number("main_diameter_m", d.main_diameter_m, {0.0, 20.0});
  d.galvo_rms_m = t.number("galvo_rms_m", d.galvo_rms_m, {0.0, 1e-3});
  d.sub_rms_m = t.number("sub_rms_m", d.sub_rms_m, {0.0, 1e-3});
  d.main_rms_m = t.number("main_rms_m", d.main_rms_m, {0.0, 1e-3});
  d.galvo_correlation_m = t.number("galvo_correlation_m", d.galvo_correlation_m, {1e-3, 1.0});
  d.sub_correlation_m = t.number("sub_correlation_m", d.sub_correlation_m, {1e-3, 1.0});
  d.main_correlation_m = t.number("main_correlation_m", d.main_correlation_m, {1e-3, 1.0});
  d.mirror_loss_db = t.number("mirror_loss_db", d.mirror_loss_db, {0.0, 20.0});
}

GregorianMisalignment parse_misalignment(ConfigTable& t) {
  GregorianMisalignment m;
  m.sub_shift_m = triple(t, "sub_shift_m", m.sub_shift_m, {-0.1, 0.1});
  m.sub_rotation_rad =
      triple(t, "sub_rotation_deg", m.sub_rotation_rad, {-10.0, 10.0}) * deg_to_rad(1.0);
  m.feed_shift_m = pair(t, "feed_shift_m", m.feed_shift_m, {-0.1, 0.1});
  m.feed_tilt_rad = pair(t, "feed_tilt_deg", m.feed_tilt_rad, {-10.0, 10.0}) * deg_to_rad(1.0);
  return m;
}

}  // namespace

GregorianDesign parse_optics(ConfigTable t, double standoff_m) {
  GregorianDesign d;
  d.main_to_target_m = standoff_m;
  d.main_to_first_focus_m =
      t.number("main_to_first_focus_m", d.main_to_first_focus_m, {0.05, 100.0});
  d.main_incidence_rad =
      deg_to_rad(t.number("main_incidence_deg", rad_to_deg(d.main_incidence_rad), {0.1, 40.0}));
  d.sub_focal_m = t.number("sub_focal_m", d.sub_focal_m, {1e-3, 100.0});
  const std::optional<double> sub_incidence_deg =
      optional_number(t, "sub_incidence_deg", {-44.0, 44.0});
  if (sub_incidence_deg) d.sub_incidence_rad = deg_to_rad(*sub_incidence_deg);
  d.galvo_distance_m = optional_number(t, "galvo_distance_m", {1e-3, 100.0});
  d.galvo_separation_m = t.number("galvo_separation_m", d.galvo_separation_m, {0.0, 10.0});
  d.aperture_m = t.number("aperture_m", d.aperture_m, {1e-3, 20.0});
  d.edge_taper_db = t.number("edge_taper_db", d.edge_taper_db, {1e-3, 60.0});
  d.stop_at_first_galvo = t.boolean("stop_at_first_galvo", d.stop_at_first_galvo);
  parse_mirrors(t, d);
  d.misalignment = parse_misalignment(t);
  return d;
}

}  // namespace thz::sim::internal
