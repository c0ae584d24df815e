// The raw mode's noise against closed forms and against the direct mode: z-tests, each with a
// false-alarm rate such that a test case fails by chance with a probability of 1e-3 at most.
#include <catch2/catch.hpp>
#include <cmath>

#include "raw_radar_rig.h"
#include "support/z_test.h"
#include "thz/sim/bin_noise.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;

namespace {

/// Statistics of one bin over pulses: complex mean about an expected value, power about it.
struct BinStatistics {
  Draws real, imaginary, power;

  void add(const std::complex<double>& s, const std::complex<double>& mean) {
    real.add((s - mean).real());
    imaginary.add((s - mean).imag());
    power.add(std::norm(s - mean));
  }
};

std::vector<BinStatistics> run(Rig& rig, const std::vector<std::complex<float>>& amplitudes,
                               const std::vector<std::complex<double>>& mean, int pulses,
                               uint64_t capture = 1) {
  std::vector<BinStatistics> bins(mean.size());
  for (int i = 0; i < pulses; ++i) {
    const auto profile = rig.profile(amplitudes, {1, capture, 0, static_cast<uint64_t>(i)});
    for (std::size_t b = 0; b < bins.size(); ++b) bins[b].add(profile[b], mean[b]);
  }
  return bins;
}

void check_noise(const std::vector<BinStatistics>& bins, double variance) {
  const double limit = z_limit(3 * static_cast<int>(bins.size()));
  for (std::size_t b = 0; b < bins.size(); ++b) {
    CAPTURE(b, bins[b].power.mean() / variance);
    CHECK(std::abs(bins[b].real.z(0.0)) < limit);
    CHECK(std::abs(bins[b].imaginary.z(0.0)) < limit);
    CHECK(std::abs(bins[b].power.z(variance)) < limit);
  }
}

const std::vector<std::complex<double>> kNothing(9);

/// k T B with its 1/f rise at a range, by hand.
double thermal_bin_w(const RadarOptions& radar, double range_m) {
  return thermal_noise_w(radar.noise_temperature_k, noise_bandwidth_hz(radar.chirp, radar.window)) *
         (1.0 + radar.flicker_corner_hz / radar.chirp.beat_hz(range_m));
}

/// Nine bins four cells apart about 6 m, which Hann leaves uncorrelated: pad 1, spacing by choice.
RangeAxis nine_bins(const RadarOptions& radar) { return axis_from(radar, 5.96, 9, 1); }

}  // namespace

// N02.
TEST_CASE("thermal noise of a pulse is k T B in every bin", "[sim][radar][physics][statistics]") {
  RadarOptions radar;
  RawRadarOptions raw = ideal_radar();
  raw.thermal_on = true;
  SECTION("rectangular window, no flicker: the row") {
    radar.window = WindowKind::kRectangular;
    radar.flicker_corner_hz = 0.0;
    Rig rig(radar, raw, {}, nine_bins(radar));
    check_noise(run(rig, {}, kNothing, 3000), watt_from_dbm(-120.8176547));
  }
  SECTION("the direct mode's figure, with filter") {
    raw.filter_on = GENERATE(false, true);
    Rig rig(radar, raw, {}, nine_bins(radar));
    check_noise(run(rig, {}, kNothing, 3000), thermal_bin_w(radar, 6.0));
    CHECK(noise_budget(radar, raw, 6.0).total_w() ==
          Approx(thermal_bin_w(radar, 6.0)).epsilon(1e-3));
  }
  SECTION("ten times the temperature, ten times the noise") {
    radar.noise_temperature_k = 30000.0;
    Rig rig(radar, raw, {}, nine_bins(radar));
    check_noise(run(rig, {}, kNothing, 3000), 10.0 * thermal_bin_w(RadarOptions(), 6.0));
  }
  SECTION("near zero beat the flicker rules") {
    // 0.3 m: 400 kHz, a quarter more.
    Rig rig(radar, raw, {}, axis_from(radar, 0.3, 1, 1));
    check_noise(run(rig, {}, {0.0}, 3000), thermal_bin_w(radar, 0.3));
  }
}

