// The two modes of the radar through whole scenes: one mean, one variance.
#include <catch2/catch.hpp>
#include <cmath>

#include "support/test_scene.h"
#include "support/z_test.h"
#include "thz/sim/radar_budget.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;

namespace {

struct RangeCapture {
  Scene scene;
  Capture capture;
};

/// One frame of the default instrument over a field, with its power by range bin.
RangeCapture capture_range(const std::string& imager, const std::string& rest) {
  RangeCapture result{
      scene_of("[imager]\nframes = 1\nlines = 64\nsamples_per_line = 64\n" + imager + rest), {}};
  const Scene& scene = result.scene;
  CaptureOptions options;
  options.keep_range = true;
  result.capture =
      simulate_capture(scene.imager, scene.sampling, make_analytic_target(scene),
                       {subject_pose(scene.subject)}, {1, scene.imager.raw ? 7u : 3u}, options);
  return result;
}

double budget_over_transmitted(const Scene& scene, std::size_t bin) {
  const Imager& imager = scene.imager;
  return noise_budget(imager.radar, imager.raw_radar,
                      imager.range_axis().bin_m(static_cast<int>(bin)))
             .total_w() /
         imager.radar.transmit_power_w;
}

/// A two-sample z of means.
double z_between(const Draws& a, const Draws& b) {
  return (a.mean() - b.mean()) / std::sqrt(a.variance() / a.count + b.variance() / b.count);
}

const std::string kNothing = "[subject]\nkind = 'point'\nrcs_m2 = 0.0\n";

}  // namespace

TEST_CASE("a dark frame has one mean and one variance in either mode",
          "[sim][frame][radar][statistics]") {
  // Default settings; and with an effective floor above the physics.
  const std::string floor = GENERATE("", "effective_floor_dbm = -90.0\n");
  const RangeCapture direct = capture_range(floor, kNothing);
  const RangeCapture raw = capture_range("radar = 'raw'\n" + floor, kNothing);
  const std::size_t bins = direct.capture.range_power.size();
  REQUIRE(raw.capture.range_power.size() == bins);
  CHECK(raw.capture.noise_floor_dbm == direct.capture.noise_floor_dbm);
  CHECK(direct.capture.noise_floor_dbm == Approx(floor.empty() ? -99.15 : -90.0).margin(0.01));
  const double limit = z_limit(2 * 5 * static_cast<int>(bins));
  for (std::size_t b = 0; b < bins; ++b) {
    const double variance = budget_over_transmitted(direct.scene, b);
    Draws power[2], amplitude[2];
    for (int m = 0; m < 2; ++m) {
      for (const float p : (m == 0 ? direct : raw).capture.range_power[b].data) {
        power[m].add(double{p} / variance);
        amplitude[m].add(std::sqrt(double{p} / variance));
      }
      CAPTURE(floor, b, m, power[m].mean(), amplitude[m].mean());
      CHECK(std::abs(power[m].z(1.0)) < limit);
      // Of a circular Gaussian: E|n| = sqrt(pi)/2 of the root, so that |n| has variance 1 - pi/4.
      CHECK(std::abs(amplitude[m].z(0.5 * std::sqrt(3.141592653589793))) < limit);
    }
    CHECK(std::abs(z_between(power[0], power[1])) < limit);
  }
}

TEST_CASE("a target in the noise has one mean and one variance in either mode",
          "[sim][frame][radar][statistics]") {
  // A point of -85 dBm, 14 dB over the floor, over a field in which it hardly changes.
  const std::string field = "field_of_view_m = [0.01, 0.01]\n";
  const std::string point = "[subject]\nkind = 'point'\nrcs_m2 = 8.9e-10\n";
  const RangeCapture clean = capture_range("noise = false\n" + field, point);
  const RangeCapture noisy[] = {capture_range(field, point),
                                capture_range("radar = 'raw'\n" + field, point)};
  const std::size_t bins = clean.capture.range_power.size();
  const double limit = z_limit(2 * 2 * static_cast<int>(bins));
  double brightest = 0.0;
  for (std::size_t b = 0; b < bins; ++b) {
    const double variance = budget_over_transmitted(clean.scene, b);
    for (int m = 0; m < 2; ++m) {
      Draws mean, spread;
      for (std::size_t i = 0; i < clean.capture.power.size(); ++i) {
        const double echo = double{clean.capture.range_power[b].data[i]} / variance;
        const double rest = double{noisy[m].capture.range_power[b].data[i]} / variance - echo;
        brightest = std::max(brightest, echo);
        // |a + n|^2: mean |a|^2 + 1 and variance 1 + 2 |a|^2 for E|n|^2 = 1.
        mean.add((rest - 1.0) / std::sqrt(1.0 + 2.0 * echo));
        spread.add((rest - 1.0) * (rest - 1.0) / (1.0 + 2.0 * echo));
      }
      CAPTURE(b, m, mean.mean(), spread.mean());
      CHECK(std::abs(mean.z(0.0)) < limit);
      CHECK(std::abs(spread.z(1.0)) < limit);
    }
  }
  CHECK(brightest > 10.0);
}

TEST_CASE("switches of the receiver change the floor of both modes alike", "[sim][frame][radar]") {
  const auto floor_dbm = [](const std::string& radar, const std::string& table) {
    const Scene scene = scene_of("[imager]\nradar = '" + radar + "'\n[raw]\n" + table + kNothing);
    return noise_floor_dbm(scene.imager);
  };
  for (const char* table : {"", "leakage = false\n", "horn_delay_s = 2e-9\n",
                            "phase_noise_slope_db_decade = -20.0\n", "thermal = false\n"}) {
    CAPTURE(table);
    CHECK(floor_dbm("raw", table) == floor_dbm("direct", table));
  }
  CHECK(floor_dbm("direct", "horn_delay_s = 2e-9\n") > floor_dbm("direct", "") + 1.5);
  // What acts pulse by pulse only is refused where there are no pulses.
  CHECK_THROWS_WITH(floor_dbm("direct", "chirp_sine_hz = 1e6\n"),
                    Catch::Contains("chirp_sine_hz") && Catch::Contains("radar = \"raw\""));
  CHECK_NOTHROW(floor_dbm("raw", "chirp_sine_hz = 1e6\n"));
}
