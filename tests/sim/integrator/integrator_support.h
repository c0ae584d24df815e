#pragma once

#include <cmath>
#include <complex>
#include <vector>

#include "thz/core/constants.h"
#include "thz/core/rng.h"
#include "thz/sim/integrator.h"
#include "thz/sim/window.h"

namespace thz::sim::testing {

constexpr double kStandoff = 6.0;
inline const double kCell = kSpeedOfLight / 2.0 / 10e9;

inline ScanGeometry published_scan() { return ScanGeometry(kStandoff, {0.45, 0.45}, 64, 256); }

/// Eight bins of half a cell around a range.
inline RangeAxis axis_around(double range_m, int nodes_per_cell = 3) {
  return {range_m - 2.0 * kCell, 0.5 * kCell, 8, kCell, nodes_per_cell};
}

/// A bumpy sheet near a foot point, 30 mm deep and more: smooth phases, several depths.
inline Scatterers bumpy_patch(double x0, double y0, double depth_z = 0.0) {
  Scatterers s;
  for (double y = -0.02; y < 0.02; y += 0.7e-3) {
    for (double x = -0.02; x < 0.02; x += 0.7e-3) {
      const double z = depth_z + 0.02 * std::sin(60.0 * x) * std::cos(45.0 * y) - 0.3 * x;
      const Vec3 from_pivot(x0 + x, y0 + y, z - kStandoff);
      s.add(from_pivot.normalized(), from_pivot.norm(), 0.49e-6);
    }
  }
  return s;
}

/// Scatterers anywhere in a box about (x0, y0, depth_z), with random amplitudes.
inline Scatterers random_cloud(int count, double x0, double y0, double half_m, double depth_z,
                               double half_depth_m) {
  Scatterers s;
  Rng rng(7, RngPurpose::kTest, 1, 2);
  for (int i = 0; i < count; ++i) {
    const double x = x0 + half_m * (2.0 * rng.uniform() - 1.0);
    const double y = y0 + half_m * (2.0 * rng.uniform() - 1.0);
    const double z = depth_z + half_depth_m * (2.0 * rng.uniform() - 1.0);
    const Vec3 from_pivot(x, y, z - kStandoff);
    s.add(from_pivot.normalized(), from_pivot.norm(),
          1e-6 * std::complex<double>(rng.complex_normal()));
  }
  return s;
}

/// Range profile of one scan direction in double, every scatterer at the centre frequency with the
/// range response itself: what both frame sums compute.
inline std::vector<std::complex<double>> centre_profile(const BeamOptions& beam, const Vec3& axis,
                                                        const Scatterers& s,
                                                        const RangeAxis& range) {
  std::vector<std::complex<double>> profile(static_cast<std::size_t>(range.bins));
  for (std::size_t i = 0; i < s.size(); ++i) {
    const auto value =
        s.gamma[i] * two_way_field(beam, kStandoff, axis, s.direction[i], s.range_m[i]);
    for (int b = 0; b < range.bins; ++b) {
      profile[static_cast<std::size_t>(b)] +=
          value * range_response(WindowKind::kHann, (s.range_m[i] - range.bin_m(b)) / range.cell_m);
    }
  }
  return profile;
}

/// Sums |truth - other|^2 against |truth|^2.
class ErrorSum {
 public:
  void add(std::complex<double> truth, std::complex<double> other) {
    error_ += std::norm(truth - other);
    power_ += std::norm(truth);
  }
  double db() const { return 10.0 * std::log10(error_ / power_); }

 private:
  double error_ = 0.0, power_ = 0.0;
};

inline double frame_error_db(const RangeFrame& truth, const RangeFrame& other) {
  ErrorSum sum;
  for (std::size_t b = 0; b < truth.bins.size(); ++b) {
    for (std::size_t i = 0; i < truth.bins[b].size(); ++i) {
      sum.add(truth.bins[b].data[i], other.bins[b].data[i]);
    }
  }
  return sum.db();
}

/// Error of a frame against the double sum over the scan positions near (x0, y0).
inline double centre_error_db(const RangeFrame& frame, const ScanGeometry& scan,
                              const Scatterers& s, const RangeAxis& axis, double x0, double y0,
                              int every) {
  ErrorSum sum;
  for (int line = 0; line < scan.lines(); ++line) {
    for (int sample = 0; sample < scan.samples_per_line(); sample += every) {
      const Vec2 foot = scan.foot_m(line, sample);
      if (std::abs(foot.x() - x0) > 0.03 || std::abs(foot.y() - y0) > 0.03) continue;
      const auto truth = centre_profile({}, scan.direction(foot), s, axis);
      for (int b = 0; b < axis.bins; ++b) {
        sum.add(truth[static_cast<std::size_t>(b)],
                frame.bins[static_cast<std::size_t>(b)](line, sample));
      }
    }
  }
  return sum.db();
}

}  // namespace thz::sim::testing
