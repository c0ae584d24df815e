#include "head_base.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/error.h"

namespace thz::sim::internal {
namespace {

constexpr std::size_t kAzimuths = 9;
constexpr std::array<double, kAzimuths> kAzimuthDeg = {0, 20, 30, 40, 60, 80, 105, 135, 180};

/// One horizontal section: radii in mm at the azimuths above.
struct Section {
  double height_mm;
  std::array<double, kAzimuths> radius_mm;
};

/// The featureless mean head as sections: skull, face plane, jaw, throat and neck, rounded by hand
/// to widths and depths of an average adult head (docs/theory/head.md). No nose, lips, orbits,
/// ears. From kDomeHeightMm up, the radii are multiplied by the ellipse of the dome.
const std::vector<Section>& sections() {
  static const std::vector<Section> table = {
      {-140, {46, 47, 48, 49, 52, 57, 60, 64, 66}},
      {-120, {48, 48, 48, 49, 52, 57, 60, 64, 66}},
      {-105, {53, 51.5, 51, 50, 50.5, 55, 60, 63, 65}},
      {-95, {57, 54, 52, 50, 50, 54, 58, 61.2, 63}},
      {-89, {63, 58, 54, 50.7, 50, 53.7, 57.3, 60, 62}},
      {-84, {74, 64, 57, 52, 50.3, 53.8, 57, 59, 61}},
      {-80, {90, 72, 61, 54.2, 51, 54.1, 56.8, 58.2, 60}},
      {-76, {100, 83, 66.5, 57.7, 52.2, 54.6, 56.8, 57.5, 59}},
      {-70, {104, 95, 75.5, 65, 54.8, 55.7, 56.9, 56.5, 58}},
      {-62, {105, 99.5, 87.5, 76, 60, 58, 57.2, 55.5, 57}},
      {-50, {107, 102, 93.5, 84.5, 68.5, 62, 58, 55, 57}},
      {-35, {109, 106, 99, 90.5, 76, 67, 60, 57, 59}},
      {-20, {109, 106, 101, 94, 80, 71, 63, 60, 63}},
      {0, {104, 104, 102, 98, 85, 75, 68, 69, 73}},
      {20, {101, 100.5, 100, 98, 87, 78, 74, 77, 81}},
      {40, {104, 103, 101.5, 97.5, 86, 79, 78, 83, 87}},
      {55, {105, 105, 103, 98.5, 85.5, 79, 79, 84, 88}},
      {70, {105, 104, 100, 94, 83.5, 79, 79, 84, 87}},
      {85, {102.5, 101, 97, 91, 81.5, 78, 79, 83, 86}},
      {105, {102, 99, 95, 90, 80, 77, 79, 83, 85}},
      {145, {102, 99, 95, 90, 80, 77, 79, 83, 85}}};
  return table;
}

/// Even in the azimuth: the spline is clamped flat at 0 and 180 degrees by mirrored knots.
double around(const std::array<double, kAzimuths>& radius, double azimuth_deg) {
  std::vector<double> x;
  std::vector<double> y;
  for (int i = 2; i > 0; --i) {
    x.push_back(-kAzimuthDeg[static_cast<std::size_t>(i)]);
    y.push_back(radius[static_cast<std::size_t>(i)]);
  }
  for (std::size_t i = 0; i < kAzimuths; ++i) {
    x.push_back(kAzimuthDeg[i]);
    y.push_back(radius[i]);
  }
  for (std::size_t i = kAzimuths - 2; i > kAzimuths - 4; --i) {
    x.push_back(360.0 - kAzimuthDeg[i]);
    y.push_back(radius[i]);
  }
  return CubicSpline(std::move(x), std::move(y))(azimuth_deg);
}

/// The table resampled every degree of azimuth, as splines in height.
const std::vector<CubicSpline>& meridians() {
  static const std::vector<CubicSpline> table = [] {
    std::vector<CubicSpline> splines;
    for (int deg = 0; deg <= 180; ++deg) {
      std::vector<double> x;
      std::vector<double> y;
      for (const Section& section : sections()) {
        x.push_back(section.height_mm);
        y.push_back(around(section.radius_mm, deg));
      }
      splines.emplace_back(std::move(x), std::move(y));
    }
    return splines;
  }();
  return table;
}

}  // namespace

CubicSpline::CubicSpline(std::vector<double> x, std::vector<double> y)
    : x_(std::move(x)), y_(std::move(y)), second_(x_.size(), 0.0) {
  THZ_REQUIRE(x_.size() >= 3 && x_.size() == y_.size(), "a spline needs three points");
  // Thomas algorithm for the natural spline.
  const std::size_t n = x_.size();
  std::vector<double> upper(n, 0.0);
  for (std::size_t i = 1; i + 1 < n; ++i) {
    const double before = x_[i] - x_[i - 1];
    const double after = x_[i + 1] - x_[i];
    const double pivot = 2.0 * (before + after) - before * upper[i - 1];
    const double right = 6.0 * ((y_[i + 1] - y_[i]) / after - (y_[i] - y_[i - 1]) / before);
    upper[i] = after / pivot;
    second_[i] = (right - before * second_[i - 1]) / pivot;
  }
  for (std::size_t i = n - 1; i-- > 1;) second_[i] -= upper[i] * second_[i + 1];
}

double CubicSpline::operator()(double x) const {
  const auto above = std::upper_bound(x_.begin() + 1, x_.end() - 1, x);
  const auto i = static_cast<std::size_t>(above - x_.begin()) - 1;
  const double h = x_[i + 1] - x_[i];
  const double at = std::clamp(x, x_.front(), x_.back());
  const double b = (at - x_[i]) / h;
  const double a = 1.0 - b;
  const double inside =
      a * y_[i] + b * y_[i + 1] +
      ((a * a * a - a) * second_[i] + (b * b * b - b) * second_[i + 1]) * h * h / 6.0;
  const double slope =
      (y_[i + 1] - y_[i]) / h +
      ((1.0 - 3.0 * a * a) * second_[i] + (3.0 * b * b - 1.0) * second_[i + 1]) * h / 6.0;
  return inside + slope * (x - at);
}

double head_base_radius_mm(double azimuth_rad, double height_mm) {
  const double deg = std::min(std::abs(rad_to_deg(azimuth_rad)), 180.0);
  const int low = std::min(static_cast<int>(deg), 179);
  const double t = deg - low;
  const auto radius = [&](int knot) {
    const int folded = knot < 0 ? -knot : (knot > 180 ? 360 - knot : knot);
    return meridians()[static_cast<std::size_t>(folded)](height_mm);
  };
  // Catmull-Rom through the neighbouring meridians: straight pieces would print as facets.
  const double r0 = radius(low - 1);
  const double r1 = radius(low);
  const double r2 = radius(low + 1);
  const double r3 = radius(low + 2);
  const double table =
      r1 +
      0.5 * t *
          (r2 - r0 + t * (2.0 * r0 - 5.0 * r1 + 4.0 * r2 - r3 + t * (3.0 * (r1 - r2) + r3 - r0)));
  if (height_mm <= kDomeHeightMm) return table;
  const double rise = (height_mm - kDomeHeightMm) / kDomeRiseMm;
  return table * std::sqrt(std::max(0.0, 1.0 - rise * rise));
}

}  // namespace thz::sim::internal
