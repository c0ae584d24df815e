#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "thz/sim/surface.h"

namespace thz::sim::internal {

/// A triangle of the coarse mesh between its corners' limit positions, which no subdivision moves.
struct LatticeFrame {
  Vec3 corner_m[3];
  Vec3 normal[3];

  double area_m2() const {
    return 0.5 * (corner_m[1] - corner_m[0]).cross(corner_m[2] - corner_m[0]).norm();
  }
};

/// Where element (u, v) of a triangle lies. The parameters of a subdivided patch slide over the
/// surface from one level to the next, and a tenth of a wavelength on a slope is another speckle.
/// So an element lies where the line through its place on the flat coarse triangle, along the
/// corners' mean normal, meets the smooth surface, of which `point` and `normal` are a guess.
inline Vec3 lattice_position(const LatticeFrame& frame, double u, double v, const Vec3& point,
                             const Vec3& normal) {
  const double w[3] = {1.0 - u - v, u, v};
  Vec3 anchor = Vec3::Zero(), along = Vec3::Zero();
  for (std::size_t c = 0; c < 3; ++c) {
    anchor += w[c] * frame.corner_m[c];
    along += w[c] * frame.normal[c];
  }
  const double lean = along.dot(normal);
  // In a crease sharper than this the tangent plane is no guide.
  if (lean <= 0.3 * along.norm()) return point;
  return anchor + along * ((point - anchor).dot(normal) / lean);
}

inline constexpr uint64_t kElementsPerTriangle = 4096;

/// Elements of a triangle.
inline uint64_t lattice_count(const LatticeFrame& frame, double element_area_m2) {
  return std::min<uint64_t>(
      kElementsPerTriangle,
      static_cast<uint64_t>(std::max(1.0, std::round(frame.area_m2() / element_area_m2))));
}

/// Appends the lattice elements of coarse triangle number `base`: the first m of a fixed
/// low-discrepancy sequence (Roberts' R2, folded into the triangle), so that an element's name and
/// place depend neither on rays nor on the subdivision.
/// @param smooth_area_m2  area of the smooth surface over the triangle, shared by its elements.
/// @param at  sets point and normal for parameters (u, v) of the coarse triangle.
template <typename At>
void add_lattice_points(std::size_t base, const LatticeFrame& frame, double smooth_area_m2,
                        double element_area_m2, int32_t material, bool smooth, At&& at,
                        std::vector<LatticePoint>& points) {
  constexpr double kR1 = 0.7548776662466927;
  constexpr double kR2 = 0.5698402909980532;
  const uint64_t count = lattice_count(frame, element_area_m2);
  for (uint64_t i = 0; i < count; ++i) {
    double u = 0.5 + kR1 * static_cast<double>(i + 1);
    double v = 0.5 + kR2 * static_cast<double>(i + 1);
    u -= std::floor(u);
    v -= std::floor(v);
    if (u + v > 1.0) {
      u = 1.0 - u;
      v = 1.0 - v;
    }
    LatticePoint point;
    at(u, v, point.position_m, point.normal);
    if (smooth) point.position_m = lattice_position(frame, u, v, point.position_m, point.normal);
    point.area_m2 = smooth_area_m2 / static_cast<double>(count);
    point.material = material;
    point.element = static_cast<uint64_t>(base) * kElementsPerTriangle + i;
    points.push_back(point);
  }
}

}  // namespace thz::sim::internal
