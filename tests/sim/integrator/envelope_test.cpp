#include <catch2/catch.hpp>

#include "integrator_support.h"
#include "thz/core/error.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::sim::testing;

namespace {

/// Steps of a tenth of the waist and a fortieth of the Rayleigh range, as the header asks.
EnvelopeTable gaussian_table() {
  return gaussian_envelope({}, kStandoff, 0.026, 0.75e-3, -0.15, 0.35, 5e-3);
}

}  // namespace

TEST_CASE("tables filled with the Gaussian beam reproduce the Gaussian product",
          "[sim][integrator][physics]") {
  const double x0 = GENERATE(0.0, 0.2);
  const double depth_z = GENERATE(0.0, -0.2);
  const Scatterers s = bumpy_patch(x0, x0, depth_z);
  const RangeAxis axis = axis_around(s.range_m[s.size() / 2]);
  const RangeFrame gaussian = sum_frame({}, published_scan(), s, axis, {});
  const RangeFrame table = sum_envelope(gaussian_table(), published_scan(), s, axis, {});
  // Linear in depth between nodes 5 mm apart: -67 dB; the cutoff of either -60 dB at most.
  CHECK(frame_error_db(gaussian, table) < -60.0);
}

TEST_CASE("the terms of an envelope add up", "[sim][integrator]") {
  const Scatterers s = bumpy_patch(0.1, -0.05);
  const RangeAxis axis = axis_around(6.0);
  const EnvelopeTable whole = gaussian_table();
  // The same beam as three terms, with factors of their own that sum to it.
  EnvelopeTable parts = whole;
  parts.terms.assign(3, whole.terms[0]);
  const std::complex<float> share[3] = {{0.5f, 1.0f}, {-1.5f, 0.25f}, {2.0f, -1.25f}};
  for (std::size_t t = 0; t < 3; ++t) {
    for (auto& value : parts.terms[t].across) value *= share[t];
  }
  const RangeFrame one = sum_envelope(whole, published_scan(), s, axis, {});
  const RangeFrame three = sum_envelope(parts, published_scan(), s, axis, {});
  CHECK(frame_error_db(one, three) < -110.0);  // rounding of floats
}

TEST_CASE("an envelope off its axis moves the picture the right way", "[sim][integrator]") {
  // One scatterer at (0.03, 0.02); the beam sits +5 samples and 3 lines up from where it points, so
  // that it sees the scatterer when it points as far to the left and down.
  EnvelopeTable beam = gaussian_table();
  const ScanGeometry scan = published_scan();
  const double right = 5 * 0.45 / 256, up = 3 * 0.45 / 64;
  const EnvelopeTable centred = beam;
  for (int d = 0; d < beam.depths; ++d) {
    for (int i = 0; i < beam.offsets; ++i) {
      const double offset = beam.offset_step_m * (i - (beam.offsets - 1) / 2);
      const double zeta = beam.first_depth_m + beam.depth_step_m * d;
      const auto at = static_cast<std::size_t>(d * beam.offsets + i);
      beam.terms[0].along[at] = centred.value(centred.terms[0].along, offset - right, zeta);
      beam.terms[0].across[at] = centred.value(centred.terms[0].across, offset - up, zeta);
    }
  }
  Scatterers s;
  const Vec3 from_pivot(0.03, 0.02, -kStandoff);
  s.add(from_pivot.normalized(), kStandoff, 1e-6);
  const RangeAxis axis{kStandoff, 0.5 * kCell, 1, kCell, 3};
  const auto peak = [&](const EnvelopeTable& e) {
    const ImageC bin = sum_envelope(e, scan, s, axis, {}).bins[0];
    int best = 0;
    for (int i = 0; i < static_cast<int>(bin.size()); ++i) {
      const auto at = static_cast<std::size_t>(i);
      if (std::norm(bin.data[at]) > std::norm(bin.data[static_cast<std::size_t>(best)])) best = i;
    }
    return std::pair<int, int>(best / bin.cols, best % bin.cols);
  };
  const auto straight = peak(centred), moved = peak(beam);
  CHECK(moved.second == straight.second - 5);
  CHECK(moved.first == straight.first + 3);
}

TEST_CASE("an envelope that does not fit is refused", "[sim][integrator]") {
  const Scatterers s = bumpy_patch(0.0, 0.0);
  const auto fails = [&](const EnvelopeTable& e) {
    CHECK_THROWS_AS(sum_envelope(e, published_scan(), s, axis_around(6.0), {}), InputError);
  };
  EnvelopeTable e = gaussian_table();
  e.terms[0].along.pop_back();
  fails(e);
  e = gaussian_table();
  e.terms.clear();
  fails(e);
  e = gaussian_table();
  e.offset_step_m = 0.0;
  fails(e);
  e = gaussian_table();
  e.terms[0].across[3] = {NAN, 0.0f};
  fails(e);
}
