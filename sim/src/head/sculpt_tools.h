#pragma once

#include <algorithm>
#include <cmath>

namespace thz::sim::internal {

inline double square(double x) { return x * x; }

/// exp(-u^2 / 2), zero beyond 5: the smooth dab all relief is made of.
inline double dab(double u) { return std::abs(u) < 5.0 ? std::exp(-0.5 * u * u) : 0.0; }

/// Dab with a centre and a width.
inline double dab(double x, double centre, double width) { return dab((x - centre) / width); }

/// 0 below 0, 1 above 1, with two continuous derivatives.
inline double smooth_step(double t) {
  const double u = std::clamp(t, 0.0, 1.0);
  return u * u * u * (u * (6.0 * u - 15.0) + 10.0);
}

/// Maximum of two surfaces with a fillet of about `radius`.
inline double smooth_max(double a, double b, double radius) {
  return 0.5 * (a + b + std::sqrt(square(a - b) + radius * radius)) -
         0.5 * radius * radius / (radius + std::abs(a - b));
}

/// Height of an ellipsoid's upper half over its equator in units of its semi-axis, as a function of
/// q = squared distance from the axis; falls on as a straight wall outside.
inline double ellipsoid_top(double q) {
  constexpr double kWall = 0.82;
  if (q < kWall) return std::sqrt(1.0 - q);
  const double at = std::sqrt(1.0 - kWall);
  return at - (q - kWall) / (2.0 * at);
}

}  // namespace thz::sim::internal
