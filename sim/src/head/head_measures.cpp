#include "head_measures.h"

#include <algorithm>
#include <cmath>

#include "thz/core/constants.h"

// What a caliper, a protractor or a curvature gauge reads off a head; the vertices are chosen in
// head_measure_vertices.cpp.

namespace thz::sim::internal {
namespace {

using P = const MeasurePoints&;

const Vec3& left(P p, Landmark l) { return p.left[measure_vertices().landmark[l]]; }
const Vec3& right(P p, Landmark l) { return p.right[measure_vertices().landmark[l]]; }

template <Landmark L>
double breadth(P p) {
  return left(p, L).x() - right(p, L).x();
}

template <Landmark A, Landmark B>
double distance(P p) {
  return (left(p, A) - left(p, B)).norm();
}

/// Largest |x| of a patch on both sides.
double patch_breadth(P p, const std::vector<std::size_t>& slots) {
  double out_left = 0.0;
  double out_right = 0.0;
  for (const std::size_t s : slots) {
    out_left = std::max(out_left, p.left[s].x());
    out_right = std::max(out_right, -p.right[s].x());
  }
  return out_left + out_right;
}

/// The foremost (or, with -1, rearmost) point of a mid-line profile: top of the parabola through
/// the extreme vertex and its neighbours.
Vec3 extreme(P p, const std::vector<std::size_t>& slots, double sign) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < slots.size(); ++i) {
    if (sign * p.left[slots[i]].z() > sign * p.left[slots[best]].z()) best = i;
  }
  if (best == 0 || best + 1 == slots.size()) return p.left[slots[best]];
  const Vec3& a = p.left[slots[best - 1]];
  const Vec3& b = p.left[slots[best]];
  const Vec3& c = p.left[slots[best + 1]];
  const double low = (b.z() - a.z()) / (b.y() - a.y());
  const double high = (c.z() - b.z()) / (c.y() - b.y());
  const double second = (high - low) / (c.y() - a.y());
  if (std::abs(second) < 1e-9) return b;
  const double y = std::clamp(0.5 * (a.y() + b.y()) - 0.5 * low / second, std::min(a.y(), c.y()),
                              std::max(a.y(), c.y()));
  return {0.0, y, a.z() + (y - a.y()) * low + (y - a.y()) * (y - b.y()) * second};
}

Vec3 pronasale(P p) { return extreme(p, measure_vertices().nose_profile, 1.0); }

double angle_deg(const Vec3& a, const Vec3& at, const Vec3& b) {
  return rad_to_deg(
      std::acos(std::clamp((a - at).normalized().dot((b - at).normalized()), -1.0, 1.0)));
}

/// Backwards lean of a line in the side view.
double slope_deg(const Vec3& low, const Vec3& high) {
  return rad_to_deg(std::atan2(low.z() - high.z(), high.y() - low.y()));
}

double half_ring(P p, const std::vector<std::size_t>& ring) {
  double sum = 0.0;
  for (std::size_t i = 1; i < ring.size(); ++i) {
    for (const auto* side : {&p.left, &p.right}) {
      Vec3 step = (*side)[ring[i]] - (*side)[ring[i - 1]];
      step.y() = 0.0;
      sum += step.norm();
    }
  }
  return sum;
}

/// NIOSH: breadth of the nasal root at sellion, half as deep as from the bridge to the eyes.
double root_breadth(P p) {
  const double level = 0.5 * (left(p, kSellion).z() +
                              0.5 * (left(p, kEndocanthion).z() + right(p, kEndocanthion).z()));
  const auto& row = measure_vertices().root_row;
  double total = 0.0;
  for (const auto* side : {&p.left, &p.right}) {
    double out = std::abs((*side)[row.back()].x());
    for (std::size_t i = 1; i < row.size(); ++i) {
      const Vec3& inner = (*side)[row[i - 1]];
      const Vec3& outer = (*side)[row[i]];
      if (outer.z() > level) continue;
      const double t = (inner.z() - level) / std::max(1e-9, inner.z() - outer.z());
      out = std::abs(inner.x() + std::clamp(t, 0.0, 1.0) * (outer.x() - inner.x()));
      break;
    }
    total += out;
  }
  return total;
}

double ear_protrusion(P p) {
  double out = 0.0;
  for (const std::size_t s : measure_vertices().ear) out = std::max(out, p.left[s].x());
  return out - left(p, kEarRear).x();
}

double canthal_tilt(P p) {
  const Vec3 d = left(p, kExocanthion) - left(p, kEndocanthion);
  return rad_to_deg(std::atan2(d.y(), d.x()));
}

