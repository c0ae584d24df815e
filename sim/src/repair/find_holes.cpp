#include <algorithm>
#include <unordered_map>

#include "mesh_edges.h"
#include "thz/core/error.h"
#include "thz/sim/mesh_repair.h"

namespace thz::sim {

using namespace internal;

namespace {

/// Next vertex along a boundary, in the direction of the triangles that are missing.
std::unordered_map<int32_t, int32_t> boundary_steps(const TriangleList& triangles) {
  std::unordered_map<int32_t, int32_t> next;
  for_each_edge(sorted_edges(triangles), [&](const EdgeUse* use, std::size_t count) {
    THZ_REQUIRE(count <= 2, "more than two triangles at an edge");
    if (count == 2) return;
    const int32_t from = use->forward ? use->high : use->low;
    const bool is_new = next.emplace(from, use->forward ? use->low : use->high).second;
    THZ_REQUIRE(is_new, "two boundaries touch in a vertex");
  });
  return next;
}

double widest_m(const std::vector<Vec3>& points) {
  // Beyond some hundred points every second, third, ... says as much.
  const std::size_t step = 1 + points.size() / 256;
  double widest = 0.0;
  for (std::size_t i = 0; i < points.size(); i += step) {
    for (std::size_t j = 0; j < i; j += step)
      widest = std::max(widest, (points[i] - points[j]).norm());
  }
  return widest;
}

/// A vertex of the loop on the inside of the loop's edge i; -1 if there is none.
int32_t vertex_on_edge(const Mesh& mesh, const std::vector<int32_t>& loop, std::size_t i) {
  constexpr double kHeight = 1e-3;  // of the edge's length
  const Vec3& a = mesh.vertices[static_cast<std::size_t>(loop[i])];
  const Vec3 edge = mesh.vertices[static_cast<std::size_t>(loop[(i + 1) % loop.size()])] - a;
  for (std::size_t k = 0; k < loop.size(); ++k) {
    if (k == i || k == (i + 1) % loop.size()) continue;
    const Vec3 to = mesh.vertices[static_cast<std::size_t>(loop[k])] - a;
    const double along = to.dot(edge) / edge.squaredNorm();
    if (along < kHeight || along > 1.0 - kHeight) continue;
    if ((to - along * edge).norm() < kHeight * edge.norm()) return loop[k];
  }
  return -1;
}

/// Cuts the triangle at the directed boundary edge from `b` to `a` (as the triangle runs: a to b)
/// at vertex `m`.
bool split_triangle_at(Mesh& mesh, int32_t a, int32_t b, int32_t m) {
  for (std::size_t t = 0; t < mesh.triangles.size(); ++t) {
    for (std::size_t i = 0; i < 3; ++i) {
      auto& triangle = mesh.triangles[t];
      if (triangle[i] != a || triangle[(i + 1) % 3] != b) continue;
      if (triangle[(i + 2) % 3] == m) return false;
      auto second = triangle;
      triangle[(i + 1) % 3] = m;
      second[i] = m;
      mesh.triangles.push_back(second);
      return true;
    }
  }
  return false;
}

}  // namespace

std::vector<MeshHole> find_holes(const Mesh& manifold) {
  std::unordered_map<int32_t, int32_t> next = boundary_steps(manifold.triangles);
  std::vector<int32_t> starts;
  for (const auto& step : next) starts.push_back(step.first);
  std::sort(starts.begin(), starts.end());
  std::vector<MeshHole> holes;
  for (const int32_t start : starts) {
    MeshHole hole;
    for (int32_t v = start; next.count(v) > 0;) {
      hole.loop.push_back(v);
      const int32_t following = next[v];
      next.erase(v);
      v = following;
    }
    if (hole.loop.empty()) continue;
    std::vector<Vec3> points;
    for (const int32_t v : hole.loop) {
      points.push_back(manifold.vertices[static_cast<std::size_t>(v)]);
      hole.centre_m += points.back();
    }
    hole.centre_m /= static_cast<double>(points.size());
    hole.diameter_m = widest_m(points);
    holes.push_back(std::move(hole));
  }
  std::stable_sort(holes.begin(), holes.end(), [](const MeshHole& a, const MeshHole& b) {
    return a.diameter_m > b.diameter_m;
  });
  return holes;
}

std::size_t mend_seams(Mesh& manifold) {
  constexpr std::size_t kLongestSeam = 64;
  std::size_t mended = 0;
  for (bool changed = true; changed;) {
    changed = false;
    for (const MeshHole& hole : find_holes(manifold)) {
      if (hole.loop.size() > kLongestSeam) continue;
      for (std::size_t i = 0; i < hole.loop.size(); ++i) {
        const int32_t m = vertex_on_edge(manifold, hole.loop, i);
        const int32_t b = hole.loop[i], a = hole.loop[(i + 1) % hole.loop.size()];
        if (m < 0 || !split_triangle_at(manifold, a, b, m)) continue;
        ++mended;
        changed = true;
        break;
      }
    }
  }
  return mended;
}

}  // namespace thz::sim
