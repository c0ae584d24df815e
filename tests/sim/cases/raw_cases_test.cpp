// Closed forms of the chirp and of noise read off raw signals: samples of pulses, windowed and
// transformed by the receiver (docs/validation-cases.md).
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "sim/radar/raw_radar_rig.h"
#include "support/z_test.h"
#include "thz/core/constants.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;

namespace {

constexpr int kPadding = 32;

std::vector<double> powers(Rig& rig, const std::vector<std::complex<float>>& amplitudes) {
  std::vector<double> all;
  for (const auto& s : rig.profile(amplitudes)) all.push_back(std::norm(s));
  return all;
}

std::size_t highest(const std::vector<double>& power) {
  return static_cast<std::size_t>(std::max_element(power.begin(), power.end()) - power.begin());
}

/// Place where the power crosses a level going from `from` in a direction, linear in dB.
double crossing(const std::vector<double>& power, std::size_t from, int step, double level) {
  auto i = static_cast<std::ptrdiff_t>(from);
  while (power[static_cast<std::size_t>(i + step)] > level) i += step;
  const double inside = db(power[static_cast<std::size_t>(i)] / level);
  const double outside = db(power[static_cast<std::size_t>(i + step)] / level);
  return static_cast<double>(i) + step * inside / (inside - outside);
}

/// Highest power behind the first minimum on the far side of the peak.
double first_sidelobe(const std::vector<double>& power, std::size_t peak) {
  std::size_t i = peak;
  while (power[i + 1] < power[i]) ++i;
  return *std::max_element(power.begin() + static_cast<std::ptrdiff_t>(i), power.end());
}

}  // namespace

// F01: c / 2B, as the way between two echoes one bin of 1/T apart.
TEST_CASE("echoes a range cell apart stand one bin apart", "[sim][cases][physics]") {
  const RadarOptions radar;
  const double cell_m = kSpeedOfLight / (2.0 * 10e9);
  CHECK(cell_m == Approx(0.0149896229).epsilon(1e-9));
  const auto place = [&](double range_m) {
    Rig rig(radar, ideal_radar(), {range_m}, axis_from(radar, 5.7, 40 * kPadding, kPadding));
    const auto power = powers(rig, {1e-3f});
    const double half = 0.5 * power[highest(power)];
    return 0.5 *
           (crossing(power, highest(power), 1, half) + crossing(power, highest(power), -1, half)) /
           kPadding;
  };
  // Bins of 1/T between 5.8 and 6.2 m.
  const double measured_m = 0.4 / (place(6.2) - place(5.8));
  CHECK(measured_m == Approx(cell_m).epsilon(1e-5));
  WARN("range cell " << measured_m << " m");
}

// F03: widths and sidelobes of the windows, from the echo of one point.
TEST_CASE("an echo has its window's width and sidelobes", "[sim][cases][physics]") {
  struct Row {
    WindowKind window;
    double width_bins, sidelobe_db, noise_bins;
  };
  for (const Row& row : {Row{WindowKind::kRectangular, 0.885893306, -13.2615, 1.0},
                         Row{WindowKind::kHann, 1.441990774, -31.4675, 1.501466276}}) {
    RadarOptions radar;
    radar.window = row.window;
    Rig rig(radar, ideal_radar(), {6.0}, axis_from(radar, 5.9, 16 * kPadding, kPadding));
    const auto power = powers(rig, {1e-3f});
    const std::size_t peak = highest(power);
    const double width = (crossing(power, peak, 1, 0.5 * power[peak]) -
                          crossing(power, peak, -1, 0.5 * power[peak])) /
                         kPadding;
    const double sidelobe_db = db(first_sidelobe(power, peak) / power[peak]);
    // 0.5 % as the row has it; the top of a sidelobe on 32 places a bin is 0.01 dB off.
    CHECK(width == Approx(row.width_bins).epsilon(5e-3));
    CHECK(sidelobe_db == Approx(row.sidelobe_db).epsilon(5e-3));
    CHECK(noise_bandwidth_bins(row.window) == Approx(row.noise_bins).epsilon(5e-3));
    WARN("window: " << width << " bins at -3 dB, sidelobe " << sidelobe_db << " dB, noise "
                    << noise_bandwidth_bins(row.window) << " bins");
  }
}

// F07: 20 lg N, as a source's phase noise rises by multiplication.
TEST_CASE("multiplied phase noise raises a target's skirt by its square", "[sim][cases][physics]") {
  const double rise_db = 20.0 * std::log10(24.0);
  CHECK(rise_db == Approx(27.60422483).epsilon(1e-9));
  const auto skirt = [](double level_dbc_hz) {
    RadarOptions radar;
    radar.phase_noise_dbc_hz = level_dbc_hz;
    RawRadarOptions raw = ideal_radar();
    raw.phase_noise_on = true;
    const double cell_m = radar.chirp.range_cell_m();
    Rig rig(radar, raw, {6.0}, axis_from(radar, 6.0 + 30.0 * cell_m, 1, 1));
    double sum = 0.0;
    for (uint64_t pulse = 0; pulse < 50; ++pulse) {
      sum += std::norm(rig.profile({1e-3f}, {1, 1, 0, pulse})[0]);
    }
    return sum;
  };
  // The same draws at -140 dBc/Hz and multiplied: small phases, so the field scales by 24.
  const double rise = db(skirt(-140.0 + multiplication_rise_db(24.0)) / skirt(-140.0));
  CHECK(rise == Approx(rise_db).margin(0.02));
  WARN("skirt rises by " << rise << " dB");
}

// N01: k T at 290 K, from the samples of pulses.
TEST_CASE("a receiver at 290 K has k T in every hertz", "[sim][cases][statistics]") {
  RadarOptions radar;
  radar.window = WindowKind::kRectangular;
  radar.flicker_corner_hz = 0.0;
  radar.noise_temperature_k = 290.0;
  RawRadarOptions raw = ideal_radar();
  raw.thermal_on = true;
  const double density_w_hz = kBoltzmann * 290.0;
  CHECK(dbm_from_watt(density_w_hz) == Approx(-173.9751872).margin(1e-6));
  Rig rig(radar, raw, {}, axis_from(radar, 5.96, 9, 1));
  Draws power;
  for (uint64_t pulse = 0; pulse < 3000; ++pulse) {
    for (const auto& s : rig.profile({}, {1, 3, 0, pulse})) power.add(std::norm(s));
  }
  // 27,000 independent exponential draws: standard error 0.6 %, 0.026 dB.
  const double bandwidth_hz = 1.0 / radar.chirp.duration_s;
  CHECK(std::abs(power.z(density_w_hz * bandwidth_hz)) < z_limit(1));
  CHECK(dbm_from_watt(thermal_noise_w(290.0, bandwidth_hz) / bandwidth_hz) ==
        Approx(-173.9751872).margin(0.001));
  WARN("kT " << dbm_from_watt(power.mean() / bandwidth_hz) << " dBm/Hz");
}