double alare_z(P p) {
  double z = 0.0;
  for (const auto* side : {&p.left, &p.right}) {
    std::size_t best = measure_vertices().wing.front();
    for (const std::size_t s : measure_vertices().wing) {
      if (std::abs((*side)[s].x()) > std::abs((*side)[best].x())) best = s;
    }
    z += 0.5 * (*side)[best].z();
  }
  return z;
}

/// Depth of the wings: their widest vertices jump, so a fixed one stands in.
double nose_depth(P p) {
  return pronasale(p).z() - 0.5 * (left(p, kAlare).z() + right(p, kAlare).z());
}

double root_depth(P p) {
  return left(p, kSellion).z() - 0.5 * (left(p, kEndocanthion).z() + right(p, kEndocanthion).z());
}

SiteShape site(P p, Site s) {
  const MeasureVertices& v = measure_vertices();
  std::vector<Vec3> points;
  points.reserve(2 * v.site[s].size());
  for (const std::size_t slot : v.site[s]) {
    points.push_back(p.left[slot]);
    if (s < kMidlineSites) points.push_back(p.right[slot]);
  }
  return fit_site(s, p.left[v.site_centre[s]], points);
}

template <Site S>
double site_azimuth(P p) {
  return site(p, S).azimuth_deg;
}
template <Site S>
double site_elevation(P p) {
  return site(p, S).elevation_deg;
}
template <Site S>
double site_vertical(P p) {
  return site(p, S).vertical;
}
template <Site S>
double site_horizontal(P p) {
  return site(p, S).horizontal;
}
template <Site S>
double site_largest(P p) {
  return site(p, S).largest;
}
template <Site S>
double site_mean(P p) {
  return site(p, S).mean;
}

double head_length(P p) {
  return extreme(p, measure_vertices().brow_profile, 1.0).z() -
         extreme(p, measure_vertices().occiput, -1.0).z();
}

double top_y(P p) {
  double y = 0.0;
  for (const std::size_t s : measure_vertices().top) y = std::max(y, p.left[s].y());
  return y;
}

