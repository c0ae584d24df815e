#pragma once

#include <algorithm>
#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/mesh.h"

namespace thz::test {

/// A head whose surface is a formula: an ellipsoid with a nose and eye sockets on a round neck, as
/// a distance from the vertical axis x = 0, z = kAxisZ.
struct TestHead {
  static constexpr double kAxisZ = -0.01;
  static constexpr double kCrown = 0.135;
  static constexpr double kBottom = -0.20;

  static Vec3 eye_middle() { return {0.0, 0.0361, 0.0799}; }

  /// Distance of the surface from the axis at height y in the direction (sin θ, 0, cos θ).
  static double radius(double theta, double y) {
    const double sx = std::sin(theta);
    const double cz = std::cos(theta);
    const double rise = 1.0 - std::pow((y - 0.02) / 0.115, 2);
    double skull =
        rise > 0.0 ? std::sqrt(rise / (sx * sx / (0.075 * 0.075) + cz * cz / (0.1 * 0.1))) : 0.0;
    if (skull > 0.0 && cz > 0.0) {
      const double x = skull * sx;
      skull += 0.022 * bump(x, y + 0.005, 0.011);
      skull -= 0.009 * (bump(x - 0.031, y - 0.036, 0.013) + bump(x + 0.031, y - 0.036, 0.013));
    }
    if (y > -0.03) return skull;
    const double offset = 0.012;  // the neck stands behind the axis
    const double neck = -offset * cz + std::sqrt(0.055 * 0.055 - offset * offset * sx * sx);
    return std::max(skull, neck);
  }

  static bool is_inside(const Vec3& p) {
    if (p.y() < kBottom || p.y() > kCrown) return false;
    const double dz = p.z() - kAxisZ;
    return std::hypot(p.x(), dz) < radius(std::atan2(p.x(), dz), p.y());
  }

  static Mesh mesh(int rows = 170, int columns = 240) {
    Mesh mesh;
    for (int r = 0; r <= rows; ++r) {
      // Dense towards the crown, where the surface turns flat.
      const double s = static_cast<double>(r) / rows;
      const double y = kBottom + (kCrown - kBottom) * (1.0 - std::pow(1.0 - s, 1.7));
      for (int c = 0; c < columns; ++c) {
        const double theta = 2.0 * kPi * c / columns;
        const double distance = radius(theta, y);
        mesh.vertices.push_back(
            {distance * std::sin(theta), y, kAxisZ + distance * std::cos(theta)});
      }
    }
    for (int r = 0; r < rows; ++r) {
      for (int c = 0; c < columns; ++c) {
        const int next = (c + 1) % columns;
        const int a = r * columns + c, b = r * columns + next;
        const int d = a + columns, e = b + columns;
        mesh.triangles.push_back({a, b, e});
        mesh.triangles.push_back({a, e, d});
      }
    }
    return mesh;
  }

 private:
  static double bump(double x, double y, double width) {
    return std::exp(-(x * x + y * y) / (width * width));
  }
};

}  // namespace thz::test
