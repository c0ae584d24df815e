#include "thz/sim/bin_noise.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>

#include "raw_radar_rig.h"
#include "support/z_test.h"
#include "thz/core/constants.h"
#include "thz/core/error.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;

namespace {

std::vector<double> alike(const RangeAxis& axis, double variance) {
  return std::vector<double>(static_cast<std::size_t>(axis.bins), variance);
}

}  // namespace

TEST_CASE("the correlation of bins is the transform of the window's square",
          "[sim][radar][physics]") {
  const auto kind = GENERATE(WindowKind::kRectangular, WindowKind::kHann);
  const auto window = window_samples(kind, 4096);
  for (const double x : {0.0, 0.5, 1.0, 1.5, 2.0, 2.7, 6.5}) {
    double sum = 0.0, total = 0.0;
    for (std::size_t i = 0; i < window.size(); ++i) {
      const double s = static_cast<double>(i) / static_cast<double>(window.size()) - 0.5;
      sum += window[i] * window[i] * std::cos(2.0 * kPi * x * s);
      total += window[i] * window[i];
    }
    // The rectangle's ends cost the left-hand rule 1/4096.
    CHECK(window_autocorrelation(kind, x) == Approx(sum / total).margin(5e-4));
  }
  CHECK(window_autocorrelation(kind, 0.0) == Approx(1.0));
  CHECK(window_autocorrelation(WindowKind::kHann, 1.0) == Approx(2.0 / 3.0));
  CHECK(window_autocorrelation(WindowKind::kHann, 2.0) == Approx(1.0 / 6.0));
  CHECK(window_autocorrelation(WindowKind::kHann, 3.0) == Approx(0.0).margin(1e-12));
}

TEST_CASE("correlated noise has the covariance of a zero-padded transform",
          "[sim][radar][statistics]") {
  const RadarOptions radar;
  const int padding = GENERATE(1, 2, 4);
  const WindowKind kind = GENERATE(WindowKind::kRectangular, WindowKind::kHann);
  const RangeAxis axis = axis_from(radar, 5.96, 12, padding);
  const double variance = 2.5;
  const RangeFrame noise = BinNoise(kind, axis, 100, alike(axis, variance), 3, 7, 0).frame(40, 2);
  const double limit = z_limit(6 * 2 * 12 * 13 / 2);
  for (std::size_t a = 0; a < 12; ++a) {
    for (std::size_t b = a; b < 12; ++b) {
      Draws real, imaginary;
      for (std::size_t i = 0; i < noise.bins[a].size(); ++i) {
        const std::complex<double> x(noise.bins[a].data[i]), y(noise.bins[b].data[i]);
        real.add((x * std::conj(y)).real());
        imaginary.add((x * std::conj(y)).imag());
      }
      const double expected =
          variance * window_autocorrelation(kind, static_cast<double>(b - a) / padding);
      CAPTURE(padding, a, b);
      CHECK(std::abs(real.z(expected)) < limit);
      if (a != b) CHECK(std::abs(imaginary.z(0.0)) < limit);
    }
  }
}

TEST_CASE("noise of bins has the variance of each bin's own budget", "[sim][radar][statistics]") {
  // From 0.3 m on flicker falls and the leakage's skirt changes by decibels over the gate.
  const RadarOptions radar;
  const RawRadarOptions raw;
  const RangeAxis axis = axis_from(radar, 0.3, 40, 2);
  const std::vector<double> variances = bin_noise_variances_w(radar, raw, axis);
  CHECK(*std::max_element(variances.begin(), variances.end()) >
        1.2 * *std::min_element(variances.begin(), variances.end()));
  const RangeFrame noise = BinNoise(WindowKind::kHann, axis, 100, variances, 3, 7, 0).frame(40, 1);
  for (std::size_t b = 0; b < variances.size(); ++b) {
    CHECK(variances[b] == noise_budget(radar, raw, axis.bin_m(static_cast<int>(b))).total_w());
    Draws power;
    for (const auto& n : noise.bins[b].data) power.add(std::norm(std::complex<double>(n)));
    CAPTURE(b);
    CHECK(std::abs(power.z(variances[b])) < z_limit(40));
  }
}

