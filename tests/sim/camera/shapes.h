#pragma once

#include <cmath>
#include <utility>
#include <vector>

#include "thz/core/constants.h"
#include "thz/sim/camera.h"

/// Plates, spheres, lamps and a plain camera for the tests of the visible camera.
namespace thz::sim {

inline constexpr double kWhiteE = kPi;  // gives a white Lambert plate a radiance of 1

inline VisibleMaterial matte(float albedo) {
  VisibleMaterial m;
  m.albedo = {albedo, albedo, albedo};
  m.f0 = 0.0;
  return m;
}

/// A rectangle in the plane z, facing the camera.
inline VisibleObject plate(double x0, double x1, double y0, double y1, double z,
                           uint8_t material = 0) {
  VisibleObject object;
  object.mesh.vertices = {{x0, y0, z}, {x1, y0, z}, {x1, y1, z}, {x0, y1, z}};
  object.mesh.triangles = {{0, 1, 2}, {0, 2, 3}};
  object.triangle_material = {material, material};
  return object;
}

/// A latitude-longitude sphere with its poles on +-z.
inline VisibleObject sphere(const Vec3& centre, double radius, uint8_t material = 0,
                            int rings = 48) {
  VisibleObject object;
  const int around = 2 * rings;
  for (int i = 0; i <= rings; ++i) {
    for (int j = 0; j < around; ++j) {
      const double theta = kPi * i / rings;
      const double phi = 2.0 * kPi * j / around;
      const Vec3 n(std::sin(theta) * std::cos(phi), std::sin(theta) * std::sin(phi),
                   std::cos(theta));
      object.mesh.vertices.push_back(centre + radius * n);
      object.vertex_normals.push_back(n);
    }
  }
  for (int i = 0; i < rings; ++i) {
    for (int j = 0; j < around; ++j) {
      const int a = i * around + j;
      const int b = i * around + (j + 1) % around;
      if (i > 0) object.mesh.triangles.push_back({a, a + around, b});
      if (i < rings - 1) object.mesh.triangles.push_back({b, a + around, b + around});
    }
  }
  object.triangle_material.assign(object.mesh.triangles.size(), material);
  return object;
}

inline VisibleCamera test_camera() {
  VisibleCamera camera;
  camera.position_m = {0.0, 0.0, 6.0};
  camera.snr_db = 0.0;
  camera.render_size = 64;
  return camera;
}

inline VisibleLighting one_lamp(const Vec3& direction, double radius_rad = 0.0) {
  VisibleLighting lighting;
  Lamp lamp;
  lamp.direction = direction.normalized();
  lamp.irradiance.fill(static_cast<float>(kWhiteE));
  lamp.angular_radius_rad = radius_rad;
  lighting.lamps = {lamp};
  return lighting;
}

inline VisibleLighting furnace() {
  VisibleLighting lighting;
  lighting.sky = lighting.ground = lighting.background = {1.0F, 1.0F, 1.0F};
  return lighting;
}

inline VisibleScene scene_of(std::vector<VisibleObject> objects,
                             std::vector<VisibleMaterial> materials) {
  return {std::move(objects), std::move(materials)};
}

}  // namespace thz::sim
