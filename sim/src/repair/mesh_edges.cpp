#include "mesh_edges.h"

#include <algorithm>
#include <tuple>

namespace thz::sim::internal {

std::vector<EdgeUse> sorted_edges(const TriangleList& triangles) {
  std::vector<EdgeUse> edges;
  edges.reserve(3 * triangles.size());
  for (std::size_t t = 0; t < triangles.size(); ++t) {
    for (std::size_t i = 0; i < 3; ++i) {
      const int32_t a = triangles[t][i], b = triangles[t][(i + 1) % 3];
      edges.push_back({std::min(a, b), std::max(a, b), static_cast<int32_t>(t), a < b});
    }
  }
  std::sort(edges.begin(), edges.end(), [](const EdgeUse& a, const EdgeUse& b) {
    return std::tie(a.low, a.high, a.triangle) < std::tie(b.low, b.high, b.triangle);
  });
  return edges;
}

Shells find_shells(const TriangleList& triangles) {
  DisjointSets sets(triangles.size());
  for_each_edge(sorted_edges(triangles), [&](const EdgeUse* use, std::size_t count) {
    if (count == 2) sets.join(use[0].triangle, use[1].triangle);
  });
  Shells shells;
  shells.of_triangle.resize(triangles.size());
  for (std::size_t t = 0; t < triangles.size(); ++t) {
    const int32_t first = sets.find(static_cast<int32_t>(t));
    shells.of_triangle[t] = first == static_cast<int32_t>(t)
                                ? static_cast<int32_t>(shells.count++)
                                : shells.of_triangle[static_cast<std::size_t>(first)];
  }
  return shells;
}

Vec3 area_vector(const Mesh& mesh, const std::array<int32_t, 3>& triangle) {
  const Vec3& a = corner(mesh, triangle, 0);
  return (corner(mesh, triangle, 1) - a).cross(corner(mesh, triangle, 2) - a);
}

void drop_unused_vertices(Mesh& mesh) {
  std::vector<int32_t> renamed(mesh.vertices.size(), -1);
  std::vector<Vec3> used;
  for (auto& triangle : mesh.triangles) {
    for (int32_t& v : triangle) {
      int32_t& name = renamed[static_cast<std::size_t>(v)];
      if (name < 0) {
        name = static_cast<int32_t>(used.size());
        used.push_back(mesh.vertices[static_cast<std::size_t>(v)]);
      }
      v = name;
    }
  }
  mesh.vertices = std::move(used);
}

}  // namespace thz::sim::internal
