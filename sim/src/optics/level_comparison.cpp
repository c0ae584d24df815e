#include "thz/sim/level_comparison.h"

#include <algorithm>
#include <cmath>

#include "thz/core/error.h"

namespace thz::sim {
namespace {

using Complex = std::complex<double>;

constexpr int kCompareSize = 41;
constexpr double kComparePitch_m = 1e-3;

/// Full width at half maximum of the intensity along the row through the grid's centre: the peak
/// by a parabola, the half points by straight lines.
double row_width_m(const std::vector<Complex>& plane) {
  constexpr int kRow = kCompareSize / 2 * kCompareSize;
  const auto intensity = [&](int c) {
    return std::norm(plane[static_cast<std::size_t>(kRow + c)]);
  };
  int top = 1;
  for (int c = 1; c + 1 < kCompareSize; ++c) top = intensity(c) > intensity(top) ? c : top;
  const double bend = intensity(top - 1) - 2.0 * intensity(top) + intensity(top + 1);
  const double slope = 0.5 * (intensity(top + 1) - intensity(top - 1));
  const double half = 0.5 * (intensity(top) - (bend < 0.0 ? 0.5 * slope * slope / bend : 0.0));
  const auto reach = [&](int step) {
    int c = top;
    while (c + step >= 0 && c + step < kCompareSize && intensity(c + step) > half) c += step;
    if (c + step < 0 || c + step >= kCompareSize) return static_cast<double>(std::abs(c - top));
    return std::abs(c - top) + (intensity(c) - half) / (intensity(c) - intensity(c + step));
  };
  return kComparePitch_m * (reach(1) + reach(-1));
}

double lobe_error_db(const std::vector<Complex>& aperture, const std::vector<Complex>& physical) {
  double peak = 0.0, error = 0.0, power = 0.0;
  for (const Complex& v : aperture) peak = std::max(peak, std::norm(v));
  for (std::size_t i = 0; i < aperture.size(); ++i) {
    if (std::norm(aperture[i]) < peak * std::pow(10.0, -1.5)) continue;
    error += std::norm(physical[i] - aperture[i]);
    power += std::norm(aperture[i]);
  }
  return 10.0 * std::log10(error / power);
}

}  // namespace

GregorianDesign ideal_gaussian_fed(GregorianDesign design) {
  design.stop_at_first_galvo = false;
  design.second_galvo_size_m = Vec2::Zero();
  design.galvo_rms_m = design.sub_rms_m = design.main_rms_m = design.mirror_loss_db = 0.0;
  return design;
}

LevelComparison compare_levels(const ApertureField& field, const ReflectorCurrents& currents,
                               double zeta_m, int threads) {
  THZ_REQUIRE(field.wavenumber_per_m == currents.wavenumber_per_m,
              "both levels need one frequency");
  std::vector<Vec3> points;
  for (int r = 0; r < kCompareSize; ++r) {
    for (int c = 0; c < kCompareSize; ++c) {
      points.push_back(field.frame.point((c - kCompareSize / 2) * kComparePitch_m,
                                         (r - kCompareSize / 2) * kComparePitch_m, zeta_m));
    }
  }
  const std::vector<Complex> aperture = focal_field(field, points, threads);
  const std::vector<CVec3> electric = electric_field(currents, points, threads);
  const Vec3& along = field.frame.along;
  const Vec3 co = (Vec3::UnitZ() - Vec3::UnitZ().dot(along) * along).normalized();
  const double path = field.chief.path_m + (field.frame.origin - field.chief.main).norm();
  std::vector<Complex> physical;
  double cross = 0.0, total = 0.0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Complex value = co.cast<Complex>().dot(electric[i]);
    const double carrier = path + (points[i] - field.frame.origin).dot(along);
    physical.push_back(value * std::polar(1.0, field.wavenumber_per_m * carrier));
    cross += electric[i].squaredNorm() - std::norm(value);
    total += electric[i].squaredNorm();
  }
  return {zeta_m, lobe_error_db(aperture, physical), row_width_m(physical) / row_width_m(aperture),
          10.0 * std::log10(cross / total)};
}

}  // namespace thz::sim