TEST_CASE("the factor of the correlation is stable for long gates", "[sim][radar]") {
  // One pixel a bin with nothing but that bin: what comes out are the columns of the factor.
  const int bins = GENERATE(35, 140);
  const auto count = static_cast<std::size_t>(bins);
  const RangeAxis axis = axis_from(RadarOptions(), 5.0, bins, GENERATE(2, 4));
  RangeFrame frame;
  for (int b = 0; b < bins; ++b) {
    frame.bins.emplace_back(1, bins);
    frame.bins.back()(0, b) = 1.0f;
  }
  correlate_bins(frame, WindowKind::kHann, axis, 1);
  double worst = 0.0;
  for (std::size_t a = 0; a < count; ++a) {
    for (std::size_t b = 0; b < count; ++b) {
      double sum = 0.0;
      for (std::size_t k = 0; k < count; ++k) {
        sum += double{frame.bins[a].data[k].real()} * double{frame.bins[b].data[k].real()};
      }
      const double x = (static_cast<double>(a) - static_cast<double>(b)) * axis.spacing_m;
      worst = std::max(worst,
                       std::abs(sum - window_autocorrelation(WindowKind::kHann, x / axis.cell_m)));
    }
  }
  CHECK(worst < 1e-6);  // 1e-7 of white noise and the rounding of floats
}

TEST_CASE("correlated noise does not depend on threads and depends on its key", "[sim][radar]") {
  const RangeAxis axis = axis_from(RadarOptions(), 5.96, 9, 2);
  const auto draw = [&](uint64_t seed, uint32_t frame, int threads) {
    return BinNoise(WindowKind::kHann, axis, 33, alike(axis, 1.0), seed, 2, frame)
        .frame(5, threads);
  };
  const RangeFrame one = draw(1, 0, 1), two = draw(1, 0, 2);
  for (std::size_t b = 0; b < one.bins.size(); ++b) CHECK(one.bins[b].data == two.bins[b].data);
  CHECK(one.bins[4].data != draw(2, 0, 1).bins[4].data);
  CHECK(one.bins[4].data != draw(1, 1, 1).bins[4].data);
}

TEST_CASE("a line of noise is drawn without the others", "[sim][radar]") {
  // Odd: the second half of a block is left out at the end of every line.
  constexpr int kSamples = 33;
  const RangeAxis axis = axis_from(RadarOptions(), 5.96, 9, 2);
  const BinNoise noise(WindowKind::kHann, axis, kSamples, alike(axis, 1.0), 1, 2, 3);
  const RangeFrame all = noise.frame(5, 1);
  BinLine line(9, kSamples);
  for (const int row : {4, 0, 2}) {
    noise.draw(row, line);
    for (int b = 0; b < 9; ++b) {
      CHECK(std::equal(line.bin(b), line.bin(b) + kSamples,
                       all.bins[static_cast<std::size_t>(b)].row(row)));
    }
  }
  CHECK(all.bins[4].row(0)[0] != all.bins[4].row(1)[0]);
}

TEST_CASE("every instruction set mixes bins to the same bits", "[sim][radar]") {
  const RangeAxis axis = axis_from(RadarOptions(), 5.96, 37, 2);
  const BinNoise noise(WindowKind::kHann, axis, 21, alike(axis, 1.5), 1, 2, 3);
  setenv("THZ_SIMD", "sse2", 1);
  const RangeFrame base = noise.frame(3, 1);
  for (const char* set : {"avx2", "avx512"}) {
    setenv("THZ_SIMD", set, 1);
    try {
      const RangeFrame other = noise.frame(3, 1);
      for (std::size_t b = 0; b < base.bins.size(); ++b) {
        CHECK(base.bins[b].data == other.bins[b].data);
      }
    } catch (const InputError&) {
      WARN("skipped: this processor has no " << set);
    }
  }
  unsetenv("THZ_SIMD");
}