TEST_CASE("conversion loss and the amplifier behind it make the receiver's temperature",
          "[sim][radar][physics]") {
  const RadarOptions radar;
  MixerOptions mixer;
  CHECK(receiver_temperature_k(radar, mixer) == 3000.0);
  mixer.noise_temperature_k = 2000.0;
  // 8 dB: 6.3096; 1.8 dB: 290 (1.5136 - 1) = 148.93 K
  CHECK(receiver_temperature_k(radar, mixer) == Approx(2000.0 + 6.309573 * 148.933).epsilon(1e-4));
  mixer.conversion_loss_db += 3.0103;
  CHECK(receiver_temperature_k(radar, mixer) ==
        Approx(2000.0 + 2.0 * 6.309573 * 148.933).epsilon(1e-4));
}

// F06.
TEST_CASE("phase noise of a target is correlated over its delay",
          "[sim][radar][physics][statistics]") {
  RadarOptions radar;
  RawRadarOptions raw = ideal_radar();
  raw.phase_noise_on = true;
  raw.filter_on = true;
  // 1 MHz, 50 bins from the target, and folded back from 2 f_b + 1 MHz on the other side.
  raw.phase_noise = PhaseNoise::through(1e6, -92.0, 8e6, -107.0);
  radar.phase_noise_dbc_hz = -92.0;
  const double target_m = GENERATE(6.0, 3.0);
  const double cell_m = radar.chirp.range_cell_m();
  Rig rig(radar, raw, {target_m}, axis_from(radar, target_m + 50.0 * cell_m, 1, 1));
  const double delay_s = 2.0 * target_m / kSpeedOfLight;
  const double far_hz = 2.0 * radar.chirp.beat_hz(target_m) + 1e6;
  const double density =
      ratio_from_db(-92.0) * range_correlation(1e6, delay_s) +
      ratio_from_db(raw.phase_noise.dbc_hz(-92.0, far_hz)) * range_correlation(far_hz, delay_s);
  CHECK(raw.phase_noise.dbc_hz(-92.0, 8e6) == Approx(-107.0));
  CHECK(phase_noise_skirt_w_hz(radar, raw.phase_noise, 1e-6, delay_s, 0.5 * (far_hz + 1e6)) ==
        Approx(1e-6 * density).epsilon(1e-9));
  const double expected = 1e-6 * density * noise_bandwidth_hz(radar.chirp, radar.window);
  if (target_m == 6.0) CHECK(range_correlation(1e6, delay_s) == Approx(0.06292024634));
  check_noise(run(rig, {1e-3f}, {0.0}, 4000), expected);
}

TEST_CASE("the skirt of the leakage is what the direct mode has", "[sim][radar][statistics]") {
  const RadarOptions radar;
  RawRadarOptions raw = ideal_radar();
  raw.phase_noise_on = raw.leakage_on = true;
  SECTION("at 6 m") {
    Rig rig(radar, raw, {}, nine_bins(radar));
    check_noise(run(rig, {}, kNothing, 4000), noise_budget(radar, raw, 6.0).total_w());
  }
  SECTION("leakage without delay has none") {
    RadarOptions still = radar;
    still.leakage_delay_s = raw.horn_delay_s = 0.0;
    Rig rig(still, raw, {}, axis_from(still, 6.0, 1, 1));
    CHECK(std::norm(rig.profile({})[0]) <
          1e-6 * noise_budget(radar, RawRadarOptions(), 6).total_w());
  }
}

