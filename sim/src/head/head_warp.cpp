#include "head_warp.h"

#include <cmath>

#include "head_shape.h"
#include "sculpt_tools.h"

namespace thz::sim::internal {
namespace {

/// Knots of the vertical warp, downwards from the sellion, which stays.
constexpr std::array<double, kLevels + 1> kKnots = {
    level::kSellion,         level::kSubnasale,  level::kLabraleSuperius, level::kStomion,
    level::kLabraleInferius, level::kSublabiale, level::kMenton};

/// Rises from 0 to 1 over [low, high].
double ramp(double x, double low, double high) { return smooth_step((x - low) / (high - low)); }

}  // namespace

HeadWarper::HeadWarper(const HeadWarp& warp) : warp_(warp) {
  // Fritsch-Carlson slopes of the map y -> y', so that levels never cross.
  std::array<double, kLevels> secant{};
  const auto target = [&](std::size_t i) {
    return kKnots[i] + (i == 0 ? 0.0 : warp_.level_y[i - 1]);
  };
  for (std::size_t i = 0; i < kLevels; ++i) {
    secant[i] = (target(i + 1) - target(i)) / (kKnots[i + 1] - kKnots[i]);
  }
  slope_.front() = 1.0;
  slope_.back() = 1.0;
  for (std::size_t i = 1; i < kLevels; ++i) {
    slope_[i] = 2.0 * secant[i - 1] * secant[i] / (secant[i - 1] + secant[i]);
  }
}

double HeadWarper::face_shift(double y) const {
  if (y >= kKnots.front()) return 0.0;
  if (y <= kKnots.back()) return warp_.level_y.back();
  std::size_t i = 0;
  while (y < kKnots[i + 1]) ++i;
  const double h = kKnots[i + 1] - kKnots[i];
  const double t = (y - kKnots[i]) / h;
  const double from = i == 0 ? 0.0 : warp_.level_y[i - 1];
  const double to = warp_.level_y[i];
  // Cubic Hermite of the shift; slopes of the map less one.
  return from * square(1.0 - t) * (1.0 + 2.0 * t) + to * square(t) * (3.0 - 2.0 * t) +
         h * (slope_[i] - 1.0) * t * square(1.0 - t) -
         h * (slope_[i + 1] - 1.0) * square(t) * (1.0 - t);
}

Vec3 HeadWarper::operator()(const Vec3& p) const {
  const double x = std::abs(p.x());
  const double y = p.y();
  const double z = p.z();
  const double front = ramp(z, 30.0, 55.0);
  double dx = 0.0;
  dx += warp_.eye_x * front * ramp(x, 0.0, 17.0) * (1.0 - ramp(x, 46.0, 78.0)) *
        ramp(y, 8.0, 26.0) * (1.0 - ramp(y, 54.0, 80.0));
  dx += warp_.ala_x * front * ramp(x, 0.0, 18.0) * (1.0 - ramp(x, 20.0, 42.0)) * dab(y, -3.0, 10.0);
  dx += warp_.mouth_x * front * ramp(x, 0.0, 25.0) * (1.0 - ramp(x, 27.0, 55.0)) *
        dab(y, -35.0, 10.0);
  dx +=
      warp_.chin_x * front * ramp(x, 0.0, 30.0) * (1.0 - ramp(x, 34.0, 68.0)) * dab(y, -66.0, 13.0);
  dx += warp_.cheekbone_x * front * ramp(x, 8.0, 44.0) * (1.0 - ramp(x, 48.0, 78.0)) *
        dab(y, 8.0, 17.0);
  dx += warp_.temple_x * ramp(x, 12.0, 55.0) * dab(y, 52.0, 22.0) * dab(z, 65.0, 30.0);
  dx += warp_.cranium_x * ramp(x, 2.0, 68.0) * ramp(y, -25.0, 45.0) * (1.0 - ramp(z, 25.0, 95.0));
  dx += warp_.zygion_x * ramp(x, 18.0, 65.0) * dab(y, 8.0, 30.0) * dab(z, 36.0, 36.0);
  dx += warp_.gonion_x * ramp(x, 14.0, 56.0) * dab(y, -42.0, 22.0) * dab(z, 26.0, 36.0);
  Vec3 out = p;
  out.x() += p.x() < 0.0 ? -dx : dx;
  out.z() -= warp_.back_z * ramp(-z, -15.0, 80.0) * ramp(y, -65.0, 20.0);
  const double neck = ramp(-y, 72.0, 100.0) * (1.0 - ramp(z, 55.0, 85.0));
  const double scale = 1.0 + (warp_.neck_scale - 1.0) * neck;
  constexpr double kNeckAxisZ = -8.0;
  out.x() *= scale;
  out.z() = kNeckAxisZ + (out.z() - kNeckAxisZ) * scale;
  // Levels of the face, fading to a plain stretch of the jaw at the sides.
  const double facing = ramp(z, 15.0, 75.0);
  const double side_shift = warp_.level_y.back() * ramp(-y, 0.0, 90.0);
  out.y() += facing * face_shift(y) + (1.0 - facing) * side_shift;
  out.y() += warp_.top_y * ramp(y, 58.0, 150.0);
  return out;
}

}  // namespace thz::sim::internal
