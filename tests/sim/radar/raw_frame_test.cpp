// Whole frames in the raw mode.
#include <catch2/catch.hpp>
#include <cmath>

#include "raw_radar_rig.h"
#include "support/z_test.h"
#include "thz/core/rng.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;

namespace {

constexpr int kLines = 6, kSamples = 10;

/// Speckle on depth nodes, three a cell, over half a metre; powers of -60 dBm at the mixer.
DepthImages speckle_nodes(const RadarOptions& radar) {
  DepthImages images;
  images.step_m = radar.chirp.range_cell_m() / 3.0;
  images.first_m = 5.86;
  Rng rng(11, RngPurpose::kTest);
  for (int m = 0; m < 90; ++m) {
    images.nodes.emplace_back(kLines, kSamples);
    rng.fill_complex_normal(images.nodes.back().data.data(), images.nodes.back().size(),
                            static_cast<float>(1e-9 / received_power_w(radar, 1.0)));
  }
  return images;
}

/// The direct mode's frame of the same nodes.
std::complex<double> direct_bin(const DepthImages& images, const RangeAxis& axis, int b, int line,
                                int sample) {
  std::complex<double> sum = 0.0;
  for (std::size_t m = 0; m < images.nodes.size(); ++m) {
    const double range_m = images.first_m + images.step_m * static_cast<double>(m);
    sum += std::complex<double>(images.nodes[m](line, sample)) *
           range_response(WindowKind::kHann, (range_m - axis.bin_m(b)) / axis.cell_m);
  }
  return sum;
}

}  // namespace

TEST_CASE("a clean raw frame is the direct frame", "[sim][radar]") {
  const RadarOptions radar;
  RawRadarOptions raw = ideal_radar();
  raw.filter_on = true;
  const RangeAxis axis = axis_from(radar, 5.96, 33, 2);
  const DepthImages images = speckle_nodes(radar);
  const RangeFrame frame = raw_frame(radar, raw, axis, images, {}, 0);
  double error = 0.0, power = 0.0;
  for (int b = 0; b < axis.bins; ++b) {
    for (int l = 0; l < kLines; ++l) {
      for (int s = 0; s < kSamples; ++s) {
        const auto expected = direct_bin(images, axis, b, l, s);
        const std::complex<double> got(frame.bins[static_cast<std::size_t>(b)](l, s));
        error += std::norm(got - expected);
        power += std::norm(expected);
      }
    }
  }
  // The residual video phase: K τ / f_c = 2.4e-5 of the carrier phase over a cell, 0.005 rad, as
  // rms over the response some -50 dB.
  CHECK(db(error / power) < -45.0);
}

TEST_CASE("a raw frame does not depend on threads and depends on its key", "[sim][radar]") {
  const RadarOptions radar;
  const RawRadarOptions raw;
  const RangeAxis axis = axis_from(radar, 5.96, 33, 2);
  const DepthImages images = speckle_nodes(radar);
  const RangeFrame one = raw_frame(radar, raw, axis, images, {1, 2, 3, 0}, 1);
  const RangeFrame many = raw_frame(radar, raw, axis, images, {1, 2, 3, 0}, 4);
  const RangeFrame other = raw_frame(radar, raw, axis, images, {1, 2, 4, 0}, 1);
  for (std::size_t b = 0; b < one.bins.size(); ++b) {
    CHECK(one.bins[b].data == many.bins[b].data);
    CHECK(one.bins[b].data != other.bins[b].data);
  }
}

TEST_CASE("the noise of a raw frame is the expected one in units of coupling",
          "[sim][radar][statistics]") {
  const RadarOptions radar;
  const RawRadarOptions raw;
  const RangeAxis axis = axis_from(radar, 5.96, 9, 1);
  DepthImages images;
  images.first_m = 5.95;
  images.step_m = 0.005;
  images.nodes.assign(4, ImageC(20, 50));
  const RangeFrame frame = raw_frame(radar, raw, axis, images, {1, 2, 3, 0}, 0);
  const double limit = z_limit(3);
  for (const std::size_t b : {std::size_t{0}, std::size_t{4}, std::size_t{8}}) {
    Draws power;
    for (const auto& n : frame.bins[b].data) power.add(std::norm(std::complex<double>(n)));
    const double range_m = axis.bin_m(static_cast<int>(b));
    CHECK(std::abs(power.z(noise_budget(radar, raw, range_m).total_w() /
                           received_power_w(radar, 1.0))) < limit);
  }
}
