#include "head_person.h"

#include <algorithm>
#include <cmath>

#include "head_base.h"
#include "head_parameters.h"
#include "thz/core/constants.h"

namespace thz::sim::internal {
namespace {

/// Mean of both sexes: what the defaults of HeadShape stand for.
double mean_of(Parameter p) {
  const HeadParameterInfo& info = parametric_head_parameters()[p];
  return 0.5 * (info.male_mean + info.female_mean);
}

double tangent_deg(double degrees) { return std::tan(deg_to_rad(degrees)); }

/// Nominal heights of the parts of the lower face: philtrum, vermilions, gap to the fold, chin.
constexpr std::array<double, 5> kLowerFaceMm = {
    level::kSubnasale - level::kLabraleSuperius, level::kLabraleSuperius - level::kStomion,
    level::kStomion - level::kLabraleInferius, level::kLabraleInferius - level::kSublabiale,
    level::kSublabiale - level::kMenton};
/// Who gives way when the parts do not add up to the face length.
constexpr std::array<double, 5> kYield = {0.10, 0.05, 0.05, 0.25, 0.55};

/// Levels of a face whose lower part, subnasale to menton, measures `total_mm` vertically.
std::array<double, 5> lower_face_parts(const std::vector<float>& value, double total_mm) {
  constexpr std::array<Parameter, 3> kParts = {kPhiltrumLength, kUpperVermilion, kLowerVermilion};
  std::array<double, 5> part = kLowerFaceMm;
  for (std::size_t i = 0; i < 3; ++i) part[i] *= value[kParts[i]] / mean_of(kParts[i]);
  part[4] *= value[kChinHeight] / mean_of(kChinHeight);
  double excess = total_mm;
  for (double p : part) excess -= p;
  double sum = 0.0;
  for (std::size_t i = 0; i < part.size(); ++i) {
    part[i] = std::max(part[i] + kYield[i] * excess, 0.45 * kLowerFaceMm[i]);
    sum += part[i];
  }
  for (double& p : part) p *= total_mm / sum;
  return part;
}

}  // namespace

HeadShape shape_of(const HeadIdentity& identity) {
  const std::vector<float>& value = identity.parameters;
  const auto delta = [&](Parameter p) { return value[p] - mean_of(p); };
  HeadShape s;
  s.brow_projection += delta(kBrowProjection);
  s.brow_y += delta(kBrowHeight);
  s.brow_tilt += tangent_deg(value[kBrowTilt]) - tangent_deg(mean_of(kBrowTilt));
  // A dab of width w and height a has the curvature a / w^2 on top.
  s.glabella_projection += delta(kGlabellaCurvature) * 10.0 * 10.0;
  s.forehead_lateral += delta(kForeheadLateral) * 16.0 * 16.0;
  s.forehead_slope += tangent_deg(value[kForeheadSlope]) - tangent_deg(mean_of(kForeheadSlope));
  s.orbit_depth += delta(kOrbitDepth) + 0.3 * delta(kNasalRootDepth);
  s.fissure_half_length *= value[kFissureLength] / mean_of(kFissureLength);
  s.fissure_half_height *= value[kFissureHeight] / mean_of(kFissureHeight);
  s.canthal_rise = tangent_deg(value[kCanthalTilt]);
  s.root_z += 0.6 * delta(kNasalRootDepth);
  s.root_half_width *= value[kNasalRootBreadth] / mean_of(kNasalRootBreadth);
  s.bridge_curvature = std::clamp<double>(value[kBridgeCurvature], 0.07, 0.25);
  s.hump = value[kDorsalHump];
  s.tip_radius = std::clamp(1.0 / std::max<double>(value[kTipCurvature], 0.02), 7.5, 17.0);
  // A ball of 11 mm shows a normal one degree higher when its centre sinks by 0.19 mm.
  s.tip_y = std::max(0.5, s.tip_y - 0.19 * delta(kTipElevation));
  s.nostril_rise = 0.08 * delta(kTipElevation);
  s.lip_base = value[kLipProtrusion];
  s.upper_lip += delta(kUpperLipFullness);
  s.lower_lip += delta(kLowerLipFullness);
  s.philtrum_depth = std::max(0.0f, value[kPhiltrumDepth]);
  s.philtrum_half_width *= value[kPhiltrumWidth] / mean_of(kPhiltrumWidth);
  s.mentolabial_depth += delta(kMentolabialDepth);
  s.chin_projection += delta(kChinProjection);
  s.chin_cleft = std::max(0.0f, value[kChinCleft]);
  s.cheekbone_projection += delta(kCheekboneProjection);
  s.cheekbone_y += delta(kCheekboneHeight);
  s.cheek_fullness = value[kCheekFullness];
  s.nasolabial_depth = std::max(0.0f, value[kNasolabialDepth]);
  s.larynx = std::max(0.0f, value[kLarynx]);
  s.ear_length *= value[kEarLength] / mean_of(kEarLength);
  s.ear_breadth *= value[kEarBreadth] / mean_of(kEarBreadth);
  s.ear_protrusion *= value[kEarProtrusion] / mean_of(kEarProtrusion);
  return s;
}

double base_neck_circumference_mm() {
  static const double length = [] {
    constexpr int kSteps = 720;
    constexpr double kLevelMm = -112.0;
    double sum = 0.0;
    Vec3 last(0.0, 0.0, head_base_radius_mm(0.0, kLevelMm));
    for (int i = 1; i <= kSteps; ++i) {
      const double a = kPi * i / kSteps;
      const double r = head_base_radius_mm(a, kLevelMm);
      const Vec3 next(r * std::sin(a), 0.0, r * std::cos(a));
      sum += 2.0 * (next - last).norm();
      last = next;
    }
    return sum;
  }();
  return length;
}

LandmarkPoints warped(const LandmarkPoints& points, const HeadWarp& warp) {
  const HeadWarper warper(warp);
  LandmarkPoints moved;
  for (std::size_t i = 0; i < kLandmarkCount; ++i) {
    moved.left[i] = warper(points.left[i]);
    moved.right[i] = warper(points.right[i]);
  }
  return moved;
}

HeadWarp solve_warp(const HeadIdentity& identity, const LandmarkPoints& sculpted) {
  const std::vector<float>& value = identity.parameters;
  HeadWarp warp;
  warp.neck_scale = value[kNeckCircumference] / base_neck_circumference_mm();
  double subnasale_shift = 0.0;
  double menton_shift = 0.0;
  // Every size answers almost one to one to its own entry, so plain corrections converge.
  constexpr int kPasses = 8;
  for (int pass = 0; pass < kPasses; ++pass) {
    const LandmarkPoints now = warped(sculpted, warp);
    const auto widen = [&](double& entry, Landmark landmark, Parameter p) {
      entry += 0.5 * (value[p] - now.breadth(landmark));
    };
    widen(warp.eye_x, kEyeCenter, kInterpupillary);
    widen(warp.ala_x, kAlare, kNoseBreadth);
    widen(warp.mouth_x, kCheilion, kLipLength);
    widen(warp.chin_x, kChinSide, kChinBreadth);
    widen(warp.cheekbone_x, kCheekbone, kCheekBreadth);
    widen(warp.temple_x, kFrontotemporale, kTempleBreadth);
    widen(warp.cranium_x, kEuryon, kHeadBreadth);
    widen(warp.zygion_x, kZygion, kFaceWidth);
    widen(warp.gonion_x, kGonion, kGonialBreadth);
    warp.back_z += value[kHeadLength] - (now.left[kGlabella] - now.left[kOpisthocranion]).z();
    warp.top_y += value[kTragionTop] - (now.left[kVertex] - now.left[kTragion]).y();
    subnasale_shift -= value[kNoseLength] - now.distance(kSellion, kSubnasale);
    menton_shift -= value[kFaceLength] - now.distance(kSellion, kMenton);
    const double total = level::kSubnasale + subnasale_shift - level::kMenton - menton_shift;
    const auto part = lower_face_parts(value, total);
    warp.level_y[0] = subnasale_shift;
    for (std::size_t i = 0; i < part.size(); ++i) {
      warp.level_y[i + 1] = warp.level_y[i] + kLowerFaceMm[i] - part[i];
    }
  }
  return warp;
}

}  // namespace thz::sim::internal
