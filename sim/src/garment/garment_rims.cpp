#include "garment_rims.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <unordered_map>
#include <utility>

namespace thz::sim::internal {
namespace {

// An oval with squared shoulders, |x/a|³ + |y/b|³ = 1; value in metres near its rim, < 0 inside.
double oval(const Vec2& q, double half_width_m, double half_height_m) {
  const double u = std::abs(q.x() / half_width_m);
  const double v = std::abs(q.y() / half_height_m);
  return (std::cbrt(u * u * u + v * v * v) - 1.0) * std::min(half_width_m, half_height_m);
}

struct RimEdge {
  Vec3 from_m, to_m;

  double distance_m(const Vec3& p) const {
    const Vec3 along = to_m - from_m;
    const double length2 = along.squaredNorm();
    const double t = length2 > 0.0 ? std::clamp((p - from_m).dot(along) / length2, 0.0, 1.0) : 0.0;
    return (p - from_m - t * along).norm();
  }
};

// Edges of one triangle only.
std::vector<RimEdge> collect_edges(const Mesh& mesh, const std::vector<char>& on_rim) {
  std::set<std::pair<int32_t, int32_t>> open;
  for (const auto& t : mesh.triangles) {
    for (std::size_t i = 0; i < 3; ++i) {
      const int32_t a = t[i], b = t[(i + 1) % 3];
      if (on_rim[static_cast<std::size_t>(a)] == 0 || on_rim[static_cast<std::size_t>(b)] == 0) {
        continue;
      }
      if (open.erase({b, a}) == 0) open.insert({a, b});
    }
  }
  std::vector<RimEdge> edges;
  for (const auto& [a, b] : open) {
    edges.push_back(
        {mesh.vertices[static_cast<std::size_t>(a)], mesh.vertices[static_cast<std::size_t>(b)]});
  }
  return edges;
}

// Edges in cubes of side `reach`: those that a point may be near to are in its own cube's list.
class EdgeCells {
 public:
  EdgeCells(const std::vector<RimEdge>& edges, double reach_m) : reach_m_(reach_m) {
    for (const RimEdge& edge : edges) {
      const Vec3 low = edge.from_m.cwiseMin(edge.to_m) - Vec3::Constant(reach_m);
      const Vec3 high = edge.from_m.cwiseMax(edge.to_m) + Vec3::Constant(reach_m);
      for (int64_t x = index(low.x()); x <= index(high.x()); ++x) {
        for (int64_t y = index(low.y()); y <= index(high.y()); ++y) {
          for (int64_t z = index(low.z()); z <= index(high.z()); ++z) {
            cells_[key(x, y, z)].push_back(edge);
          }
        }
      }
    }
  }

  double distance_m(const Vec3& p) const {
    double nearest_m = reach_m_;
    const auto cell = cells_.find(key(index(p.x()), index(p.y()), index(p.z())));
    if (cell == cells_.end()) return nearest_m;
    for (const RimEdge& edge : cell->second) nearest_m = std::min(nearest_m, edge.distance_m(p));
    return nearest_m;
  }

 private:
  int64_t index(double value_m) const {
    return static_cast<int64_t>(std::floor(value_m / reach_m_)) + 0x80000;
  }
  static int64_t key(int64_t x, int64_t y, int64_t z) { return (x << 42) | (y << 21) | z; }

  double reach_m_;
  std::unordered_map<int64_t, std::vector<RimEdge>> cells_;
};

}  // namespace

double GarmentRims::cut_function(const Vec3& p) const {
  const double above_collar = p.y() - collar_y_m;
  if (p.z() < front_z_m) return above_collar;
  const Vec3 middle = 0.5 * (eyes_m[0] + eyes_m[1]);
  const double c = std::cos(draw.tilt_rad);
  const double s = std::sin(draw.tilt_rad);
  const double scale = draw.opening_scale;
  // Coordinates of the cloth: slipped and rolled with it.
  const auto in_cloth = [&](const Vec3& centre) {
    const double x = p.x() - middle.x() - draw.slip_x_m;
    const double y = p.y() - middle.y() - draw.slip_y_m;
    return Vec2(c * x + s * y - (centre.x() - middle.x()),
                -s * x + c * y - (centre.y() - middle.y()));
  };
  double outside = above_collar;
  if (options.opening == GarmentOpening::kEyes) {
    return std::min(outside, oval(in_cloth(middle), scale * options.opening_half_width_m,
                                  scale * options.opening_half_height_m));
  }
  for (const Vec3& eye : eyes_m) {
    outside = std::min(outside, oval(in_cloth(eye), scale * options.hole_half_width_m,
                                     scale * options.hole_half_height_m));
  }
  const Vec3 mouth = middle - Vec3(0.0, options.mouth_drop_m, 0.0);
  return std::min(outside, oval(in_cloth(mouth), scale * options.mouth_half_width_m,
                                scale * options.mouth_half_height_m));
}

std::vector<double> rim_distances(const Mesh& mesh, const std::vector<char>& on_rim,
                                  double reach_m) {
  const EdgeCells rims(collect_edges(mesh, on_rim), reach_m);
  std::vector<double> distances;
  distances.reserve(mesh.vertices.size());
  for (const Vec3& p : mesh.vertices) distances.push_back(rims.distance_m(p));
  return distances;
}

}  // namespace thz::sim::internal
