#include "parse_glasses.h"

namespace thz::sim::internal {

GlassesOptions parse_glasses(ConfigTable table, bool present) {
  GlassesOptions glasses;
  if (!present) return glasses;
  glasses.share = table.number("share", 1.0, {0.0, 1.0});
  const std::string frame = table.choice("frame", "either", {"metal", "plastic", "either"});
  glasses.frame = frame == "metal"     ? GlassesFrame::kMetal
                  : frame == "plastic" ? GlassesFrame::kPlastic
                                       : GlassesFrame::kEither;
  glasses.lens_width_m = table.number("lens_width_m", glasses.lens_width_m, {0.03, 0.065});
  glasses.lens_height_m = table.number("lens_height_m", glasses.lens_height_m, {0.02, 0.055});
  glasses.bridge_m = table.number("bridge_m", glasses.bridge_m, {0.01, 0.03});
  glasses.lens_thickness_m =
      table.number("lens_thickness_m", glasses.lens_thickness_m, {0.5e-3, 0.01});
  glasses.lens_index = table.number("lens_index", glasses.lens_index, {1.01, 3.0});
  glasses.lens_absorption_per_m =
      table.number("lens_absorption_per_m", glasses.lens_absorption_per_m, {0.0, 1e4});
  glasses.curve_radius_m = table.number("curve_radius_m", glasses.curve_radius_m, {0.05, 10.0});
  glasses.pantoscopic_deg = table.number("pantoscopic_deg", glasses.pantoscopic_deg, {-20.0, 20.0});
  glasses.vertex_distance_m =
      table.number("vertex_distance_m", glasses.vertex_distance_m, {0.005, 0.03});
  return glasses;
}

}  // namespace thz::sim::internal
