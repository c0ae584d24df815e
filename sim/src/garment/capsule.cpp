#include "capsule.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace thz::sim::internal {
namespace {

using Triangle = std::array<int32_t, 3>;

constexpr double kCollarSine = 0.85;  // of the southern latitude at which the collar lies
constexpr double kCapSine = 0.93;     // beyond it there are no vertices

struct Sphere {
  std::vector<Vec3> points;
  std::vector<Triangle> triangles;
};

Sphere icosahedron() {
  const double g = (1.0 + std::sqrt(5.0)) / 2.0;
  Sphere sphere;
  for (const Vec3& v : {Vec3(-1, g, 0), Vec3(1, g, 0), Vec3(-1, -g, 0), Vec3(1, -g, 0),
                        Vec3(0, -1, g), Vec3(0, 1, g), Vec3(0, -1, -g), Vec3(0, 1, -g),
                        Vec3(g, 0, -1), Vec3(g, 0, 1), Vec3(-g, 0, -1), Vec3(-g, 0, 1)}) {
    sphere.points.push_back(v.normalized());
  }
  sphere.triangles = {{0, 11, 5}, {0, 5, 1},  {0, 1, 7},   {0, 7, 10}, {0, 10, 11},
                      {1, 5, 9},  {5, 11, 4}, {11, 10, 2}, {10, 7, 6}, {7, 1, 8},
                      {3, 9, 4},  {3, 4, 2},  {3, 2, 6},   {3, 6, 8},  {3, 8, 9},
                      {4, 9, 5},  {2, 4, 11}, {6, 2, 10},  {8, 6, 7},  {9, 8, 1}};
  return sphere;
}

void subdivide(Sphere& sphere) {
  std::unordered_map<uint64_t, int32_t> middles;
  const auto middle = [&](int32_t a, int32_t b) {
    const uint64_t key =
        (static_cast<uint64_t>(std::min(a, b)) << 32) | static_cast<uint64_t>(std::max(a, b));
    const auto [entry, is_new] =
        middles.try_emplace(key, static_cast<int32_t>(sphere.points.size()));
    if (is_new) {
      sphere.points.push_back(
          (sphere.points[static_cast<std::size_t>(a)] + sphere.points[static_cast<std::size_t>(b)])
              .normalized());
    }
    return entry->second;
  };
  std::vector<Triangle> finer;
  for (const auto& [a, b, c] : sphere.triangles) {
    const int32_t ab = middle(a, b), bc = middle(b, c), ca = middle(c, a);
    finer.insert(finer.end(), {{a, ab, ca}, {b, bc, ab}, {c, ca, bc}, {ab, bc, ca}});
  }
  sphere.triangles = std::move(finer);
}

void collect_neighbours(std::size_t vertices, Capsule& capsule) {
  std::vector<std::vector<int32_t>> rings(vertices);
  for (const Triangle& t : capsule.triangles) {
    for (std::size_t i = 0; i < 3; ++i) {
      auto& ring = rings[static_cast<std::size_t>(t[i])];
      for (const int32_t other : {t[(i + 1) % 3], t[(i + 2) % 3]}) {
        if (std::find(ring.begin(), ring.end(), other) == ring.end()) ring.push_back(other);
      }
    }
  }
  capsule.neighbour_start = {0};
  for (const auto& ring : rings) {
    capsule.neighbours.insert(capsule.neighbours.end(), ring.begin(), ring.end());
    capsule.neighbour_start.push_back(static_cast<int32_t>(capsule.neighbours.size()));
  }
}

/// What no head changes: the sphere without its southern cap.
struct CapsuleTemplate {
  std::vector<Vec3> points;  // of the unit sphere
  Capsule topology;          // triangles and neighbours alone
};

CapsuleTemplate make_template(int subdivision) {
  Sphere sphere = icosahedron();
  for (int i = 0; i < subdivision; ++i) subdivide(sphere);
  CapsuleTemplate made;
  std::vector<int32_t> kept(sphere.points.size(), -1);
  for (std::size_t i = 0; i < sphere.points.size(); ++i) {
    if (sphere.points[i].y() < -kCapSine) continue;
    kept[i] = static_cast<int32_t>(made.points.size());
    made.points.push_back(sphere.points[i]);
  }
  for (const Triangle& t : sphere.triangles) {
    const Triangle mapped = {kept[static_cast<std::size_t>(t[0])],
                             kept[static_cast<std::size_t>(t[1])],
                             kept[static_cast<std::size_t>(t[2])]};
    if (mapped[0] >= 0 && mapped[1] >= 0 && mapped[2] >= 0) {
      made.topology.triangles.push_back(mapped);
    }
  }
  collect_neighbours(made.points.size(), made.topology);
  return made;
}

/// Made once a subdivision; a data set dresses a head every second.
std::shared_ptr<const CapsuleTemplate> shared_template(int subdivision) {
  static std::mutex mutex;
  static std::map<int, std::shared_ptr<const CapsuleTemplate>> templates;
  const std::lock_guard<std::mutex> lock(mutex);
  auto& found = templates[subdivision];
  if (!found) found = std::make_shared<const CapsuleTemplate>(make_template(subdivision));
  return found;
}

}  // namespace

Capsule make_capsule(const Vec3& centre_m, double collar_y_m, int subdivision) {
  const auto shared = shared_template(subdivision);
  Capsule capsule = shared->topology;
  capsule.centre_m = centre_m;
  capsule.depth_m = (centre_m.y() - collar_y_m) / kCollarSine;
  for (const Vec3& p : shared->points) {
    const bool below = p.y() < 0.0;
    capsule.origins_m.push_back(below ? Vec3(centre_m + Vec3(0.0, p.y() * capsule.depth_m, 0.0))
                                      : centre_m);
    capsule.directions.push_back(below ? Vec3(p.x(), 0.0, p.z()).normalized() : p);
  }
  return capsule;
}

std::vector<Vec3> vertex_normals(const std::vector<Vec3>& positions_m,
                                 const std::vector<Triangle>& triangles) {
  std::vector<Vec3> normals(positions_m.size(), Vec3::Zero());
  for (const Triangle& t : triangles) {
    const Vec3& a = positions_m[static_cast<std::size_t>(t[0])];
    const Vec3 area = (positions_m[static_cast<std::size_t>(t[1])] - a)
                          .cross(positions_m[static_cast<std::size_t>(t[2])] - a);
    for (const int32_t v : t) normals[static_cast<std::size_t>(v)] += area;
  }
  for (Vec3& n : normals) n.normalize();
  return normals;
}

}  // namespace thz::sim::internal
