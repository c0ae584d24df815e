#include "thz/sim/target.h"

#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/core/rng.h"

namespace thz::sim {

RigidPose subject_pose(const Subject& subject) {
  const Mat3 about_x =
      Eigen::AngleAxisd(deg_to_rad(subject.tilt_deg.x()), Vec3::UnitX()).toRotationMatrix();
  const Mat3 about_y =
      Eigen::AngleAxisd(deg_to_rad(subject.tilt_deg.y()), Vec3::UnitY()).toRotationMatrix();
  return {about_y * about_x, subject.position_m};
}

namespace {

void add_material(const Scene& scene, Target& target) {
  target.materials.emplace_back(find_material(scene, scene.subject.material),
                                find_roughness(scene, scene.subject.roughness),
                                scene.imager.beam.frequency_hz);
}

void add_lattice(const Scene& scene, Target& target) {
  for (const ScatterTable& material : target.materials) {
    if (!material.has_diffuse()) continue;
    target.lattice = target.body->lattice(scene.sampling.lattice_area_m2);
    return;
  }
}

}  // namespace

SpeckleKey speckle_key(const Imager& imager, uint64_t seed, uint64_t capture) {
  constexpr uint64_t kCrossed = 0xC205;
  if (imager.polarisation == Polarisation::kCo) return {seed, capture};
  return {seed, mix_keys(capture, kCrossed)};
}

void select_polarisation(const Imager& imager, Target& target) {
  if (imager.polarisation == Polarisation::kCo) return;
  const double depolarisation = ratio_from_db(imager.depolarisation_db);
  for (ScatterTable& material : target.materials) material = material.cross_polar(depolarisation);
  if (target.cloth) target.cloth->face = target.cloth->face.cross_polar(depolarisation);
  target.points.clear();
}

Target make_analytic_target(const Scene& scene) {
  const Subject& subject = scene.subject;
  Target target;
  switch (subject.kind) {
    case SubjectKind::kPoint:
      target.points.push_back({Vec3::Zero(), subject.rcs_m2});
      select_polarisation(scene.imager, target);
      return target;
    case SubjectKind::kPlane:
      target.body = make_plane_surface(subject.size_m, 0);
      break;
    case SubjectKind::kSphere:
      target.body = make_ellipsoid_surface(Vec3::Constant(subject.radius_m), 0);
      break;
    case SubjectKind::kEllipsoid:
      target.body = make_ellipsoid_surface(subject.semi_axes_m, 0);
      break;
    default:
      THZ_REQUIRE(false, "not an analytic subject");
  }
  add_material(scene, target);
  add_lattice(scene, target);
  select_polarisation(scene.imager, target);
  return target;
}

Target make_mesh_target(const Scene& scene, const Mesh& mesh) {
  Target target;
  target.body = make_mesh_surface(
      mesh, std::vector<int32_t>(mesh.triangles.size(), 0),
      {scene.subject.smooth ? scene.sampling.subdivision : 0, scene.subject.smooth});
  add_material(scene, target);
  add_lattice(scene, target);
  select_polarisation(scene.imager, target);
  return target;
}

Scatterers ScatterParts::all() const {
  Scatterers sum = coherent;
  sum.append(diffuse);
  sum.append(cloth);
  return sum;
}

}  // namespace thz::sim
