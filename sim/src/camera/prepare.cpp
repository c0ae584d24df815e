#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "thz/core/error.h"
#include "trace.h"

namespace thz::sim::internal {
namespace {

void check_indices(const VisibleObject& object, std::size_t index, std::size_t num_materials) {
  const Mesh& mesh = object.mesh;
  if (mesh.triangles.empty()) throw_input("visible object {} has no triangles", index);
  if (object.triangle_material.size() != mesh.triangles.size()) {
    throw_input("visible object {} has {} material indices for {} triangles; one each is needed",
                index, object.triangle_material.size(), mesh.triangles.size());
  }
  const auto count = static_cast<int32_t>(mesh.vertices.size());
  for (std::size_t t = 0; t < mesh.triangles.size(); ++t) {
    for (const int32_t v : mesh.triangles[t]) {
      if (v < 0 || v >= count) {
        throw_input("visible object {}, triangle {}: vertex {} does not exist; allowed: 0 to {}",
                    index, t, v, count - 1);
      }
    }
    if (object.triangle_material[t] >= num_materials) {
      throw_input("visible object {}, triangle {}: material {} does not exist; there are {}", index,
                  t, object.triangle_material[t], num_materials);
    }
  }
}

void check_vertices(const VisibleObject& object, std::size_t index) {
  const Mesh& mesh = object.mesh;
  for (std::size_t v = 0; v < mesh.vertices.size(); ++v) {
    if (!mesh.vertices[v].allFinite()) {
      throw_input("visible object {}: vertex {} is not finite", index, v);
    }
  }
  if (!object.vertex_normals.empty() && object.vertex_normals.size() != mesh.vertices.size()) {
    throw_input("visible object {} has {} normals for {} vertices; one each or none is needed",
                index, object.vertex_normals.size(), mesh.vertices.size());
  }
  if (!object.vertex_albedo.empty() && object.vertex_albedo.size() != object.mesh.vertices.size()) {
    throw_input("visible object {} has {} colours for {} vertices; one each or none is needed",
                index, object.vertex_albedo.size(), object.mesh.vertices.size());
  }
  if (!object.eye_share.empty() && object.eye_share.size() != object.vertex_albedo.size()) {
    throw_input("visible object {} has {} shares of eye for {} colours; one each or none is needed",
                index, object.eye_share.size(), object.vertex_albedo.size());
  }
  for (const Rgb& albedo : object.vertex_albedo) {
    for (const float a : albedo) {
      if (!(a >= 0.0F && a <= 1.0F)) {
        throw_input("visible object {}: a vertex's albedo is {}; allowed: 0 to 1", index, a);
      }
    }
  }
  if (!object.vertex_shade.empty() && object.vertex_shade.size() != mesh.vertices.size()) {
    throw_input("visible object {} has {} shades for {} vertices; one each or none is needed",
                index, object.vertex_shade.size(), mesh.vertices.size());
  }
  for (const float shade : object.vertex_shade) {
    if (!(shade >= 0.0F && shade <= 1.0F)) {
      throw_input("visible object {}: a shade is {}; allowed: 0 to 1", index, shade);
    }
  }
  for (const Vec3& centre : object.eye_centres_m) {
    if (!centre.allFinite()) throw_input("visible object {}: an eye centre is not finite", index);
  }
  if (!(object.gaze.allFinite() && object.gaze.norm() > 0.0)) {
    throw_input("visible object {}: the gaze is not a direction", index);
  }
}

std::vector<Vec3f> unit_normals(const VisibleObject& object) {
  std::vector<Vec3> sums = object.vertex_normals;
  if (sums.empty()) {
    sums.assign(object.mesh.vertices.size(), Vec3::Zero());
    for (const auto& t : object.mesh.triangles) {
      const Vec3& a = object.mesh.vertices[static_cast<std::size_t>(t[0])];
      const Vec3& b = object.mesh.vertices[static_cast<std::size_t>(t[1])];
      const Vec3& c = object.mesh.vertices[static_cast<std::size_t>(t[2])];
      const Vec3 twice_area = (b - a).cross(c - a);
      for (const int32_t v : t) sums[static_cast<std::size_t>(v)] += twice_area;
    }
  }
  std::vector<Vec3f> normals;
  normals.reserve(sums.size());
  for (const Vec3& sum : sums) {
    const double length = sum.norm();
    // A vertex of no triangle, or of opposite ones, shades as if it faced the imager.
    normals.push_back(length > 0.0 ? Vec3f((sum / length).cast<float>()) : Vec3f::UnitZ());
  }
  return normals;
}

struct Sphere {
  Vec3 centre;
  double radius_m;
};

/// Least squares of |p|^2 = 2 p.c + (r^2 - |c|^2).
Sphere fit_sphere(const std::vector<Vec3>& points) {
  Eigen::MatrixXd a(static_cast<Eigen::Index>(points.size()), 4);
  Eigen::VectorXd b(a.rows());
  const Vec3 origin = points.front();
  for (Eigen::Index i = 0; i < a.rows(); ++i) {
    const Vec3 p = points[static_cast<std::size_t>(i)] - origin;
    a.row(i) << 2.0 * p.x(), 2.0 * p.y(), 2.0 * p.z(), 1.0;
    b(i) = p.squaredNorm();
  }
  const Eigen::Vector4d x = a.colPivHouseholderQr().solve(b);
  const Vec3 centre = x.head<3>();
  const double radius = std::sqrt(std::max(0.0, x(3) + centre.squaredNorm()));
  return {centre + origin, radius};
}

/// Spheres through the connected parts of the eye triangles; parts that are no eyeball by size (an
/// adult's has a radius of 12 mm within a millimetre) get no iris.
std::vector<Vec3f> find_eye_centres(const VisibleObject& object,
                                    const std::vector<VisibleMaterial>& materials) {
  std::vector<int32_t> root(object.mesh.vertices.size());
  std::iota(root.begin(), root.end(), 0);
  const auto find = [&](int32_t v) {
    while (root[static_cast<std::size_t>(v)] != v) {
      auto& r = root[static_cast<std::size_t>(v)];
      r = root[static_cast<std::size_t>(r)];
      v = r;
    }
    return v;
  };
  std::vector<bool> used(root.size(), false);
  for (std::size_t t = 0; t < object.mesh.triangles.size(); ++t) {
    if (materials[object.triangle_material[t]].kind != VisibleKind::kEye) continue;
    const auto& corner = object.mesh.triangles[t];
    for (const int32_t v : corner) {
      used[static_cast<std::size_t>(v)] = true;
      root[static_cast<std::size_t>(find(v))] = find(corner[0]);
    }
  }
  std::map<int32_t, std::vector<Vec3>> parts;
  for (std::size_t v = 0; v < used.size(); ++v) {
    if (used[v]) parts[find(static_cast<int32_t>(v))].push_back(object.mesh.vertices[v]);
  }
  std::vector<Vec3f> centres;
  for (const auto& [id, points] : parts) {
    if (points.size() < 12) continue;
    const Sphere ball = fit_sphere(points);
    if (ball.radius_m > 0.008 && ball.radius_m < 0.020) {
      centres.push_back(ball.centre.cast<float>());
    }
  }
  return centres;
}

}  // namespace

PreparedObject prepare(const VisibleObject& object, std::size_t index,
                       const std::vector<VisibleMaterial>& materials) {
  check_indices(object, index, materials.size());
  check_vertices(object, index);
  PreparedObject out;
  out.vertices.reserve(3 * object.mesh.vertices.size() + 1);
  for (const Vec3& v : object.mesh.vertices) {
    for (int k = 0; k < 3; ++k) out.vertices.push_back(static_cast<float>(v[k]));
  }
  out.vertices.push_back(0.0F);
  for (const auto& t : object.mesh.triangles) {
    for (const int32_t v : t) out.indices.push_back(static_cast<uint32_t>(v));
  }
  out.normals = unit_normals(object);
  for (const Rgb& albedo : object.vertex_albedo) out.albedo.push_back(to_vec(albedo));
  out.eye_share = object.eye_share;
  out.materials = object.triangle_material;
  out.shade = object.vertex_shade;
  for (const Vec3& centre : object.eye_centres_m) out.eye_centres.push_back(centre.cast<float>());
  if (out.eye_centres.empty()) out.eye_centres = find_eye_centres(object, materials);
  out.gaze = object.gaze.normalized().cast<float>();
  return out;
}

}  // namespace thz::sim::internal
