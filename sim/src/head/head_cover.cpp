#include "head_cover.h"

#include <cmath>

#include "head_base.h"
#include "head_grid.h"
#include "sculpt_tools.h"
#include "thz/core/constants.h"

namespace thz::sim::internal {
namespace {

double azimuth_deg_of(const Vec3& base) {
  return rad_to_deg(std::atan2(std::abs(base.x()), base.z()));
}

/// A ragged line instead of a drawn one, mm; fixed to the head.
double ragged(const Vec3& base) {
  return std::cos(0.9 * base.x() + 0.35 * base.y()) +
         std::cos(0.57 * base.x() - 0.61 * base.z() + 1.0) +
         0.7 * std::cos(1.3 * base.x() + 0.8 * base.z() + 2.0);
}

/// Lower edge of the hair over the azimuth, mm in y of the mean head: along the forehead, down to
/// the temple, in front of the ear, round it and down to the nape.
double hair_edge_mm(const HeadHair& hair, const Vec3& base) {
  static const CubicSpline below({0.0, 25.0, 45.0, 60.0, 75.0, 100.0, 125.0, 150.0, 180.0},
                                 {0.0, -2.0, -12.0, -40.0, -84.0, -104.0, -126.0, -146.0, -150.0});
  const double azimuth = azimuth_deg_of(base);
  const double follow = 1.0 - smooth_step((azimuth - 40.0) / 50.0);
  constexpr double kMeanFront = 106.0;
  // Along the curved forehead, height grows more slowly than the hairline's distance.
  const double front = level::kSellion + 0.95 * static_cast<double>(hair.hairline_mm);
  double edge = kMeanFront + below(azimuth) + follow * (front - kMeanFront);
  edge += static_cast<double>(hair.recession_mm) * dab(azimuth, 36.0, 11.0);
  edge -= static_cast<double>(hair.peak_mm) * dab(azimuth, 0.0, 7.0);
  edge -= static_cast<double>(hair.nape_drop_mm) * smooth_step((azimuth - 94.0) / 26.0);
  return edge + 0.8 * ragged(base) * (1.0 - smooth_step((azimuth - 80.0) / 15.0));
}

/// Hair at a point of the mean head, 0 to 1.
double hair_density(const HeadHair& hair, const Vec3& base) {
  const double grown = smooth_step((base.y() - hair_edge_mm(hair, base)) / 10.0 + 0.5);
  const double vault = smooth_step((base.y() - 68.0) / 24.0);
  return grown * (1.0 - static_cast<double>(hair.baldness) * vault);
}

/// Thickness of full hair at a point: the vault, the sides, and what hangs on the neck.
double hair_slab_mm(const HeadHair& hair, const Vec3& base) {
  const double top = smooth_step((base.y() - 62.0) / 46.0);
  const double sides = static_cast<double>(hair.side_thickness_mm);
  double slab = sides + top * (static_cast<double>(hair.thickness_mm) - sides);
  const double side = std::clamp(base.x() / 50.0, -1.0, 1.0);
  slab *= 1.0 + 0.3 * top * static_cast<double>(hair.parting) * side;
  // A lock over the forehead is fuller than the crown.
  slab *= 1.0 + 0.25 * dab(base.z(), 80.0, 30.0) * top;
  const double hanging = std::min(1.0, static_cast<double>(hair.nape_drop_mm) / 50.0);
  const double neck = smooth_step((10.0 - base.y()) / 40.0);
  slab *= 1.0 - neck * (1.0 - smooth_step((azimuth_deg_of(base) - 88.0) / 50.0));
  slab += 7.0 * neck * smooth_step((azimuth_deg_of(base) - 100.0) / 50.0) * hanging *
          smooth_step((-base.y() - 10.0) / 40.0);
  return slab * (1.0 + 0.012 * ragged(base) * top);
}

double brow_weight(const HeadIdentity& identity, const Vec3& base) {
  if (base.z() < 40.0) return 0.0;
  const double x = std::abs(base.x());
  static const std::size_t height = parametric_head_parameter_index("brow_height_mm");
  static const std::size_t tilt = parametric_head_parameter_index("brow_tilt_deg");
  const double lift = static_cast<double>(identity.parameters[height]) - 23.8;
  const double slope = std::tan(deg_to_rad(static_cast<double>(identity.parameters[tilt]) + 8.7));
  const double arch = 57.0 + lift + (slope + 0.03) * (x - 25.0) - 0.0042 * square(x - 32.0);
  const double taper = 1.0 - 0.62 * smooth_step((x - 26.0) / 26.0);
  const double half = 0.5 * static_cast<double>(identity.face_hair.brow_thickness_mm) * taper;
  const double across = smooth_step((half - std::abs(base.y() - arch)) / 2.6 + 0.5);
  const double ends = smooth_step((x - 8.5) / 6.0) * (1.0 - smooth_step((x - 46.0) / 9.0));
  return across * ends * static_cast<double>(identity.face_hair.brow_density);
}

/// Where beard (first) and moustache (second) grow, 0 to 1.
std::array<double, 2> beard_weights(const Vec3& base, const SurfaceMarks& marks) {
  const double x = std::abs(base.x());
  const double y = base.y() + 0.5 * ragged(base);
  if (base.z() < -6.0 || y > 26.0 || y < -104.0) return {0.0, 0.0};
  const double bare = 1.0 - static_cast<double>(std::max(marks.lips, marks.near_ear));
  // Down from the sideburn, along the cheek, under the mouth.
  const double cheek_line =
      -22.0 - 14.0 * smooth_step((46.0 - x) / 22.0) + 45.0 * smooth_step((x - 55.0) / 15.0);
  const double grown = smooth_step((cheek_line - y) / 11.0 + 0.5) *
                       smooth_step((y + 100.0) / 12.0) * smooth_step((base.z() - 6.0) / 16.0);
  const double soul = 1.0 - 0.8 * dab(x, 15.0, 6.0) * dab(y, -47.0, 5.0);
  const double moustache = (1.0 - smooth_step((x - 21.0) / 12.0)) * smooth_step((-14.5 - y) / 3.5) *
                           (1.0 - smooth_step((-27.0 - 0.35 * x - y) / 6.0));
  const double corner = dab(x, 30.0, 5.0) * dab(y, -37.0, 9.0);
  return {bare * std::max(grown * soul, corner), bare * std::max(moustache, 0.0)};
}

/// Redder skin: cheeks, nose, ears; 0 to 1.
double flush_of(const Vec3& base, const SurfaceMarks& marks) {
  const double x = std::abs(base.x());
  const double front = smooth_step((base.z() - 30.0) / 40.0);
  const double cheeks = dab(x, 40.0, 15.0) * dab(base.y(), 0.0, 14.0);
  const double nose = dab(x, 0.0, 11.0) * dab(base.y(), 0.0, 9.0);
  return std::clamp(front * (0.7 * cheeks + 0.8 * nose) + 0.6 * static_cast<double>(marks.ear), 0.0,
                    1.0);
}

HeadPaint paint_of(const HeadIdentity& identity, const Vec3& base, const SurfaceMarks& marks,
                   double hair) {
  HeadPaint paint;
  const auto f = [](double v) { return static_cast<float>(v); };
  const auto [jaw, lip] = beard_weights(base, marks);
  paint.hair = f(hair);
  paint.brow = f(brow_weight(identity, base));
  paint.beard = f(std::max(jaw * static_cast<double>(identity.face_hair.beard),
                           lip * static_cast<double>(identity.face_hair.moustache)));
  paint.lips = marks.lips;
  paint.flush = f(flush_of(base, marks));
  paint.dark = std::max(marks.lash, 0.6f * marks.nostril);
  paint.eye = marks.eye;
  return paint;
}

HeadRegion region_of(const Vec3& base, const SurfaceMarks& marks, const HeadPaint& paint) {
  if (marks.eye > 0.5f) return HeadRegion::kEye;
  if (marks.lips > 0.5f) return HeadRegion::kLips;
  if (marks.ear > 0.3f) return HeadRegion::kEar;
  if (paint.hair > 0.4f) return HeadRegion::kHair;
  if (paint.brow > 0.3f) return HeadRegion::kBrow;
  if (paint.beard > 0.5f) return HeadRegion::kBeard;
  if (base.y() < -86.0 || (base.y() < -40.0 && base.z() < 0.0)) return HeadRegion::kNeck;
  return HeadRegion::kSkin;
}

/// Mean of the corners of a quad.
template <typename T>
float corner_mean(const std::vector<T>& values, const std::array<int32_t, 4>& quad,
                  float T::*member) {
  float sum = 0.0f;
  for (const int32_t v : quad) sum += values[static_cast<std::size_t>(v)].*member / 4.0f;
  return sum;
}

}  // namespace

HeadCover cover_head(const HeadIdentity& identity, const std::vector<SurfaceMarks>& marks) {
  const HeadGrid& grid = head_grid();
  HeadCover cover;
  for (std::size_t v = 0; v < grid.base_mm.size(); ++v) {
    const Vec3& base = grid.base_mm[v];
    const double hair =
        hair_density(identity.hair, base) * (1.0 - static_cast<double>(marks[v].near_ear));
    const HeadPaint paint = paint_of(identity, base, marks[v], hair);
    cover.paint.push_back(paint);
    double slab =
        hair * (identity.hair.thickness_mm > 0.0f ? hair_slab_mm(identity.hair, base) : 0.0);
    constexpr double kBrowMm = 0.7;
    if (identity.hair.thickness_mm > 0.0f)
      slab = std::max(slab, kBrowMm * static_cast<double>(paint.brow));
    slab = std::max(slab, static_cast<double>(paint.beard * identity.face_hair.beard_thickness_mm));
    cover.hair_mm.push_back(static_cast<float>(slab * smooth_step((base.y() - kNeckCutMm) / 8.0)));
  }
  // Both triangles of a quad (2 q and 2 q + 1) are of one kind: no saw teeth along borders.
  for (const auto& quad : grid.quads) {
    Vec3 base = Vec3::Zero();
    bool cap = true;
    for (const int32_t corner : quad) {
      base += grid.base_mm[static_cast<std::size_t>(corner)] / 4.0;
      cap = cap && grid.base_mm[static_cast<std::size_t>(corner)].y() < kNeckCutMm + 1e-6;
    }
    SurfaceMarks mark;
    mark.eye = corner_mean(marks, quad, &SurfaceMarks::eye);
    mark.lips = corner_mean(marks, quad, &SurfaceMarks::lips);
    mark.ear = corner_mean(marks, quad, &SurfaceMarks::ear);
    HeadPaint paint;
    paint.hair = corner_mean(cover.paint, quad, &HeadPaint::hair);
    paint.brow = corner_mean(cover.paint, quad, &HeadPaint::brow);
    paint.beard = corner_mean(cover.paint, quad, &HeadPaint::beard);
    const HeadRegion region = cap ? HeadRegion::kNeckCap : region_of(base, mark, paint);
    cover.triangle_region.insert(cover.triangle_region.end(), 2, static_cast<uint8_t>(region));
  }
  return cover;
}

}  // namespace thz::sim::internal

namespace thz::sim {

const std::vector<std::string>& head_region_names() {
  static const std::vector<std::string> names = {"skin", "lips", "eye",   "brow",    "hair",
                                                 "neck", "ear",  "beard", "neck_cap"};
  return names;
}

}  // namespace thz::sim
