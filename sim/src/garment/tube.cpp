#include "tube.h"

#include <Eigen/Geometry>
#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/error.h"

namespace thz::sim::internal {
namespace {

constexpr int32_t kSides = 8;
// The Loop limit of a ring of eight lies at 2/3 + cos(45 deg) / 3 of its radius.
constexpr double kLimitShare = 2.0 / 3.0 + 0.70710678 / 3.0;

/// Directions of the path at its points, unit.
std::vector<Vec3> tangents(const std::vector<Vec3>& path, bool closed) {
  const std::size_t n = path.size();
  std::vector<Vec3> along(n);
  for (std::size_t i = 0; i < n; ++i) {
    const Vec3& next = path[i + 1 < n ? i + 1 : (closed ? 0 : i)];
    const Vec3& last = path[i > 0 ? i - 1 : (closed ? n - 1 : i)];
    along[i] = (next - last).normalized();
  }
  return along;
}

}  // namespace

Mesh make_tube(const std::vector<Vec3>& path, double radius_m, bool closed) {
  THZ_REQUIRE(path.size() >= 3 && radius_m > 0.0, "a tube has a path and a radius");
  const std::vector<Vec3> along = tangents(path, closed);
  const auto n = static_cast<int32_t>(path.size());
  Mesh tube;
  Vec3 side = along[0].unitOrthogonal();
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (i > 0) side = Eigen::Quaterniond::FromTwoVectors(along[i - 1], along[i]) * side;
    const Vec3 other = along[i].cross(side);
    for (int32_t k = 0; k < kSides; ++k) {
      const double a = 2.0 * kPi * k / kSides;
      tube.vertices.push_back(path[i] +
                              radius_m / kLimitShare * (std::cos(a) * side + std::sin(a) * other));
    }
  }
  for (int32_t i = 0; i + (closed ? 0 : 1) < n; ++i) {
    const int32_t a = kSides * i, b = kSides * ((i + 1) % n);
    for (int32_t k = 0; k < kSides; ++k) {
      const int32_t l = (k + 1) % kSides;
      tube.triangles.push_back({a + k, a + l, b + k});
      tube.triangles.push_back({a + l, b + l, b + k});
    }
  }
  if (closed) return tube;
  const auto first = static_cast<int32_t>(tube.vertices.size()), last = first + 1;
  tube.vertices.push_back(path.front() - radius_m * along.front());
  tube.vertices.push_back(path.back() + radius_m * along.back());
  for (int32_t k = 0; k < kSides; ++k) {
    const int32_t l = (k + 1) % kSides, end = kSides * (n - 1);
    tube.triangles.push_back({first, l, k});
    tube.triangles.push_back({last, end + k, end + l});
  }
  return tube;
}

void append_mesh(Mesh& mesh, const Mesh& part) {
  const auto first = static_cast<int32_t>(mesh.vertices.size());
  mesh.vertices.insert(mesh.vertices.end(), part.vertices.begin(), part.vertices.end());
  for (const auto& t : part.triangles)
    mesh.triangles.push_back({t[0] + first, t[1] + first, t[2] + first});
}

}  // namespace thz::sim::internal
