#pragma once

#include <array>
#include <cstdint>
#include <numeric>
#include <vector>

#include "thz/core/mesh.h"

namespace thz::sim::internal {

using TriangleList = std::vector<std::array<int32_t, 3>>;

/// One triangle's use of an edge.
struct EdgeUse {
  int32_t low, high;  ///< vertices, low < high
  int32_t triangle;
  bool forward;  ///< the triangle runs from low to high
};

/// Uses of all edges, those of one edge side by side, in the order of triangles.
std::vector<EdgeUse> sorted_edges(const TriangleList& triangles);

/// visit(first, count) for every edge.
template <typename Visit>
void for_each_edge(const std::vector<EdgeUse>& edges, Visit&& visit) {
  for (std::size_t begin = 0; begin < edges.size();) {
    std::size_t end = begin + 1;
    while (end < edges.size() && edges[end].low == edges[begin].low &&
           edges[end].high == edges[begin].high) {
      ++end;
    }
    visit(&edges[begin], end - begin);
    begin = end;
  }
}

/// Disjoint sets with the smallest member as name.
class DisjointSets {
 public:
  explicit DisjointSets(std::size_t count) : parent_(count) {
    std::iota(parent_.begin(), parent_.end(), 0);
  }
  int32_t find(int32_t i) {
    while (at(i) != i) i = at(i) = at(at(i));
    return i;
  }
  void join(int32_t a, int32_t b) {
    a = find(a);
    b = find(b);
    if (a == b) return;
    if (b < a) std::swap(a, b);
    at(b) = a;
  }

 private:
  int32_t& at(int32_t i) { return parent_[static_cast<std::size_t>(i)]; }
  std::vector<int32_t> parent_;
};

/// Shell of every triangle, counted from 0: connected over edges that exactly two triangles share.
struct Shells {
  std::vector<int32_t> of_triangle;
  std::size_t count = 0;
};
Shells find_shells(const TriangleList& triangles);

inline const Vec3& corner(const Mesh& mesh, const std::array<int32_t, 3>& triangle, std::size_t i) {
  return mesh.vertices[static_cast<std::size_t>(triangle[i])];
}

/// Twice the area times the normal.
Vec3 area_vector(const Mesh& mesh, const std::array<int32_t, 3>& triangle);

/// Leaves out vertices that no triangle uses.
void drop_unused_vertices(Mesh& mesh);

}  // namespace thz::sim::internal
