#include <catch2/catch.hpp>
#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/rng.h"
#include "thz/sim/scanner.h"

using namespace thz;
using namespace thz::sim;

namespace {

// A cloud through the depth of the gate, a few of it outside the field.
Scatterers cloud() {
  Rng rng(3, RngPurpose::kTest);
  Scatterers s;
  for (int i = 0; i < 3000; ++i) {
    const Vec3 from_pivot(rng.uniform(-0.24, 0.24), rng.uniform(-0.24, 0.24),
                          rng.uniform(-0.15, 0.03) - 6.0);
    s.add(from_pivot.normalized(), from_pivot.norm(), rng.complex_normal() * 1e-6);
  }
  return s;
}

RangeAxis gate() {
  const double cell = kSpeedOfLight / 2.0 / 10e9;
  return {6.0 - 0.03, 0.5 * cell, 26, cell, 3};
}

double nmse_db(const RangeFrame& truth, const RangeFrame& other) {
  double error = 0.0, power = 0.0;
  for (std::size_t b = 0; b < truth.bins.size(); ++b) {
    for (std::size_t i = 0; i < truth.bins[b].size(); ++i) {
      error += std::norm(truth.bins[b].data[i] - other.bins[b].data[i]);
      power += std::norm(truth.bins[b].data[i]);
    }
  }
  return 10.0 * std::log10(error / power);
}

}  // namespace

TEST_CASE("returns between the lines of the dense raster are read as if scanned there",
          "[sim][scanner][physics]") {
  const BeamOptions beam;
  const ScanGeometry scan(6.0, {0.45, 0.45}, 64, 256);
  const ScanGeometry dense = dense_raster(beam, scan);
  const Scatterers s = cloud();
  const RangeFrame truth = sum_frame(beam, scan, s, gate(), {});
  const RangeFrame on_dense = sum_frame(beam, dense, s, gate(), {});
  const ScanPath path = scan_path({}, scan, 1, 0, 0);
  const RangeFrame read = read_frame(on_dense, dense, path, {}, 0);
  // Both frames leave out pairs below 1e-4 of the beam's middle; what the sinc of eight taps adds
  // is to stay below what the quadrature of a head has.
  CHECK(nmse_db(truth, read) < -45.0);

  SECTION("and so they are on any number of threads") {
    const RangeFrame one = read_frame(on_dense, dense, path, {}, 1);
    for (std::size_t b = 0; b < one.bins.size(); ++b) CHECK(one.bins[b].data == read.bins[b].data);
  }
  SECTION("a subject that moved is seen where it went") {
    const Vec2 shift(0.002, -0.003);
    const RangeFrame moved = read_frame(on_dense, dense, path, std::vector<Vec2>(64, shift), 0);
    ScanPath shifted = path;
    for (auto& foot : shifted.foot_m.data) foot -= shift;
    const RangeFrame expected = read_frame(on_dense, dense, shifted, {}, 0);
    CHECK(nmse_db(expected, moved) < -200.0);
  }
}
