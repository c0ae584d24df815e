#include "head_base.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/error.h"

namespace thz::sim::internal {
namespace {

constexpr std::size_t kAzimuths = 8;
constexpr std::array<double, kAzimuths> kAzimuthDeg = {0, 20, 40, 60, 80, 105, 135, 180};

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
      {-140, {46, 47, 49, 52, 57, 60, 64, 66}},  {-120, {48, 48, 49, 52, 57, 60, 64, 66}},
      {-105, {52, 51, 49, 50, 55, 59, 63, 65}},  {-95, {56, 53, 49, 49, 54, 58, 61, 63}},
      {-89, {61, 57, 50, 49, 54, 57, 60, 62}},   {-84, {71, 64, 52, 50, 54, 57, 59, 61}},
      {-80, {86, 77, 56, 51, 54, 57, 58, 60}},   {-76, {96, 88, 62, 53, 54, 57, 57, 59}},
      {-70, {102, 98, 70, 57, 56, 57, 56, 58}},  {-62, {105, 102, 80, 63, 58, 57, 55, 57}},
      {-50, {107, 104, 88, 71, 62, 58, 55, 57}}, {-35, {109, 106, 92, 78, 67, 59, 57, 59}},
      {-20, {108, 106, 95, 82, 71, 62, 60, 63}}, {0, {104, 104, 99, 86, 75, 68, 69, 73}},
      {20, {99, 100, 99, 88, 78, 74, 77, 81}},   {40, {99, 101, 98, 86, 79, 78, 83, 87}},
      {55, {103, 103, 98, 85, 79, 79, 84, 88}},  {70, {105, 104, 95, 84, 79, 79, 84, 87}},
      {85, {103, 101, 92, 82, 78, 79, 83, 86}},  {105, {102, 99, 90, 80, 77, 79, 83, 85}},
      {145, {102, 99, 90, 80, 77, 79, 83, 85}}};
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
  const auto low = static_cast<std::size_t>(std::min(std::floor(deg), 179.0));
  const double part = deg - static_cast<double>(low);
  const double table =
      meridians()[low](height_mm) * (1.0 - part) + meridians()[low + 1](height_mm) * part;
  if (height_mm <= kDomeHeightMm) return table;
  const double t = (height_mm - kDomeHeightMm) / kDomeRiseMm;
  return table * std::sqrt(std::max(0.0, 1.0 - t * t));
}

}  // namespace thz::sim::internal
