#pragma once

#include <cmath>
#include <vector>

#include "thz/core/constants.h"
#include "thz/core/mesh.h"

namespace thz::sim {

/// Stereographic coordinates of a direction seen from the pivot, about the axis -z:
/// X = 2 e_x / (1 - e_z). Chords between unit vectors are exact in them:
/// |e1 - e2|^2 = |dX|^2 / ((1 + q1)(1 + q2)), q = |X|^2 / 4.
struct StereoPoint {
  double x = 0.0;
  double y = 0.0;
  /// 1 / (1 + q).
  double kappa() const { return 1.0 / (1.0 + 0.25 * (x * x + y * y)); }
};

inline StereoPoint stereographic(const Vec3& direction) {
  const double scale = 2.0 / (1.0 - direction.z());
  return {scale * direction.x(), scale * direction.y()};
}

/// The ideal scanner: a pencil of beams through one pivot (the scan mirror's image on the main
/// reflector) at (0, 0, standoff), each focused at the stand-off distance from it.
class ScanGeometry {
 public:
  /// @param standoff_m  R, pivot to nominal focus. @param field_of_view_m  width and height in z =
  /// 0.
  ScanGeometry(double standoff_m, const Vec2& field_of_view_m, int lines, int samples_per_line)
      : standoff_m_(standoff_m),
        field_of_view_m_(field_of_view_m),
        lines_(lines),
        samples_per_line_(samples_per_line) {}

  double standoff_m() const { return standoff_m_; }
  Vec2 field_of_view_m() const { return field_of_view_m_; }
  int lines() const { return lines_; }
  int samples_per_line() const { return samples_per_line_; }
  Vec3 pivot_m() const { return {0.0, 0.0, standoff_m_}; }

  /// Foot point of the beam in the plane z = 0; line 0 is at the top (+y), sample 0 at -x.
  Vec2 foot_m(int line, int sample) const {
    return {field_of_view_m_.x() * ((sample + 0.5) / samples_per_line_ - 0.5),
            field_of_view_m_.y() * (0.5 - (line + 0.5) / lines_)};
  }

  /// Unit vector from the pivot through a foot point.
  Vec3 direction(const Vec2& foot) const {
    return Vec3(foot.x(), foot.y(), -standoff_m_).normalized();
  }

 private:
  double standoff_m_;
  Vec2 field_of_view_m_;
  int lines_;
  int samples_per_line_;
};

}  // namespace thz::sim
