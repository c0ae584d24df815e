#pragma once

#include <vector>

namespace thz::sim::internal {

/// Height of the flat cut of the neck, and of the middle of the skull dome.
inline constexpr double kNeckCutMm = -135.0;
inline constexpr double kDomeHeightMm = 70.0;
/// Semi-axis of the dome upwards: vertex of the mean head at kDomeHeightMm + this.
inline constexpr double kDomeRiseMm = 75.0;
/// Distance of the face from the y axis, for spacing its columns.
inline constexpr double kFaceDistanceMm = 98.0;

/// Natural cubic spline through (x, y), constant slope outside; x ascending.
class CubicSpline {
 public:
  CubicSpline(std::vector<double> x, std::vector<double> y);
  double operator()(double x) const;

 private:
  std::vector<double> x_;
  std::vector<double> y_;
  std::vector<double> second_;  ///< second derivatives at the knots
};

/// Distance of the featureless mean head from the y axis through the origin.
/// @param azimuth_rad  0 towards the nose, pi at the nape. @param height_mm  y.
double head_base_radius_mm(double azimuth_rad, double height_mm);

}  // namespace thz::sim::internal
