#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>

#include "thz/core/constants.h"
#include "thz/core/rng.h"
#include "thz/core/version.h"
#include "thz/sim/integrator.h"

using namespace thz;
using namespace thz::sim;

namespace {

ScanGeometry small_scan() { return ScanGeometry(6.0, {0.45, 0.45}, 64, 256); }

RangeAxis axis_around_focus() {
  const double cell = kSpeedOfLight / 2.0 / 10e9;
  return {6.0 - 0.03, 0.5 * cell, 8, cell, 3};
}

// A bumpy sheet near the given foot point: smooth phases, several depths.
Scatterers bumpy_patch(double x0, double y0) {
  Scatterers s;
  for (double y = -0.02; y < 0.02; y += 0.7e-3) {
    for (double x = -0.02; x < 0.02; x += 0.7e-3) {
      const double z = 0.02 * std::sin(60.0 * x) * std::cos(45.0 * y) - 0.3 * x;
      const Vec3 from_pivot(x0 + x, y0 + y, z - 6.0);
      s.add(from_pivot.normalized(), from_pivot.norm(), 0.49e-6);
    }
  }
  return s;
}

double error_db(const std::vector<std::complex<double>>& truth,
                const std::vector<std::complex<double>>& other) {
  double error = 0.0, power = 0.0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    error += std::norm(truth[i] - other[i]);
    power += std::norm(truth[i]);
  }
  return 10.0 * std::log10(error / power);
}

}  // namespace

TEST_CASE("the fast frame agrees with the double reference on equal cells",
          "[sim][integrator][physics]") {
  const BeamOptions beam;
  const ScanGeometry scan = small_scan();
  const RangeAxis axis = axis_around_focus();
  const double x0 = GENERATE(0.0, 0.2);
  const Scatterers s = bumpy_patch(x0, x0);
  const RangeFrame frame = sum_frame(beam, scan, s, axis, {});

  std::vector<std::complex<double>> truth, fast;
  for (int line = 0; line < 64; ++line) {
    for (int sample = 0; sample < 256; sample += 3) {
      const Vec2 foot = scan.foot_m(line, sample);
      if (std::abs(foot.x() - x0) > 0.025 || std::abs(foot.y() - x0) > 0.025) continue;
      const auto profile =
          reference_range_profile(beam, 6.0, scan.direction(foot), s, 10e9, 256, axis, false);
      for (int b = 0; b < axis.bins; ++b) {
        truth.push_back(profile[static_cast<std::size_t>(b)]);
        fast.push_back(frame.bins[static_cast<std::size_t>(b)](line, sample));
      }
    }
  }
  REQUIRE(truth.size() > 500);
  // -45 dB is what the design asks of an integrator on equal cells.
  CHECK(error_db(truth, fast) < -45.0);
}

TEST_CASE("frames are bit-identical for any number of threads", "[sim][integrator]") {
  const Scatterers s = bumpy_patch(0.05, -0.1);
  const RangeFrame one = sum_frame({}, small_scan(), s, axis_around_focus(), {1e-4, 1});
  const RangeFrame two = sum_frame({}, small_scan(), s, axis_around_focus(), {1e-4, 2});
  for (std::size_t b = 0; b < one.bins.size(); ++b) CHECK(one.bins[b].data == two.bins[b].data);
}

TEST_CASE("every instruction set gives the same frame", "[sim][integrator]") {
  const Scatterers s = bumpy_patch(0.0, 0.0);
  const std::string best = instruction_set();
  const RangeFrame truth = sum_frame({}, small_scan(), s, axis_around_focus(), {});
  for (const char* level : {"sse2", "avx2", "avx512"}) {
    setenv("THZ_SIMD", level, 1);
    bool available = true;
    try {
      instruction_set();
    } catch (const std::exception&) {
      available = false;
      WARN("skipped: this processor has no " << level);
    }
    if (available) {
      const RangeFrame other = sum_frame({}, small_scan(), s, axis_around_focus(), {});
      std::vector<std::complex<double>> a, b;
      for (std::size_t i = 0; i < truth.bins.size(); ++i) {
        a.insert(a.end(), truth.bins[i].data.begin(), truth.bins[i].data.end());
        b.insert(b.end(), other.bins[i].data.begin(), other.bins[i].data.end());
      }
      // Lanes past the cutoff differ with the width: pairs below 1e-4 of the centre, so -80 dB
      // each.
      CHECK(error_db(a, b) < -70.0);
    }
    unsetenv("THZ_SIMD");
  }
}