const std::vector<MeasureRow> kMeasureRows = {
    {"head_breadth_mm", "mm", "eu-eu, widest above the ears", kHeadBreadth,
     [](P p) { return patch_breadth(p, measure_vertices().vault); }},
    {"head_length_mm", "mm", "foremost point of the glabella to rearmost of the occiput, in depth",
     kHeadLength, head_length},
    {"face_width_mm", "mm", "zy-zy, widest over the zygomatic arches", kFaceWidth,
     [](P p) { return patch_breadth(p, measure_vertices().arch); }},
    {"face_length_mm", "mm", "sellion to menton", kFaceLength, distance<kSellion, kMenton>},
    {"interpupillary_mm", "mm", "between the fronts of the eyeballs", kInterpupillary,
     breadth<kEyeCenter>},
    {"ear_length_mm", "mm", "sa-sba", kEarLength, distance<kSuperaurale, kSubaurale>},
    {"ear_breadth_mm", "mm", "pra-pa, from the side", kEarBreadth,
     [](P p) { return left(p, kPreaurale).z() - left(p, kPostaurale).z(); }},
    {"ear_protrusion_mm", "mm", "outermost point of the ear from the skull behind it",
     kEarProtrusion, ear_protrusion},
    {"tragion_top_mm", "mm", "tragion to vertex, vertical", kTragionTop,
     [](P p) { return top_y(p) - 0.5 * (left(p, kTragion).y() + right(p, kTragion).y()); }},
    {"neck_circumference_mm", "mm", "horizontal, at the larynx", kNeckCircumference,
     [](P p) { return half_ring(p, measure_vertices().larynx_ring); }},
    {"neck_base_circumference_mm", "mm", "horizontal, just above the cut", kNeckBaseCircumference,
     [](P p) { return half_ring(p, measure_vertices().base_ring); }},
    {"gonial_breadth_mm", "mm", "go-go", kGonialBreadth, breadth<kGonion>},
    {"temple_breadth_mm", "mm", "ft-ft", kTempleBreadth, breadth<kFrontotemporale>},
    {"chin_breadth_mm", "mm", "between the sides of the chin", kChinBreadth, breadth<kChinSide>},
    {"cheekbone_breadth_mm", "mm", "between the apices of the cheekbones", kCheekBreadth,
     breadth<kCheekbone>},
    {"biocular_breadth_mm", "mm", "ex-ex", kBiocularBreadth, breadth<kExocanthion>},
    {"intercanthal_breadth_mm", "mm", "en-en", kIntercanthalBreadth, breadth<kEndocanthion>},
    {"eye_opening_mm", "mm", "ps-pi", kEyeOpening,
     distance<kPalpebraleSuperius, kPalpebraleInferius>},
    {"canthal_tilt_deg", "deg", "en-ex against the horizontal, from the front", kCanthalTilt,
     canthal_tilt},
    {"nose_length_mm", "mm", "sellion to subnasale", kNoseLength, distance<kSellion, kSubnasale>},
    {"nose_bridge_length_mm", "mm", "sellion to pronasale", kBridgeLength,
     [](P p) { return (left(p, kSellion) - pronasale(p)).norm(); }},
    {"nose_protrusion_mm", "mm", "subnasale to pronasale", kNoseProtrusion,
     [](P p) { return (left(p, kSubnasale) - pronasale(p)).norm(); }},
    {"nose_depth_mm", "mm", "pronasale before alare, in depth", kNoseDepth, nose_depth},
    {"nose_breadth_mm", "mm", "al-al, widest", kNoseBreadth,
     [](P p) { return patch_breadth(p, measure_vertices().wing); }},
    {"nasal_root_depth_mm", "mm", "sellion before the inner corners of the eyes", kNasalRootDepth,
     root_depth},
    {"nose_bridge_slope_deg", "deg", "sellion to pronasale against the vertical", kBridgeSlope,
     [](P p) { return slope_deg(pronasale(p), left(p, kSellion)); }},
    {"nose_bridge_curvature_per_mm", "1/mm", "across, within 10 mm", kBridgeCurvature,
     site_horizontal<kBridgeSite>},
    {"nose_tip_curvature_per_mm", "1/mm", "mean, within 6 mm", kTipCurvature,
     site_mean<kNoseTipSite>},
    {"sellion_curvature_per_mm", "1/mm", "vertical, within 10 mm", kSellionCurvature,
     site_vertical<kSellionSite>},
    {"lip_length_mm", "mm", "ch-ch", kLipLength, breadth<kCheilion>},
    {"philtrum_length_mm", "mm", "sn-ls", kPhiltrumLength, distance<kSubnasale, kLabraleSuperius>},
    {"upper_vermilion_mm", "mm", "ls-sto", kUpperVermilion, distance<kLabraleSuperius, kStomion>},
    {"lower_vermilion_mm", "mm", "sto-li", kLowerVermilion, distance<kStomion, kLabraleInferius>},
    {"nasolabial_angle_deg", "deg", "prn-sn-ls", kNasolabialAngle,
     [](P p) { return angle_deg(pronasale(p), left(p, kSubnasale), left(p, kLabraleSuperius)); }},
    {"mentolabial_angle_deg", "deg", "li-sl-pog", kMentolabialAngle,
     [](P p) {
       return angle_deg(left(p, kLabraleInferius), left(p, kSublabiale), left(p, kPogonion));
     }},
    {"philtrum_elevation_deg", "deg", "normal, within 6 mm", kPhiltrumElevation,
     site_elevation<kPhiltrumSite>},
    {"upper_lip_elevation_deg", "deg", "normal, within 6 mm", kUpperLipElevation,
     site_elevation<kUpperLipSite>},
    {"lower_lip_elevation_deg", "deg", "normal, within 4.5 mm", kLowerLipElevation,
     site_elevation<kLowerLipSite>},
    {"chin_height_mm", "mm", "sl-me", kChinHeight, distance<kSublabiale, kMenton>},
    {"facial_convexity_deg", "deg", "g-sn-pog", kFacialConvexity,
     [](P p) { return angle_deg(left(p, kGlabella), left(p, kSubnasale), left(p, kPogonion)); }},
    {"chin_elevation_deg", "deg", "normal, within 10 mm", kChinElevation,
     site_elevation<kChinSite>},
    {"chin_curvature_per_mm", "1/mm", "vertical, within 10 mm", kChinCurvature,
     site_vertical<kChinSite>},
    {"brow_azimuth_deg", "deg", "normal, within 10 mm", kBrowAzimuth, site_azimuth<kBrowSite>},
    {"brow_elevation_deg", "deg", "normal, within 10 mm", kBrowElevation,
     site_elevation<kBrowSite>},
    {"brow_curvature_per_mm", "1/mm", "larger principal, within 10 mm", kBrowCurvature,
     site_largest<kBrowSite>},
    {"glabella_elevation_deg", "deg", "normal, within 10 mm", kGlabellaElevation,
     site_elevation<kGlabellaSite>},
    {"glabella_curvature_per_mm", "1/mm", "vertical, within 10 mm", kGlabellaCurvature,
     site_vertical<kGlabellaSite>},
    {"forehead_slope_deg", "deg", "mid-line from 15 to 40 mm above glabella, from the vertical",
     kForeheadSlope, [](P p) { return slope_deg(left(p, kForeheadLow), left(p, kForeheadHigh)); }},
    {"forehead_elevation_deg", "deg", "normal, within 10 mm", kForeheadElevation,
     site_elevation<kForeheadSite>},
    {"forehead_curvature_per_mm", "1/mm", "vertical, within 10 mm", kForeheadCurvature,
     site_vertical<kForeheadSite>},
    {"forehead_lateral_curvature_per_mm", "1/mm", "mean, within 10 mm", kForeheadLateralCurvature,
     site_mean<kForeheadSideSite>},
    {"forehead_lateral_azimuth_deg", "deg", "normal, within 10 mm", kForeheadLateralAzimuth,
     site_azimuth<kForeheadSideSite>},
    {"forehead_lateral_elevation_deg", "deg", "normal, within 10 mm", kForeheadLateralElevation,
     site_elevation<kForeheadSideSite>},
    {"cheekbone_azimuth_deg", "deg", "normal, within 10 mm", kCheekboneAzimuth,
     site_azimuth<kCheekboneSite>},
    {"cheekbone_elevation_deg", "deg", "normal, within 10 mm", kCheekboneElevation,
     site_elevation<kCheekboneSite>},
    {"cheekbone_curvature_per_mm", "1/mm", "larger principal, within 10 mm", kCheekboneCurvature,
     site_largest<kCheekboneSite>},
    {"cheek_azimuth_deg", "deg", "normal, within 10 mm", kCheekAzimuth, site_azimuth<kCheekSite>},
    {"cheek_elevation_deg", "deg", "normal, within 10 mm", kCheekElevation,
     site_elevation<kCheekSite>},
    {"cheek_curvature_per_mm", "1/mm", "mean, within 10 mm", kCheekCurvature,
     site_mean<kCheekSite>},
    {"temple_azimuth_deg", "deg", "normal, within 10 mm", kTempleAzimuth,
     site_azimuth<kTempleSite>},
    {"temple_elevation_deg", "deg", "normal, within 10 mm", kTempleElevation,
     site_elevation<kTempleSite>},
    {"zygoma_azimuth_deg", "deg", "normal, within 10 mm", kZygomaAzimuth,
     site_azimuth<kZygomaSite>},
    {"zygoma_elevation_deg", "deg", "normal, within 10 mm", kZygomaElevation,
     site_elevation<kZygomaSite>},
    {"jaw_azimuth_deg", "deg", "normal, within 10 mm", kJawAzimuth, site_azimuth<kJawSite>},
    {"jaw_elevation_deg", "deg", "normal, within 10 mm", kJawElevation, site_elevation<kJawSite>},
    // Not solved for.
    {"nasal_root_breadth_mm", "mm", "at sellion, half as deep as from bridge to eyes", kNoParameter,
     root_breadth},
    {"head_circumference_mm", "mm", "horizontal, above the brows", kNoParameter,
     [](P p) { return half_ring(p, measure_vertices().head_ring); }},
    {"head_height_mm", "mm", "menton to vertex, vertical", kNoParameter,
     [](P p) { return top_y(p) - left(p, kMenton).y(); }},
    {"lower_face_height_mm", "mm", "sn-me", kNoParameter, distance<kSubnasale, kMenton>},
    {"palpebral_fissure_length_mm", "mm", "en-ex", kNoParameter,
     distance<kEndocanthion, kExocanthion>},
    {"nasofrontal_angle_deg", "deg", "g-se-prn", kNoParameter,
     [](P p) { return angle_deg(left(p, kGlabella), left(p, kSellion), pronasale(p)); }},
    {"nasal_tip_angle_deg", "deg", "se-prn-sn", kNoParameter,
     [](P p) { return angle_deg(left(p, kSellion), pronasale(p), left(p, kSubnasale)); }},
    {"upper_lip_height_mm", "mm", "sn-sto", kNoParameter, distance<kSubnasale, kStomion>},
    {"lip_thickness_mm", "mm", "ls-li", kNoParameter, distance<kLabraleSuperius, kLabraleInferius>},
    {"alar_depth_mm", "mm", "pronasale before the widest points of the wings", kNoParameter,
     [](P p) { return pronasale(p).z() - alare_z(p); }},
};

}  // namespace

const std::vector<MeasureRow>& measure_rows() { return kMeasureRows; }

std::size_t solved_measures() {
  static const std::size_t count = static_cast<std::size_t>(
      std::count_if(measure_rows().begin(), measure_rows().end(),
                    [](const MeasureRow& r) { return r.parameter != kNoParameter; }));
  return count;
}

}  // namespace thz::sim::internal
