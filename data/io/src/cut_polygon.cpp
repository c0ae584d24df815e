#include <algorithm>
#include <cmath>

#include "ply_reader.h"

namespace thz::io::internal {
namespace {

/// Twice the signed area of a triangle seen against `normal`.
double turn(const Vec3& a, const Vec3& b, const Vec3& c, const Vec3& normal) {
  return (b - a).cross(c - a).dot(normal);
}

/// Newell's normal: twice the polygon's vector area.
Vec3 newell_normal(const std::vector<Vec3>& vertices, const std::vector<uint32_t>& polygon) {
  Vec3 normal = Vec3::Zero();
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Vec3& here = vertices[polygon[i]];
    normal += here.cross(vertices[polygon[(i + 1) % polygon.size()]]);
  }
  return normal;
}

/// Is the corner convex, with no other corner inside its triangle?
bool is_ear(const std::vector<Vec3>& vertices, const std::vector<uint32_t>& left, std::size_t i,
            const Vec3& normal) {
  const std::size_t n = left.size();
  const uint32_t before = left[(i + n - 1) % n], here = left[i], after = left[(i + 1) % n];
  const Vec3 &a = vertices[before], &b = vertices[here], &c = vertices[after];
  if (turn(a, b, c, normal) <= 0.0) return false;
  return std::none_of(left.begin(), left.end(), [&](uint32_t other) {
    if (other == before || other == here || other == after) return false;
    const Vec3& p = vertices[other];
    return turn(a, b, p, normal) >= 0.0 && turn(b, c, p, normal) >= 0.0 &&
           turn(c, a, p, normal) >= 0.0;
  });
}

}  // namespace

std::vector<std::array<uint32_t, 3>> cut_polygon(const std::vector<Vec3>& vertices,
                                                 const std::vector<uint32_t>& polygon) {
  std::vector<std::array<uint32_t, 3>> triangles;
  std::vector<uint32_t> left = polygon;
  const Vec3 normal = newell_normal(vertices, polygon);
  while (left.size() > 3) {
    std::size_t ear = 0;
    while (ear < left.size() && !is_ear(vertices, left, ear, normal)) ++ear;
    if (ear == left.size()) break;
    const std::size_t n = left.size();
    triangles.push_back({left[(ear + n - 1) % n], left[ear], left[(ear + 1) % n]});
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(ear));
  }
  for (std::size_t i = 2; i < left.size(); ++i) {
    triangles.push_back({left[0], left[i - 1], left[i]});
  }
  return triangles;
}

}  // namespace thz::io::internal
