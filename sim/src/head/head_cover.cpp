#include "head_cover.h"

#include <cmath>

#include "head_base.h"
#include "head_grid.h"
#include "sculpt_tools.h"
#include "thz/core/constants.h"

namespace thz::sim::internal {
namespace {

/// Lower edge of the hair over the azimuth, mm in y of the mean head, for a mid-line hairline at
/// `front_mm`: down to the temple, in front of the ear, round it and down to the nape.
double hair_edge_mm(double azimuth_deg, double front_mm) {
  static const CubicSpline below({0.0, 25.0, 45.0, 60.0, 75.0, 100.0, 125.0, 150.0, 180.0},
                                 {0.0, -2.0, -14.0, -46.0, -88.0, -104.0, -126.0, -146.0, -150.0});
  const double follow = 1.0 - smooth_step((azimuth_deg - 40.0) / 50.0);
  constexpr double kMeanFront = 106.0;
  return kMeanFront + below(azimuth_deg) + follow * (front_mm - kMeanFront);
}

/// Hair at a point of the mean head, 0 to 1.
double hair_density(const HeadIdentity& identity, const Vec3& base) {
  const double azimuth = rad_to_deg(std::atan2(std::abs(base.x()), base.z()));
  // Along the curved forehead, height grows more slowly than the hairline's distance.
  const double front = level::kSellion + 0.95 * static_cast<double>(identity.hairline_mm);
  const double edge = hair_edge_mm(azimuth, front);
  const double grown = smooth_step((base.y() - edge) / 12.0 + 0.5);
  const double vault = smooth_step((base.y() - 68.0) / 24.0);
  return grown * (1.0 - static_cast<double>(identity.baldness) * vault);
}

bool is_brow(const Vec3& base) {
  const double x = std::abs(base.x());
  const double arch = 60.5 - 0.02 * (x - 25.0) - 0.006 * square(x - 25.0);
  return base.z() > 40.0 && x > 10.0 && x < 52.0 && std::abs(base.y() - arch) < 4.5 - 0.04 * x;
}

bool is_beard(const Vec3& base) {
  const double x = std::abs(base.x());
  if (base.z() < 8.0 || base.y() > -14.0 || base.y() < -92.0) return false;
  const double cheek_line = -18.0 - 16.0 * smooth_step((52.0 - x) / 26.0);
  const bool moustache = x < 29.0 && base.y() < -15.5 && base.y() > -28.0;
  return moustache || base.y() < cheek_line;
}

HeadRegion region_of(const HeadIdentity& identity, const Vec3& base, const SurfaceMarks& marks,
                     double hair) {
  if (marks.eye > 0.5f) return HeadRegion::kEye;
  if (marks.lips > 0.5f) return HeadRegion::kLips;
  if (marks.ear > 0.3f) return HeadRegion::kEar;
  if (hair > 0.4) return HeadRegion::kHair;
  if (identity.brow_hair > 0.15f && is_brow(base)) return HeadRegion::kBrow;
  if (identity.beard && is_beard(base)) return HeadRegion::kBeard;
  if (base.y() < -86.0 || (base.y() < -40.0 && base.z() < 0.0)) return HeadRegion::kNeck;
  return HeadRegion::kSkin;
}

}  // namespace

HeadCover cover_head(const HeadIdentity& identity, const std::vector<SurfaceMarks>& marks) {
  const HeadGrid& grid = head_grid();
  HeadCover cover;
  std::vector<double> hair(grid.base_mm.size());
  for (std::size_t v = 0; v < hair.size(); ++v) {
    hair[v] =
        hair_density(identity, grid.base_mm[v]) * (1.0 - static_cast<double>(marks[v].near_ear));
    cover.hair_mm.push_back(static_cast<float>(identity.hair_thickness_mm * hair[v]));
  }
  // Both triangles of a quad (2 q and 2 q + 1) are of one kind: no saw teeth along borders.
  for (const auto& quad : grid.quads) {
    Vec3 base = Vec3::Zero();
    SurfaceMarks mean;
    double density = 0.0;
    bool cap = true;
    for (int32_t corner : quad) {
      const auto v = static_cast<std::size_t>(corner);
      base += grid.base_mm[v] / 4.0;
      mean.eye += marks[v].eye / 4.0f;
      mean.lips += marks[v].lips / 4.0f;
      mean.ear += marks[v].ear / 4.0f;
      density += hair[v] / 4.0;
      cap = cap && grid.base_mm[v].y() < kNeckCutMm + 1e-6;
    }
    const HeadRegion region = cap ? HeadRegion::kNeckCap : region_of(identity, base, mean, density);
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
