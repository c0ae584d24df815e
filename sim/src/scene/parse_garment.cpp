#include "parse_garment.h"

#include <algorithm>

#include "parse_tools.h"

namespace thz::sim::internal {
namespace {

/// Bounds of what a capture draws: [low, high], or one number that all captures share (which
/// `[[randomise]]` can write).
void read_span(ConfigTable& t, const std::string& key, double& low, double& high, Range allowed) {
  if (t.has(key) && !t.is_list(key)) {
    low = high = t.number(key, low, allowed);
    return;
  }
  const Vec2 span = pair(t, key, {low, high}, allowed);
  if (span.x() > span.y()) t.fail(key, "the first number must not exceed the second");
  low = span.x();
  high = span.y();
}

void parse_fabric(ConfigTable& t, Garment& garment) {
  std::vector<std::string> fabrics;
  for (const Fabric& fabric : fabric_catalogue()) fabrics.push_back(fabric.id);
  garment.fabric = t.choice("fabric", "acrylic", fabrics);
  garment.nominal = t.boolean("nominal", false);
  FabricPrior& prior = garment.prior;
  prior.thickness_spread = t.number("thickness_spread", prior.thickness_spread, {0.0, 0.5});
  prior.loss_spread = t.number("loss_spread", prior.loss_spread, {0.0, 0.9});
  read_span(t, "face_sigma_h_m", prior.face_sigma_h_low_m, prior.face_sigma_h_high_m, {0.0, 1e-3});
  prior.diffuse_sigma0_db = t.number("diffuse_sigma0_db", prior.diffuse_sigma0_db, {-60.0, 0.0});
  prior.diffuse_spread_db = t.number("diffuse_spread_db", prior.diffuse_spread_db, {0.0, 20.0});
}

void parse_thickness(ConfigTable& t, GarmentOptions& cut) {
  read_span(t, "stitch_correlation_m", cut.stitch_correlation_low_m, cut.stitch_correlation_high_m,
            {0.2e-3, 10e-3});
  read_span(t, "fold_correlation_m", cut.fold_correlation_low_m, cut.fold_correlation_high_m,
            {5e-3, 0.2});
  cut.stitch_thickness_rms = t.number("stitch_thickness_rms", cut.stitch_thickness_rms, {0.0, 0.2});
  cut.fold_thickness_rms = t.number("fold_thickness_rms", cut.fold_thickness_rms, {0.0, 0.2});
  cut.stretch = t.number("stretch", cut.stretch, {0.0, 1.0});
}

void parse_sewing(ConfigTable& t, GarmentOptions& cut) {
  const Range factor = {1.0, ClothScreen::kMostFactor};
  cut.hem_width_m = t.number("hem_width_m", cut.hem_width_m, {0.0, 0.03});
  cut.hem_factor = t.number("hem_factor", cut.hem_factor, factor);
  const std::vector<std::string> seams = {"none", "sagittal", "sides"};
  const std::string seam = t.choice("seam", "sagittal", seams);
  cut.seam = static_cast<GarmentSeam>(std::find(seams.begin(), seams.end(), seam) - seams.begin());
  cut.seam_width_m = t.number("seam_width_m", cut.seam_width_m, {0.0, 0.02});
  cut.seam_factor = t.number("seam_factor", cut.seam_factor, factor);
}

}  // namespace

Garment parse_garment(ConfigTable t, bool present) {
  Garment garment;
  garment.worn = present;
  GarmentOptions& cut = garment.cut;
  t.choice("kind", "balaclava", {"balaclava"});
  parse_fabric(t, garment);
  cut.layers = static_cast<int>(t.integer("layers", 1, 1, 2));
  cut.opening = t.choice("opening", "eyes", {"eyes", "three-holes"}) == "eyes"
                    ? GarmentOpening::kEyes
                    : GarmentOpening::kThreeHoles;
  const double least_gap_m = 1.1 * cut.gap_minimum_m;  // the gap is lognormal above its minimum
  read_span(t, "gap_mean_m", cut.gap_mean_low_m, cut.gap_mean_high_m, {least_gap_m, 0.02});
  cut.gap_rms_m = t.number("gap_rms_m", cut.gap_rms_m, {0.0, 5e-3});
  parse_thickness(t, cut);
  parse_sewing(t, cut);
  cut.damp_kg_m2 = t.number("damp_kg_m2", cut.damp_kg_m2, {0.0, 0.2});
  cut.damp_radius_m = t.number("damp_radius_m", cut.damp_radius_m, {5e-3, 0.1});
  located(t, "", [&] { cut.validate(); });
  return garment;
}

}  // namespace thz::sim::internal