TEST_CASE("noise of the local oscillator", "[sim][radar][statistics]") {
  RadarOptions radar;
  RawRadarOptions raw = ideal_radar();
  raw.mixer_on = true;
  SECTION("its amplitude noise adds, less the pair's balance") {
    raw.mixer.lo_amplitude_noise_dbc_hz = -140.0;
    // 4 mW - 140 - 25 + 8 dB
    CHECK(10.0 * std::log10(lo_amplitude_noise_w_hz(raw.mixer) * 1e3) ==
          Approx(6.0206 - 157.0).margin(1e-3));
    Rig rig(radar, raw, {}, nine_bins(radar));
    check_noise(run(rig, {}, kNothing, 3000),
                lo_amplitude_noise_w_hz(raw.mixer) * noise_bandwidth_hz(radar.chirp, radar.window));
  }
  SECTION("its own phase noise is not correlated") {
    raw.mixer.lo_amplitude_noise_dbc_hz = -400.0;
    raw.phase_noise_on = true;
    radar.phase_noise_dbc_hz = -250.0;
    raw.mixer.lo_phase_noise_dbc_hz = -110.0;
    const double cell_m = radar.chirp.range_cell_m();
    Rig rig(radar, raw, {6.0}, axis_from(radar, 6.0 - 100.0 * cell_m, 1, 1));
    // Both sidebands, the far one folded back; compression at -30 dBm: 0.011 dB.
    check_noise(run(rig, {1e-3f}, {0.0}, 3000), compressed_power_w(raw.mixer, 1e-6) * 2.0 *
                                                    ratio_from_db(-110.0) *
                                                    noise_bandwidth_hz(radar.chirp, radar.window));
  }
}

// N03.
TEST_CASE("quantisation with the noise as dither is white and has its variance",
          "[sim][radar][physics][statistics]") {
  RadarOptions radar;
  RawRadarOptions raw = ideal_radar();
  raw.thermal_on = raw.adc_on = true;
  radar.adc_full_scale_w = 2.5e-5;  // a step of 1.2 sigma of the thermal noise
  Rig rig(radar, raw, {}, nine_bins(radar));
  const NoiseBudget budget = noise_budget(radar, raw, 6.0);
  CHECK(budget.quantisation_w > 0.08 * budget.thermal_w);
  CHECK(noise_budget(radar, raw, 6.0).total_w() ==
        Approx(budget.thermal_w + budget.quantisation_w).epsilon(1e-6));
  check_noise(run(rig, {}, kNothing, 12000), budget.thermal_w + budget.quantisation_w);
}

TEST_CASE("a full-scale tone has the ideal quantiser's signal-to-noise ratio",
          "[sim][radar][physics]") {
  const RadarOptions radar;
  RawRadarOptions raw = ideal_radar();
  const float a = static_cast<float>(std::sqrt(radar.adc_full_scale_w) * 0.99999);
  const RangeAxis axis = axis_from(radar, 6.0, 1, 1);
  Rig plain(radar, raw, {6.0123}, axis);
  raw.adc_on = true;
  Rig quantised(radar, raw, {6.0123}, axis);
  const auto x = plain.pulse({a}), y = quantised.pulse({a});
  double error = 0.0, power = 0.0;
  for (std::size_t n = 0; n < x.size(); ++n) {
    error += (double{y[n]} - double{x[n]}) * (double{y[n]} - double{x[n]});
    power += double{x[n]} * double{x[n]};
  }
  CHECK(10.0 * std::log10(power / error) == Approx(86.0493).margin(0.5));  // the row's tolerance
}

TEST_CASE("compression by the leakage is calibrated out of weak targets", "[sim][radar][physics]") {
  const RadarOptions radar;
  RawRadarOptions raw = ideal_radar();
  raw.mixer_on = raw.leakage_on = true;
  raw.mixer.lo_amplitude_noise_dbc_hz = -400.0;
  // Two tones of -19.6 and -18.6 dBm: by hand about (1 + sP/2)²/(1 + sP)³, sP = 0.0644: -0.54 dB,
  // their beat aside.
  CHECK(db(leakage_compression(radar, raw).weak_target) == Approx(-0.54).margin(0.05));
  Rig with(radar, raw, {6.0}, axis_from(radar, 6.0, 1, 1));
  const auto empty = with.profile({0.0f})[0];
  CHECK(std::norm(with.profile({1e-4f})[0] - empty) == Approx(1e-8).epsilon(2e-3));
}

