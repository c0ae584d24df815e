#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "mesh_edges.h"
#include "thz/core/rng.h"
#include "thz/sim/mesh_repair.h"

namespace thz::sim {

using namespace internal;

namespace {

/// Where the segment from p to q passes through the inside of a triangle (Moeller & Trumbore 1997).
bool passes_through(const Vec3& p, const Vec3& q, const Vec3& a, const Vec3& b, const Vec3& c,
                    Vec3& where) {
  constexpr double kRim = 1e-9;  // touching is not passing through
  const Vec3 d = q - p, ab = b - a, ac = c - a;
  const Vec3 h = d.cross(ac);
  const double det = ab.dot(h);
  if (std::abs(det) < 1e-12 * ab.norm() * ac.norm() * d.norm()) return false;
  const Vec3 s = p - a;
  const double u = s.dot(h) / det;
  const Vec3 r = s.cross(ab);
  const double v = d.dot(r) / det, t = ac.dot(r) / det;
  if (u < kRim || v < kRim || u + v > 1.0 - kRim || t < kRim || t > 1.0 - kRim) return false;
  where = p + t * d;
  return true;
}

bool pass_through_each_other(const Mesh& mesh, std::size_t s, std::size_t t, Vec3& where) {
  const auto &a = mesh.triangles[s], &b = mesh.triangles[t];
  for (const int32_t v : a) {
    if (std::find(b.begin(), b.end(), v) != b.end()) return false;
  }
  for (std::size_t i = 0; i < 3; ++i) {
    const std::size_t j = (i + 1) % 3;
    if (passes_through(corner(mesh, a, i), corner(mesh, a, j), corner(mesh, b, 0),
                       corner(mesh, b, 1), corner(mesh, b, 2), where) ||
        passes_through(corner(mesh, b, i), corner(mesh, b, j), corner(mesh, a, 0),
                       corner(mesh, a, 1), corner(mesh, a, 2), where)) {
      return true;
    }
  }
  return false;
}

struct Bounds {
  Eigen::AlignedBox3d box;
  std::array<int64_t, 3> first, last;  ///< cells
};

bool overlap(const Eigen::AlignedBox3d& a, const Eigen::AlignedBox3d& b) {
  return (a.min().array() <= b.max().array()).all() && (b.min().array() <= a.max().array()).all();
}

}  // namespace

SelfIntersections find_self_intersections(const Mesh& mesh) {
  double edge_m = 0.0;
  for (const auto& t : mesh.triangles) edge_m += (corner(mesh, t, 1) - corner(mesh, t, 0)).norm();
  const double cell_m =
      2.0 * edge_m / static_cast<double>(std::max<std::size_t>(1, mesh.triangles.size()));
  SelfIntersections found;
  if (!(cell_m > 0.0)) return found;
  std::unordered_map<uint64_t, std::vector<std::size_t>> cells;
  std::vector<Bounds> bounds(mesh.triangles.size());
  for (std::size_t t = 0; t < mesh.triangles.size(); ++t) {
    Bounds& own = bounds[t];
    for (std::size_t i = 0; i < 3; ++i) own.box.extend(corner(mesh, mesh.triangles[t], i));
    for (int c = 0; c < 3; ++c) {
      own.first[static_cast<std::size_t>(c)] =
          static_cast<int64_t>(std::floor(own.box.min()[c] / cell_m));
      own.last[static_cast<std::size_t>(c)] =
          static_cast<int64_t>(std::floor(own.box.max()[c] / cell_m));
    }
    for (int64_t x = own.first[0]; x <= own.last[0]; ++x) {
      for (int64_t y = own.first[1]; y <= own.last[1]; ++y) {
        for (int64_t z = own.first[2]; z <= own.last[2]; ++z) {
          std::vector<std::size_t>& cell =
              cells[mix_keys(mix_keys(static_cast<uint64_t>(x), static_cast<uint64_t>(y)),
                             static_cast<uint64_t>(z))];
          for (const std::size_t other : cell) {
            // A pair that shares several cells is looked at in the lowest one.
            const Bounds& its = bounds[other];
            if (x != std::max(own.first[0], its.first[0]) ||
                y != std::max(own.first[1], its.first[1]) ||
                z != std::max(own.first[2], its.first[2]) || !overlap(own.box, its.box)) {
              continue;
            }
            Vec3 where;
            if (!pass_through_each_other(mesh, other, t, where)) continue;
            if (found.pairs++ == 0) found.first_m = where;
          }
          cell.push_back(t);
        }
      }
    }
  }
  return found;
}

}  // namespace thz::sim
