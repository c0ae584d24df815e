#include <catch2/catch.hpp>
#include <cstdlib>

#include "integrator_support.h"
#include "thz/core/error.h"
#include "thz/core/version.h"
#include "thz/sim/beam_tiles.h"
#include "thz/sim/envelope.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::sim::testing;

namespace {

/// The whole field, fewer positions than a real raster: the cells between them are as small.
ScanGeometry coarse_scan() { return ScanGeometry(kStandoff, {0.45, 0.45}, 32, 64); }

RangeAxis short_axis() { return {kStandoff - 0.03, 0.5 * kCell, 16, kCell, 3}; }

const Gregorian& optics() {
  static const Gregorian gregorian([] {
    GregorianDesign design;
    design.galvo_separation_m = 0.0;
    return design;
  }());
  return gregorian;
}

const BeamTiles& tiles() {
  static const BeamTiles beam =
      make_beam_tiles(optics(), 340e9, coarse_scan(), short_axis(), {}, {}, {});
  return beam;
}

Scatterers sphere_cap(double x0, double y0) {
  // 80 mm sphere whose top is at z = 0, as cells of one patch: the glint and its surroundings.
  Scatterers s;
  constexpr double step = 0.5e-3, radius = 0.08;
  for (double y = -0.03; y <= 0.03; y += step) {
    for (double x = -0.03; x <= 0.03; x += step) {
      const double z = std::sqrt(radius * radius - x * x - y * y) - radius;
      const Vec3 from_pivot(x0 + x, y0 + y, z - kStandoff);
      s.add(from_pivot.normalized(), from_pivot.norm(), step * step);
    }
  }
  return s;
}

/// Range profile with the exact beam of one scan position, in double.
std::vector<std::complex<double>> exact_profile(const Vec2& foot, const Scatterers& s,
                                                const RangeAxis& axis) {
  const AimedBeam beam(optics(), 340e9, foot, {});
  std::vector<Vec3> points;
  for (std::size_t i = 0; i < s.size(); ++i) {
    points.push_back(Vec3(0.0, 0.0, kStandoff) + s.range_m[i] * s.direction[i]);
  }
  const auto envelope = beam.envelope(points, 0);
  const double k2 = 2.0 * BeamOptions{}.wavenumber();
  std::vector<std::complex<double>> profile(static_cast<std::size_t>(axis.bins));
  for (std::size_t i = 0; i < s.size(); ++i) {
    const auto value = envelope[i] * s.gamma[i] *
                       std::polar(1.0, -k2 * (s.range_m[i] - kStandoff) - tiles().phase_rad(foot));
    for (int b = 0; b < axis.bins; ++b) {
      profile[static_cast<std::size_t>(b)] +=
          value * range_response(WindowKind::kHann, (s.range_m[i] - axis.bin_m(b)) / axis.cell_m);
    }
  }
  return profile;
}

double exact_error_db(const RangeFrame& frame, const Scatterers& s, double x0, double y0) {
  ErrorSum sum;
  const ScanGeometry scan = coarse_scan();
  const RangeAxis axis = short_axis();
  for (int line = 0; line < scan.lines(); ++line) {
    for (int sample = 0; sample < scan.samples_per_line(); ++sample) {
      const Vec2 foot = scan.foot_m(line, sample);
      if (std::abs(foot.x() - x0) > 0.02 || std::abs(foot.y() - y0) > 0.02) continue;
      const auto truth = exact_profile(foot, s, axis);
      for (int b = 0; b < axis.bins; ++b) {
        sum.add(truth[static_cast<std::size_t>(b)],
                frame.bins[static_cast<std::size_t>(b)](line, sample));
      }
    }
  }
  return sum.db();
}

}  // namespace

TEST_CASE("tiles of the reflectors' beam give what the exact beam of each scan position gives",
          "[sim][integrator][optics][physics]") {
  INFO("residual " << tiles().residual_db << " worst " << tiles().worst_residual_db << " mean rank "
                   << tiles().mean_terms);
  // Terms are kept until -44 dB is left; the grid and the interpolations add little.
  CHECK(tiles().residual_db < -44.0);
  const double x0 = GENERATE(0.0, 0.2, -0.2);
  const double y0 = x0 == 0.0 ? 0.0 : 0.2;
  for (const Scatterers& s :
       {bumpy_patch(x0, y0), random_cloud(500, x0, y0, 0.02, -0.02, 0.03), sphere_cap(x0, y0)}) {
    const RangeFrame frame = sum_aperture(tiles(), coarse_scan(), s, short_axis(), 0);
    const double error_db = exact_error_db(frame, s, x0, y0);
    CAPTURE(x0, y0, s.size(), error_db);
    // Owed of whole frames. The residual alone would be -44 dB, but smooth surfaces return little
    // of what they are lit by, so that it weighs more: -37 dB on the bumpy patch, -38 dB on the
    // sphere in the centre, below -40 dB elsewhere.
    CHECK(error_db < -35.0);
  }
}

TEST_CASE("frames of the reflectors' beam are bit-identical for any number of threads",
          "[sim][integrator]") {
  const Scatterers s = random_cloud(3000, 0.05, 0.1, 0.1, -0.02, 0.03);
  const RangeFrame one = sum_aperture(tiles(), coarse_scan(), s, short_axis(), 1);
  const RangeFrame three = sum_aperture(tiles(), coarse_scan(), s, short_axis(), 3);
  for (std::size_t b = 0; b < one.bins.size(); ++b) CHECK(one.bins[b].data == three.bins[b].data);
}

TEST_CASE("aperture-level kernels of all instruction sets agree", "[sim][integrator]") {
  const Scatterers s = bumpy_patch(0.1, -0.05);
  const RangeFrame best = sum_aperture(tiles(), coarse_scan(), s, short_axis(), 1);
  for (const char* set : {"sse2", "avx2", "avx512"}) {
    setenv("THZ_SIMD", set, 1);
    try {
      instruction_set();
      const RangeFrame other = sum_aperture(tiles(), coarse_scan(), s, short_axis(), 1);
      CHECK(frame_error_db(best, other) < -100.0);  // rounding of floats
    } catch (const InputError&) {
      WARN("skipped: this processor lacks " << set);
    }
    unsetenv("THZ_SIMD");
  }
}

TEST_CASE("tables of another raster or range are refused", "[sim][integrator]") {
  const Scatterers s = bumpy_patch(0.0, 0.0);
  const ScanGeometry other(kStandoff, {0.45, 0.45}, 32, 80);
  CHECK_THROWS_AS(sum_aperture(tiles(), other, s, short_axis(), 1), InputError);
  RangeAxis deeper = short_axis();
  deeper.bins += 20;
  CHECK_THROWS_AS(sum_aperture(tiles(), coarse_scan(), s, deeper, 1), InputError);
  BeamTiles damaged = tiles();
  damaged.tiles.back().across_at = damaged.values.size();
  CHECK_THROWS_AS(sum_aperture(damaged, coarse_scan(), s, short_axis(), 1), InputError);
}
