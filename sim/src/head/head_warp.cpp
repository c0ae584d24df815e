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

double HeadWarper::even_shift(double y) const {
  const double nose = warp_.level_y.front();
  const double chin = warp_.level_y.back();
  const double upper = ramp(level::kSellion - y, 0.0, level::kSellion - level::kSubnasale);
  const double lower = ramp(level::kSubnasale - y, 0.0, level::kSubnasale - level::kMenton);
  return upper * nose + lower * (chin - nose);
}

// Each function below takes a point of the left half, x >= 0.

void HeadWarper::warp_eye(const Vec3& at, Vec3& out) const {
  const double x = at.x();
  const double y = at.y();
  const double front = ramp(at.z(), 30.0, 55.0);
  out.x() += warp_.eye_x * front * ramp(x, 0.0, 17.0) * (1.0 - ramp(x, 46.0, 78.0)) *
             ramp(y, 8.0, 26.0) * (1.0 - ramp(y, 54.0, 80.0));
  out.z() += warp_.eye_z * front * ramp(x, 6.0, 17.0) * (1.0 - ramp(x, 47.0, 72.0)) *
             ramp(y, 10.0, 28.0) * (1.0 - ramp(y, 44.0, 62.0));
  const double dx = x - kEyeXMm;
  const double dy = y - kLidAxisMm;
  if (std::abs(dx) > 40.0 || std::abs(dy) > 30.0 || front <= 0.0) return;
  const double band = front * dab(dy / 10.0);
  out.x() -= warp_.canthus_in_x * band * dab(dx, -14.0, 6.0);
  out.x() += warp_.canthus_out_x * band * dab(dx, 14.5, 7.0);
  out.y() += warp_.canthus_y * band * (dx / 14.0) * dab(dx / 14.0);
  out.y() += warp_.lid_y * front * (dy / 5.5) * dab(dy / 7.5) * dab(dx / 13.0);
}

void HeadWarper::warp_face(const Vec3& at, Vec3& out) const {
  const double x = at.x();
  const double y = at.y();
  const double z = at.z();
  const double front = ramp(z, 30.0, 55.0);
  if (front <= 0.0) return;
  const double wing = front * ramp(x, 0.0, 18.0) * (1.0 - ramp(x, 20.0, 42.0)) * dab(y, -3.0, 10.0);
  out.x() += warp_.ala_x * wing;
  out.z() += warp_.ala_z * wing * ramp(z, 88.0, 108.0);
  out.x() += warp_.mouth_x * front * ramp(x, 0.0, 25.0) * (1.0 - ramp(x, 27.0, 55.0)) *
             dab(y, -35.0, 10.0);
  out.x() +=
      warp_.chin_x * front * ramp(x, 0.0, 30.0) * (1.0 - ramp(x, 34.0, 68.0)) * dab(y, -66.0, 13.0);
  out.x() += warp_.cheekbone_x * front * ramp(x, 8.0, 44.0) * (1.0 - ramp(x, 48.0, 78.0)) *
             dab(y, 8.0, 17.0);
  out.z() += warp_.midface_z * front * dab(y, -14.0, 22.0) * dab(x, 0.0, 32.0);
  out.z() +=
      warp_.jaw_z * ramp(z, 10.0, 90.0) * ramp(-y, 22.0, 58.0) * (1.0 - ramp(-y, 80.0, 112.0));
}

void HeadWarper::warp_ear(const Vec3& at, Vec3& out) const {
  const double dy = at.y() - kEarCentreYMm;
  const double dz = at.z() - kEarCentreZMm;
  if (at.x() < 50.0 || std::abs(dy) > 80.0 || std::abs(dz) > 55.0) return;
  const double reach = std::sqrt(square(dy / kEarHalfLengthMm) + square(dz / kEarHalfBreadthMm));
  const double inside = 1.0 - ramp(reach, 1.15, 2.5);
  out.y() += warp_.ear_y * inside * dy;
  out.z() += warp_.ear_z * inside * dz - warp_.ear_tilt * inside * dy;
}

Vec3 HeadWarper::operator()(const Vec3& p) const {
  const double x = std::abs(p.x());
  const double y = p.y();
  const double z = p.z();
  const Vec3 at(x, y, z);
  Vec3 out = at;
  warp_eye(at, out);
  warp_face(at, out);
  warp_ear(at, out);
  out.x() += warp_.temple_x * ramp(x, 12.0, 55.0) * dab(y, 52.0, 22.0) * dab(z, 65.0, 30.0);
  out.x() +=
      warp_.cranium_x * ramp(x, 2.0, 68.0) * ramp(y, -25.0, 45.0) * (1.0 - ramp(z, 25.0, 95.0));
  out.x() += warp_.zygion_x * ramp(x, 18.0, 65.0) * dab(y, 8.0, 30.0) * dab(z, 36.0, 36.0);
  const double angle = ramp(x, 14.0, 56.0) * dab(z, 26.0, 36.0);
  out.x() += warp_.gonion_x * angle * dab(y, -42.0, 22.0);
  out.y() += warp_.gonion_y * angle * dab(y, -52.0, 16.0);
  out.z() -= warp_.back_z * ramp(-z, -15.0, 80.0) * ramp(y, -65.0, 20.0);
  const double neck = ramp(-y, 72.0, 100.0) * (1.0 - ramp(z, 55.0, 85.0));
  const double scale = 1.0 + warp_.neck_scale * neck + warp_.neck_base * ramp(-y, 108.0, 134.0);
  constexpr double kNeckAxisZ = -8.0;
  out.x() *= scale;
  out.z() = kNeckAxisZ + (out.z() - kNeckAxisZ) * scale;
  // Levels of the face, fading to a plain stretch of the jaw at the sides.
  const double facing = ramp(z, 15.0, 75.0);
  const double side_shift = warp_.level_y.back() * ramp(-y, 0.0, 90.0);
  // The lips' levels belong to the lips; beside them the face stretches evenly.
  const double lips = 1.0 - ramp(x, 22.0, 50.0);
  const double even = even_shift(y);
  out.y() += facing * (even + lips * (face_shift(y) - even)) + (1.0 - facing) * side_shift;
  out.y() += warp_.top_y * ramp(y, 58.0, 150.0);
  if (p.x() < 0.0) out.x() = -out.x();
  return out;
}

}  // namespace thz::sim::internal
