#pragma once

#include <Eigen/Core>
#include <Eigen/Geometry>
#include <array>
#include <cstdint>
#include <vector>

namespace thz {

using Vec2 = Eigen::Vector2d;
using Vec3 = Eigen::Vector3d;
using Mat3 = Eigen::Matrix3d;

/// A triangle mesh in metres, right-handed, triangles counter-clockwise seen from outside.
struct Mesh {
  std::vector<Vec3> vertices;
  std::vector<std::array<int32_t, 3>> triangles;
  /// One value a triangle, or empty: index into the region names of whoever made the mesh.
  std::vector<uint8_t> triangle_region;
};

/// A rigid motion: x_world = rotation * x_body + translation_m.
struct RigidPose {
  Mat3 rotation = Mat3::Identity();
  Vec3 translation_m = Vec3::Zero();

  Vec3 operator*(const Vec3& x_body) const { return rotation * x_body + translation_m; }
  /// The same motion after `inner`: (a.after(b)) * x == a * (b * x).
  RigidPose after(const RigidPose& inner) const {
    return {rotation * inner.rotation, rotation * inner.translation_m + translation_m};
  }
  RigidPose inverse() const {
    return {rotation.transpose(), -(rotation.transpose() * translation_m)};
  }
};

}  // namespace thz