TEST_CASE("raw and direct mode agree on a target in all of the noise", "[sim][radar][statistics]") {
  const RadarOptions radar;
  RawRadarOptions raw;  // everything on as it comes
  const double cell_m = radar.chirp.range_cell_m();
  // Two cells on either side: four cells off the target stand what the beat between the two leakage
  // tones makes of it by compression, which the direct mode does not have.
  const RangeAxis axis = axis_from(radar, 6.0 - 2.0 * cell_m, 9, 2);
  // -92 dBm over a floor of -102: its own phase noise and compression are far below.
  const std::complex<float> a = std::polar(std::sqrt(6e-13f), -1.3f);
  std::vector<std::complex<double>> mean;
  for (int b = 0; b < axis.bins; ++b) {
    mean.push_back(std::complex<double>(a) *
                   range_response(radar.window, (6.0 - axis.bin_m(b)) / axis.cell_m));
  }
  Rig rig(radar, raw, {6.0}, axis);
  const double variance = noise_budget(radar, raw, 6.0).total_w();
  check_noise(run(rig, {a}, mean, 4000), variance);

  // The direct mode's noise beside it: same mean power, and bins as correlated as each other.
  const RangeFrame direct =
      BinNoise(radar.window, axis, 100, bin_noise_variances_w(radar, raw, axis), 1, 1, 0)
          .frame(40, 1);
  std::vector<Draws> raw_pairs(4), direct_pairs(4);
  for (int i = 0; i < 4000; ++i) {
    const auto profile = rig.profile({0.0f}, {1, 9, 0, static_cast<uint64_t>(i)});
    for (std::size_t d = 0; d < 4; ++d) {
      raw_pairs[d].add((profile[3] * std::conj(profile[3 + d])).real());
      const auto pixel = static_cast<std::size_t>(i);
      direct_pairs[d].add((std::complex<double>(direct.bins[3].data[pixel]) *
                           std::conj(std::complex<double>(direct.bins[3 + d].data[pixel])))
                              .real());
    }
  }
  for (std::size_t d = 0; d < 4; ++d) {
    const double error = std::sqrt((raw_pairs[d].variance() + direct_pairs[d].variance()) / 4000.0);
    CAPTURE(d);
    CHECK(std::abs(raw_pairs[d].mean() - direct_pairs[d].mean()) < z_limit(4) * error);
  }
}

TEST_CASE("the noise of a pulse is its own and comes again", "[sim][radar][statistics]") {
  const RadarOptions radar;
  const RawRadarOptions raw;
  Rig rig(radar, raw, {6.0}, nine_bins(radar));
  const auto one = rig.pulse({0.0f}, {1, 2, 3, 4});
  CHECK(one == rig.pulse({0.0f}, {1, 2, 3, 4}));
  for (const PulseKey& other :
       {PulseKey{2, 2, 3, 4}, PulseKey{1, 3, 3, 4}, PulseKey{1, 2, 4, 4}, PulseKey{1, 2, 3, 5}}) {
    CHECK(one != rig.pulse({0.0f}, other));
  }
  // Not correlated from pulse to pulse, nor with the frame before.
  Draws next, frame;
  std::complex<double> before = 0.0;
  for (uint64_t i = 0; i < 3000; ++i) {
    const auto s = rig.profile({0.0f}, {1, 2, 0, i})[4];
    if (i > 0) next.add((s * std::conj(before)).real());
    frame.add((s * std::conj(rig.profile({0.0f}, {1, 2, 1, i})[4])).real());
    before = s;
  }
  CHECK(std::abs(next.z(0.0)) < z_limit(2));
  CHECK(std::abs(frame.z(0.0)) < z_limit(2));
}
