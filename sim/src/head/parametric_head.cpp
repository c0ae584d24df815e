#include "thz/sim/parametric_head.h"

#include <algorithm>
#include <cmath>

#include "head_cover.h"
#include "head_field.h"
#include "head_grid.h"
#include "head_parameters.h"
#include "head_person.h"
#include "sculpt_tools.h"
#include "thz/core/error.h"

namespace thz::sim {
namespace {

using namespace internal;  // the sculptor's parts

constexpr double kMetresPerMm = 1e-3;

/// Adds the residual field, mm, along the normals of the mean head, and the lean of the nose.
void add_field(const HeadIdentity& identity, const std::vector<double>& field, SculptedHead& head) {
  const HeadGrid& grid = head_grid();
  const double lean = identity.asymmetry.empty() ? 0.0 : identity.asymmetry.back();
  // SD 1.5 deg sideways lean of the nose about its root in the face.
  const double lean_slope = 0.0262 * lean;
  for (std::size_t v = 0; v < field.size(); ++v) {
    Vec3& p = head.vertices_mm[v];
    p += (1.0 - 0.8 * static_cast<double>(head.marks[v].eye)) * field[v] * grid.normals[v];
    const double nose = dab(p.x(), 0.0, 15.0) * dab(p.y(), 2.0, 14.0);
    p.x() += lean_slope * nose * std::max(0.0, p.z() - 105.0);
  }
}

void express(const HeadExpression& expression, Vec3& p) {
  const double x = std::abs(p.x());
  const double y = p.y();
  const double front = smooth_step((p.z() - 20.0) / 40.0);
  const double corner = front * expression.smile * dab(x, 27.0, 11.0) * dab(y, -34.0, 10.0);
  p += corner * Vec3(p.x() < 0.0 ? -4.0 : 4.0, 4.0, -2.5);
  p.z() += front * 2.0 * expression.smile * dab(x, 42.0, 13.0) * dab(y, -2.0, 12.0);
  const double jaw = front * smooth_step((-34.0 - y) / 8.0) * smooth_step((y + 100.0) / 22.0);
  p += expression.jaw_open * jaw * Vec3(0.0, -6.0, -2.0);
  p.y() += front * 4.0 * expression.brow_raise * dab(y, 64.0, 10.0) * dab(x, 28.0, 24.0);
}

/// Sculpts, adds the field and finds the warp; the nose is corrected for its protrusion.
struct Person {
  SculptedHead head;
  HeadWarp warp;
};

Person make_person(const HeadIdentity& identity) {
  Person person;
  HeadShape shape = shape_of(identity);
  const std::vector<double> field = smooth_field_mm(identity.residual, identity.asymmetry);
  constexpr int kPasses = 6;
  constexpr double kCloseMm = 0.1;
  for (int pass = 0; pass < kPasses; ++pass) {
    person.head = sculpt_head(shape);
    add_field(identity, field, person.head);
    const LandmarkPoints points = landmark_points(person.head.vertices_mm);
    person.warp = solve_warp(identity, points);
    const LandmarkPoints now = warped(points, person.warp);
    const Vec3 along = now.left[kPronasale] - now.left[kSubnasale];
    const double error = identity.parameters[kNoseProtrusion] - along.norm();
    if (std::abs(error) < kCloseMm) break;
    // d |along| / d tip_z = along.z / |along|.
    shape.tip_z += error * along.norm() / std::max(along.z(), 6.0);
  }
  return person;
}

void check_parameters(const HeadIdentity& identity) {
  THZ_REQUIRE(identity.parameters.size() == kParameterCount, "wrong number of head parameters");
}

}  // namespace

Mesh build_parametric_head(const HeadIdentity& identity, const HeadExpression& expression) {
  check_parameters(identity);
  Person person = make_person(identity);
  const HeadWarper warper(person.warp);
  std::vector<Vec3>& vertices = person.head.vertices_mm;
  for (Vec3& p : vertices) {
    express(expression, p);
    p = warper(p);
  }
  const HeadCover cover = cover_head(identity, person.head.marks);
  // Along the normals of the featureless head: those of the skin would fold behind the ear.
  for (std::size_t v = 0; v < vertices.size(); ++v) {
    vertices[v] += static_cast<double>(cover.hair_mm[v]) * head_grid().normals[v];
  }
  Mesh mesh;
  mesh.triangles = head_triangles();
  mesh.triangle_region = cover.triangle_region;
  mesh.vertices.reserve(vertices.size());
  for (const Vec3& p : vertices) mesh.vertices.push_back(kMetresPerMm * p);
  return mesh;
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

const std::vector<std::string>& soft_biometric_names() {
  static const std::vector<std::string> names = {
      "sex_female",        "face_width_mm",      "face_length_mm",
      "gonial_breadth_mm", "interpupillary_mm",  "nose_length_mm",
      "nose_breadth_mm",   "nose_protrusion_mm", "lip_length_mm",
      "lip_height_mm",     "lower_face_mm",      "cheekbone_breadth_mm",
      "eye_opening_mm",    "brow_projection_mm", "chin_projection_mm",
      "cheek_fullness_mm", "baldness",           "beard"};
  return names;
}

std::vector<float> soft_biometrics(const HeadIdentity& identity, const Mesh& mesh) {
  check_parameters(identity);
  THZ_REQUIRE(mesh.vertices.size() == head_grid().base_mm.size(),
              "the mesh is not a parametric head");
  const LandmarkPoints points = landmark_points(mesh.vertices);
  const auto mm = [](double metres) { return static_cast<float>(metres / kMetresPerMm); };
  return {identity.female ? 1.0f : 0.0f,
          mm(points.breadth(kZygion)),
          mm(points.distance(kSellion, kMenton)),
          mm(points.breadth(kGonion)),
          mm(points.breadth(kEyeCenter)),
          mm(points.distance(kSellion, kSubnasale)),
          mm(points.breadth(kAlare)),
          mm(points.distance(kPronasale, kSubnasale)),
          mm(points.breadth(kCheilion)),
          mm(points.distance(kLabraleSuperius, kLabraleInferius)),
          mm(points.distance(kSubnasale, kMenton)),
          mm(points.breadth(kCheekbone)),
          identity.parameters[kFissureHeight],
          identity.parameters[kBrowProjection],
          mm((points.left[kPogonion] - points.left[kSublabiale]).z()),
          identity.parameters[kCheekFullness],
          identity.baldness,
          identity.beard ? 1.0f : 0.0f};
}

}  // namespace thz::sim
