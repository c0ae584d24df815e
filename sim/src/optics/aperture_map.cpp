#include "thz/sim/aperture_map.h"

#include <algorithm>
#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/error.h"

namespace thz::sim {
namespace {

/// What one ray shows.
struct PupilSample {
  double radius_m, amplitude, phase_rad;
};
using Spoke = std::vector<PupilSample>;

/// Outermost node of the 32-point rule over the rim's radius.
constexpr double kLastNode = 0.99863;

struct PupilSpokes {
  std::vector<double> angle_rad;  ///< ascending
  std::vector<Spoke> spoke;
};

PupilSpokes spokes_of(const ApertureField& field) {
  std::vector<std::pair<double, Spoke>> found;
  const Vec3& focus = field.frame.origin;
  const double chief_m = field.chief.path_m + (focus - field.chief.main).norm();
  double last_radius_m = INFINITY;
  for (const ApertureRay& ray : field.rays) {
    const double radius_m = ray.pupil_m.norm();
    // The bundle comes spoke by spoke, from the axis out.
    if (radius_m <= last_radius_m) {
      found.emplace_back(std::atan2(ray.pupil_m.y(), ray.pupil_m.x()), Spoke());
    }
    last_radius_m = radius_m;
    const double path_m = ray.path_m + (focus - ray.main).norm() - chief_m;
    // power / moment = √(density on the feed's plane / tube).
    found.back().second.push_back(
        {radius_m, ray.power_w / ray.moment, -field.wavenumber_per_m * path_m});
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  PupilSpokes spokes;
  for (auto& [angle_rad, spoke] : found) {
    spokes.angle_rad.push_back(angle_rad);
    spokes.spoke.push_back(std::move(spoke));
  }
  return spokes;
}

PupilSample mixed(const PupilSample& a, const PupilSample& b, double t) {
  return {a.radius_m + t * (b.radius_m - a.radius_m), a.amplitude + t * (b.amplitude - a.amplitude),
          a.phase_rad + t * (b.phase_rad - a.phase_rad)};
}

/// Linear along one spoke; its end values beyond.
PupilSample along_spoke(const Spoke& spoke, double radius_m) {
  const auto after = std::lower_bound(
      spoke.begin(), spoke.end(), radius_m,
      [](const PupilSample& sample, double radius) { return sample.radius_m < radius; });
  if (after == spoke.begin()) return spoke.front();
  if (after == spoke.end()) return spoke.back();
  const PupilSample& before = *(after - 1);
  return mixed(before, *after, (radius_m - before.radius_m) / (after->radius_m - before.radius_m));
}

PupilSample sample_at(const PupilSpokes& spokes, double radius_m, double angle_rad) {
  const std::size_t count = spokes.spoke.size();
  const auto next = static_cast<std::size_t>(
      std::upper_bound(spokes.angle_rad.begin(), spokes.angle_rad.end(), angle_rad) -
      spokes.angle_rad.begin());
  const std::size_t right = next % count, left = (next + count - 1) % count;
  double gap = spokes.angle_rad[right] - spokes.angle_rad[left];
  double step = angle_rad - spokes.angle_rad[left];
  if (gap <= 0.0) gap += 2.0 * kPi;
  if (step < 0.0) step += 2.0 * kPi;
  const Spoke &a = spokes.spoke[left], &b = spokes.spoke[right];
  const double t = step / gap;
  const double rim_m =
      (a.back().radius_m + t * (b.back().radius_m - a.back().radius_m)) / kLastNode;
  if (radius_m > rim_m) return {radius_m, NAN, NAN};
  return mixed(along_spoke(a, radius_m), along_spoke(b, radius_m), t);
}

}  // namespace

ApertureMap aperture_map(const Gregorian& optics, const ApertureField& field, int size) {
  THZ_REQUIRE(size >= 2, "the grid needs points");
  if (field.rays.empty()) {
    throw_input("at scan angles ({}, {}) degrees no ray passes all mirrors",
                rad_to_deg(field.scan.in_plane_rad), rad_to_deg(field.scan.out_of_plane_rad));
  }
  const PupilSpokes spokes = spokes_of(field);
  double rim_m = 0.0;
  for (const Spoke& spoke : spokes.spoke) rim_m = std::max(rim_m, spoke.back().radius_m);
  rim_m /= kLastNode;
  ApertureMap map;
  map.half_m = rim_m * optics.expansion();
  map.amplitude = map.phase_rad = ImageD(size, size);
  const double pitch_m = 2.0 * rim_m / (size - 1);
  for (int row = 0; row < size; ++row) {
    for (int col = 0; col < size; ++col) {
      const double x = col * pitch_m - rim_m, y = rim_m - row * pitch_m;
      const PupilSample sample = sample_at(spokes, std::hypot(x, y), std::atan2(y, x));
      map.amplitude(row, col) = sample.amplitude;
      map.phase_rad(row, col) = sample.phase_rad;
    }
  }
  return map;
}

}  // namespace thz::sim
