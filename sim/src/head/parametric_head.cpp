#include "thz/sim/parametric_head.h"

#include <algorithm>
#include <cmath>

#include "head_grid.h"
#include "head_landmarks.h"
#include "head_measures.h"
#include "head_parameters.h"
#include "head_solved.h"
#include "sculpt_tools.h"
#include "thz/core/error.h"

namespace thz::sim {
namespace {

using namespace internal;  // the sculptor's parts

constexpr double kMetresPerMm = 1e-3;

void express(const HeadExpression& expression, Vec3& p) {
  constexpr double kFaceZ = 20.0;  // behind it nothing moves
  if (p.z() <= kFaceZ) return;
  const double x = std::abs(p.x());
  const double y = p.y();
  const double front = smooth_step((p.z() - kFaceZ) / 40.0);
  const double corner = front * expression.smile * dab(x, 27.0, 11.0) * dab(y, -34.0, 10.0);
  p += corner * Vec3(p.x() < 0.0 ? -4.0 : 4.0, 4.0, -2.5);
  p.z() += front * 2.0 * expression.smile * dab(x, 42.0, 13.0) * dab(y, -2.0, 12.0);
  const double jaw = front * smooth_step((-34.0 - y) / 8.0) * smooth_step((y + 100.0) / 22.0);
  p += expression.jaw_open * jaw * Vec3(0.0, -6.0, -2.0);
  p.y() += front * 4.0 * expression.brow_raise * dab(y, 64.0, 10.0) * dab(x, 28.0, 24.0);
}

void check_parameters(const HeadIdentity& identity) {
  THZ_REQUIRE(identity.parameters.size() == kParameterCount, "wrong number of head parameters");
}

/// The skin of a person, warped and with an expression.
std::vector<Vec3> make_skin(const SolvedHead& head, const HeadExpression& expression) {
  std::vector<Vec3> vertices_mm = head.skin_mm;
  for (std::size_t v = 0; v < vertices_mm.size(); ++v) {
    Vec3 p = head.points_mm[v];
    express(expression, p);
    if (p != head.points_mm[v]) vertices_mm[v] = head.maker.warp(p);
  }
  return vertices_mm;
}

Mesh to_mesh(const std::vector<Vec3>& vertices_mm) {
  Mesh mesh;
  mesh.triangles = head_triangles();
  mesh.vertices.reserve(vertices_mm.size());
  for (const Vec3& p : vertices_mm) mesh.vertices.push_back(kMetresPerMm * p);
  return mesh;
}

}  // namespace

PaintedHead build_painted_head(const HeadIdentity& identity, const HeadExpression& expression) {
  check_parameters(identity);
  const auto head = covered_head(identity);
  const HeadCover& cover = head->cover;
  std::vector<Vec3> vertices_mm = make_skin(*head->solved, expression);
  // Along the normals of the featureless head: those of the skin would fold behind the ear.
  for (std::size_t v = 0; v < vertices_mm.size(); ++v) {
    vertices_mm[v] += static_cast<double>(cover.hair_mm[v]) * head_grid().normals[v];
  }
  PaintedHead built{to_mesh(vertices_mm), cover.paint};
  built.mesh.triangle_region = cover.triangle_region;
  return built;
}

Mesh build_parametric_head(const HeadIdentity& identity, const HeadExpression& expression) {
  return build_painted_head(identity, expression).mesh;
}

Mesh build_bare_head(const HeadIdentity& identity) {
  check_parameters(identity);
  return to_mesh(make_skin(*solved_head(identity), {}));
}

const std::vector<HeadMeasure>& head_measures() {
  static const std::vector<HeadMeasure> table = [] {
    std::vector<HeadMeasure> list;
    for (const MeasureRow& row : measure_rows()) {
      list.push_back({row.name, row.unit, row.definition, row.parameter != kNoParameter});
    }
    return list;
  }();
  return table;
}

std::vector<double> measure_head(const Mesh& mesh) {
  THZ_REQUIRE(mesh.vertices.size() == head_grid().base_mm.size(),
              "the mesh is not a parametric head");
  MeasurePoints points;
  for (const int32_t vertex : measure_vertices().vertex) {
    const auto v = static_cast<std::size_t>(vertex);
    const auto m = static_cast<std::size_t>(head_grid().mirror[v]);
    points.left.push_back(mesh.vertices[v] / kMetresPerMm);
    points.right.push_back(mesh.vertices[m] / kMetresPerMm);
  }
  std::vector<double> values;
  for (const MeasureRow& row : measure_rows()) values.push_back(row.value(points));
  return values;
}

const std::vector<ParametricHeadLandmark>& parametric_head_landmarks() {
  static const std::vector<ParametricHeadLandmark> table = [] {
    std::vector<ParametricHeadLandmark> list;
    for (std::size_t i = 0; i < kLandmarkCount; ++i) {
      const int32_t left = landmark_vertices()[i];
      const std::string name = landmark_name(i);
      if (i < kMidlineLandmarks) {
        list.push_back({name, left});
      } else {
        list.push_back({name + "_left", left});
        list.push_back({name + "_right", head_grid().mirror[static_cast<std::size_t>(left)]});
      }
    }
    return list;
  }();
  return table;
}

int32_t parametric_head_landmark(const std::string& name) {
  for (const ParametricHeadLandmark& landmark : parametric_head_landmarks()) {
    if (landmark.name == name) return landmark.vertex;
  }
  throw_input("unknown landmark '{}'; allowed are pronasale, sellion, ... of docs/theory/head.md",
              name);
}

}  // namespace thz::sim
