// Prints the table of docs/theory/radar.md: thz_sim_radar_tests "[table]". Not part of the tests.
#include <catch2/catch.hpp>
#include <cmath>

#include "raw_radar_rig.h"
#include "support/z_test.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;

namespace {

constexpr int kPulses = 20000;

void row(const char* name, const RadarOptions& radar, const RawRadarOptions& raw, double target_w,
         double bin_m, double expected_w) {
  Rig rig(radar, raw, {6.0}, axis_from(radar, bin_m, 1, 1));
  const auto a = static_cast<float>(std::sqrt(target_w));
  const double mean = a * range_response(radar.window, (6.0 - bin_m) / radar.chirp.range_cell_m());
  Draws real, power;
  for (int i = 0; i < kPulses; ++i) {
    const auto s = rig.profile({a}, {7, 1, 0, static_cast<uint64_t>(i)})[0] - mean;
    real.add(s.real());
    power.add(std::norm(s));
  }
  WARN(name << ": expected " << dbm_from_watt(expected_w) << " dBm, measured "
            << dbm_from_watt(power.mean()) << " dBm, z of the variance " << power.z(expected_w)
            << ", of the mean " << real.z(0.0));
}

}  // namespace

TEST_CASE("table of agreement of raw and direct mode", "[.][table]") {
  const RadarOptions radar;
  RawRadarOptions raw = ideal_radar();
  raw.filter_on = raw.thermal_on = true;
  row("thermal", radar, raw, 0.0, 6.0, noise_budget(radar, raw, 6.0).thermal_w);
  RadarOptions hot = radar;
  hot.noise_temperature_k = 30000.0;
  row("thermal, 30,000 K", hot, raw, 0.0, 6.0, noise_budget(hot, raw, 6.0).thermal_w);
  raw.adc_on = true;
  RadarOptions coarse = radar;
  coarse.adc_full_scale_w = 2.5e-5;
  const NoiseBudget budget = noise_budget(coarse, raw, 6.0);
  row("thermal and 14 bits, step 1.2 sigma", coarse, raw, 0.0, 6.0,
      budget.thermal_w + budget.quantisation_w);
  raw = ideal_radar();
  raw.filter_on = raw.phase_noise_on = raw.leakage_on = true;
  row("leakage skirt", radar, raw, 0.0, 6.0, noise_budget(radar, raw, 6.0).total_w());
  raw.leakage_on = false;
  const double delay_s = target_delay_s(raw, 6.0);
  const double bin_m = 6.0 + 50.0 * radar.chirp.range_cell_m();
  row("skirt of a -30 dBm target 1 MHz on", radar, raw, 1e-6, bin_m,
      phase_noise_skirt_w_hz(radar, raw.phase_noise, 1e-6, delay_s, radar.chirp.beat_hz(bin_m)) *
          noise_bandwidth_hz(radar.chirp, radar.window));
  const RawRadarOptions all;
  row("all, target of -92.2 dBm", radar, all, 6e-13, 6.0, noise_budget(radar, all, 6.0).total_w());
}
