#include "head_person.h"

#include <algorithm>
#include <cmath>

#include "head_field.h"
#include "head_grid.h"
#include "head_parameters.h"
#include "sculpt_tools.h"
#include "thz/core/constants.h"

namespace thz::sim::internal {
namespace {

/// Mean of both sexes: what the defaults of HeadShape stand for.
double mean_of(Parameter p) {
  const HeadParameterInfo& info = parametric_head_parameters()[p];
  return 0.5 * (info.male_mean + info.female_mean);
}

double tangent_deg(double degrees) { return std::tan(deg_to_rad(degrees)); }

}  // namespace

HeadForm imposed_form(const HeadIdentity& identity) {
  const std::vector<float>& value = identity.parameters;
  const auto delta = [&](Parameter p) { return value[p] - mean_of(p); };
  const auto positive = [&](Parameter p) { return std::max(0.0, static_cast<double>(value[p])); };
  HeadForm form;
  HeadShape& s = form.shape;
  s.brow_projection += delta(kBrowProjection);
  s.brow_y += delta(kBrowHeight);
  s.brow_tilt += tangent_deg(value[kBrowTilt]) - tangent_deg(mean_of(kBrowTilt));
  s.orbit_depth += delta(kOrbitDepth);
  // A deep root is half a high bridge; deep-set eyes make the rest.
  s.root_z += 0.4 * delta(kNasalRootDepth);
  s.lid_crease = positive(kLidCrease);
  s.eye_bag = positive(kEyeBags);
  s.root_half_width *= value[kNasalRootBreadth] / mean_of(kNasalRootBreadth);
  s.hump = value[kDorsalHump];
  s.tip_cleft = positive(kTipCleft);
  // The base of the nose follows the tip's elevation.
  s.nostril_rise = 0.08 * delta(kTipElevation);
  s.wing_y += value[kWingHeight];
  s.columella = value[kColumellaShow];
  s.upper_lip += delta(kUpperLipFullness);
  s.lower_lip += delta(kLowerLipFullness);
  s.philtrum_depth = positive(kPhiltrumDepth);
  s.philtrum_half_width *= value[kPhiltrumWidth] / mean_of(kPhiltrumWidth);
  s.chin_cleft = positive(kChinCleft);
  s.cheekbone_projection += delta(kCheekboneProjection);
  s.cheekbone_y += delta(kCheekboneHeight);
  s.cheek_fullness = value[kCheekFullness];
  s.nasolabial_depth = positive(kNasolabialDepth);
  s.jowl = value[kJowlFullness];
  s.larynx = positive(kLarynx);
  s.ear_lobe = value[kEarLobe];
  s.helix_roll = positive(kHelixRoll);
  form.warp.gonion_y = value[kGonionHeight];
  form.warp.ear_tilt = tangent_deg(value[kEarTilt]) - tangent_deg(mean_of(kEarTilt));
  return form;
}

PersonRelief relief_of(const HeadIdentity& identity) {
  PersonRelief relief;
  relief.field_mm = smooth_field_mm(identity);
  // SD 1.5 deg sideways lean of the nose about its root in the face.
  if (!identity.asymmetry.empty()) {
    relief.nose_lean = 0.0262 * static_cast<double>(identity.asymmetry.back());
  }
  return relief;
}

HeadMaker::HeadMaker(const HeadForm& form) : form_(form), nose_(form.shape), warper_(form.warp) {
  // Thin lips are flat lips: as high as before on less room, their parting line would be a slit.
  const auto& shift = form.warp.level_y;
  constexpr double kRoom = level::kLabraleSuperius - level::kLabraleInferius;
  const double stretch = std::clamp((kRoom + shift[1] - shift[3]) / kRoom, 0.2, 1.2);
  form_.shape.upper_lip *= stretch;
  form_.shape.lower_lip *= stretch;
}

Vec3 HeadMaker::sculpt(std::size_t v, SurfaceMarks& marks) const {
  const Vec3& base = head_grid().base_mm[v];
  Vec3 p = sculpt_point(form_.shape, nose_, base, marks);
  if (p.z() > 0.0) apply_site_relief(form_.relief, p);
  if (base.x() == 0.0) p.x() = 0.0;
  return p;
}

void HeadMaker::roughen(const PersonRelief& relief, std::size_t v, const SurfaceMarks& marks,
                        Vec3& p) {
  p += (1.0 - 0.9 * static_cast<double>(marks.eye)) * relief.field_mm[v] * head_grid().normals[v];
  const double nose = dab(p.x(), 0.0, 15.0) * dab(p.y(), 2.0, 14.0);
  p.x() += relief.nose_lean * nose * std::max(0.0, p.z() - 105.0);
}

}  // namespace thz::sim::internal
