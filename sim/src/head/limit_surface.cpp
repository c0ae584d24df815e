#include <Eigen/Geometry>

#include "thz/core/error.h"
#include "thz/sim/subdivision.h"

namespace thz::sim {
namespace {

/// Unit area-weighted normals of the vertices named, in place; the others stay as they are.
void set_area_weighted_normals(const std::vector<std::array<int32_t, 3>>& triangles,
                               const std::vector<Vec3>& vertices, const std::vector<char>& named,
                               std::vector<Vec3>& normals) {
  for (std::size_t v = 0; v < named.size(); ++v) {
    if (named[v] != 0) normals[v] = Vec3::Zero();
  }
  for (const auto& t : triangles) {
    const std::size_t v[3] = {static_cast<std::size_t>(t[0]), static_cast<std::size_t>(t[1]),
                              static_cast<std::size_t>(t[2])};
    if (named[v[0]] + named[v[1]] + named[v[2]] == 0) continue;
    const Vec3& a = vertices[v[0]];
    const Vec3 twice_area = (vertices[v[1]] - a).cross(vertices[v[2]] - a);
    for (const std::size_t i : v) {
      if (named[i] != 0) normals[i] += twice_area;
    }
  }
  for (std::size_t v = 0; v < named.size(); ++v) {
    if (named[v] != 0 && normals[v].squaredNorm() > 0.0) normals[v].normalize();
  }
}

}  // namespace

LimitSurface limit_surface(const LimitStencil& stencil, const std::vector<Vec3>& vertices) {
  THZ_REQUIRE(vertices.size() + 1 == stencil.row_begin.size(), "vertices of another topology");
  LimitSurface limit;
  limit.positions_m.resize(vertices.size());
  limit.normals.resize(vertices.size());
  // Rims and creases have no tangents of their own; on a closed head there are none.
  std::vector<char> without_tangents;
  for (std::size_t v = 0; v < vertices.size(); ++v) {
    Vec3 position = Vec3::Zero();
    Vec3 cosine = Vec3::Zero();
    Vec3 sine = Vec3::Zero();
    for (int32_t i = stencil.row_begin[v]; i < stencil.row_begin[v + 1]; ++i) {
      const LimitStencil::Entry& entry = stencil.entries[static_cast<std::size_t>(i)];
      const Vec3& p = vertices[static_cast<std::size_t>(entry.vertex)];
      position += entry.position * p;
      cosine += entry.cosine * p;
      sine += entry.sine * p;
    }
    limit.positions_m[v] = position;
    limit.normals[v] = cosine.cross(sine);
    if (limit.normals[v].squaredNorm() > 0.0) {
      limit.normals[v].normalize();
    } else {
      without_tangents.resize(vertices.size(), 0);
      without_tangents[v] = 1;
    }
  }
  if (!without_tangents.empty()) {
    set_area_weighted_normals(stencil.triangles, vertices, without_tangents, limit.normals);
  }
  return limit;
}

LimitSurface limit_surface(const Mesh& mesh) {
  return limit_surface(
      make_limit_stencil(mesh.triangles, static_cast<int32_t>(mesh.vertices.size())),
      mesh.vertices);
}

}  // namespace thz::sim
