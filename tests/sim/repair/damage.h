#pragma once

#include <algorithm>
#include <cmath>
#include <string>

#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/core/mesh.h"

namespace thz::test {

/// The message of the InputError that `call` throws; empty if it throws none.
template <typename Call>
std::string refusal(Call&& call) {
  try {
    call();
  } catch (const InputError& e) {
    return e.what();
  }
  return "";
}

/// A sphere of meridians and parallels, outside out, poles closed by triangles.
inline Mesh globe(double radius_m, const Vec3& centre_m, int parallels) {
  Mesh mesh;
  const int around = 2 * parallels;
  mesh.vertices.push_back(centre_m + Vec3(0, radius_m, 0));
  for (int i = 1; i < parallels; ++i) {
    for (int j = 0; j < around; ++j) {
      const double t = kPi * i / parallels, p = 2.0 * kPi * j / around;
      mesh.vertices.push_back(centre_m + radius_m * Vec3(std::sin(t) * std::sin(p), std::cos(t),
                                                         std::sin(t) * std::cos(p)));
    }
  }
  mesh.vertices.push_back(centre_m - Vec3(0, radius_m, 0));
  const auto at = [&](int i, int j) { return 1 + (i - 1) * around + j % around; };
  const auto last = static_cast<int32_t>(mesh.vertices.size()) - 1;
  for (int j = 0; j < around; ++j) {
    mesh.triangles.push_back({0, at(1, j), at(1, j + 1)});
    for (int i = 1; i + 1 < parallels; ++i) {
      mesh.triangles.push_back({at(i, j), at(i + 1, j), at(i, j + 1)});
      mesh.triangles.push_back({at(i, j + 1), at(i + 1, j), at(i + 1, j + 1)});
    }
    mesh.triangles.push_back({at(parallels - 1, j), last, at(parallels - 1, j + 1)});
  }
  return mesh;
}

/// Every triangle with three vertices of its own.
inline Mesh torn(const Mesh& mesh) {
  Mesh soup;
  for (const auto& t : mesh.triangles) {
    const auto first = static_cast<int32_t>(soup.vertices.size());
    for (const int32_t v : t) soup.vertices.push_back(mesh.vertices[static_cast<std::size_t>(v)]);
    soup.triangles.push_back({first, first + 1, first + 2});
  }
  return soup;
}

inline void append(Mesh& mesh, const Mesh& other) {
  const auto first = static_cast<int32_t>(mesh.vertices.size());
  mesh.vertices.insert(mesh.vertices.end(), other.vertices.begin(), other.vertices.end());
  for (const auto& t : other.triangles)
    mesh.triangles.push_back({t[0] + first, t[1] + first, t[2] + first});
}

/// Leaves out the triangles with a corner within `radius_m` of the vertex nearest to a point.
inline Mesh holed(const Mesh& mesh, const Vec3& near_m, double radius_m) {
  const Vec3 centre = *std::min_element(
      mesh.vertices.begin(), mesh.vertices.end(),
      [&](const Vec3& a, const Vec3& b) { return (a - near_m).norm() < (b - near_m).norm(); });
  Mesh left;
  left.vertices = mesh.vertices;
  for (const auto& t : mesh.triangles) {
    const bool near = std::any_of(t.begin(), t.end(), [&](int32_t v) {
      return (mesh.vertices[static_cast<std::size_t>(v)] - centre).norm() < radius_m;
    });
    if (!near) left.triangles.push_back(t);
  }
  return left;
}

/// Turns every `step`th triangle inside out.
inline Mesh turned(Mesh mesh, std::size_t step) {
  for (std::size_t t = 0; t < mesh.triangles.size(); t += step)
    std::swap(mesh.triangles[t][1], mesh.triangles[t][2]);
  return mesh;
}

inline double volume_m3(const Mesh& mesh) {
  double sum = 0.0;
  for (const auto& t : mesh.triangles) {
    const auto& v = mesh.vertices;
    sum += v[static_cast<std::size_t>(t[0])].dot(
               v[static_cast<std::size_t>(t[1])].cross(v[static_cast<std::size_t>(t[2])])) /
           6.0;
  }
  return sum;
}

}  // namespace thz::test
