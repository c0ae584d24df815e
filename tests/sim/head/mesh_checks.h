#pragma once

#include <Eigen/Geometry>
#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "thz/core/mesh.h"

namespace thz::test {

inline Vec3 twice_area(const Mesh& mesh, const std::array<int32_t, 3>& t) {
  const Vec3& a = mesh.vertices[static_cast<std::size_t>(t[0])];
  return (mesh.vertices[static_cast<std::size_t>(t[1])] - a)
      .cross(mesh.vertices[static_cast<std::size_t>(t[2])] - a);
}

/// Every directed edge occurs once, and once the other way.
inline bool is_closed_and_oriented(const Mesh& mesh) {
  std::map<std::pair<int32_t, int32_t>, int> count;
  for (const auto& t : mesh.triangles) {
    for (std::size_t s = 0; s < 3; ++s) ++count[{t[s], t[(s + 1) % 3]}];
  }
  return std::all_of(count.begin(), count.end(), [&](const auto& entry) {
    const auto back = count.find({entry.first.second, entry.first.first});
    return entry.second == 1 && back != count.end() && back->second == 1;
  });
}

inline int euler_characteristic(const Mesh& mesh) {
  std::set<std::pair<int32_t, int32_t>> edges;
  std::set<int32_t> used;
  for (const auto& t : mesh.triangles) {
    for (std::size_t s = 0; s < 3; ++s) {
      edges.insert(std::minmax({t[s], t[(s + 1) % 3]}));
      used.insert(t[s]);
    }
  }
  return static_cast<int>(used.size()) - static_cast<int>(edges.size()) +
         static_cast<int>(mesh.triangles.size());
}

/// Unit normals of the triangles at every undirected edge.
inline std::map<std::pair<int32_t, int32_t>, std::vector<Vec3>> edge_normals(const Mesh& mesh) {
  std::map<std::pair<int32_t, int32_t>, std::vector<Vec3>> result;
  for (const auto& t : mesh.triangles) {
    const Vec3 n = twice_area(mesh, t).normalized();
    for (std::size_t s = 0; s < 3; ++s) result[std::minmax({t[s], t[(s + 1) % 3]})].push_back(n);
  }
  return result;
}

inline std::vector<Vec3> area_weighted_normals(const Mesh& mesh) {
  std::vector<Vec3> sum(mesh.vertices.size(), Vec3::Zero());
  for (const auto& t : mesh.triangles) {
    for (int32_t v : t) sum[static_cast<std::size_t>(v)] += twice_area(mesh, t);
  }
  for (Vec3& n : sum) n.normalize();
  return sum;
}

inline double volume(const Mesh& mesh) {
  double sum = 0.0;
  for (const auto& t : mesh.triangles) {
    sum += mesh.vertices[static_cast<std::size_t>(t[0])].dot(
               mesh.vertices[static_cast<std::size_t>(t[1])].cross(
                   mesh.vertices[static_cast<std::size_t>(t[2])])) /
           6.0;
  }
  return sum;
}

}  // namespace thz::test
