#include "thz/sim/radar_budget.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "support/closed_forms.h"
#include "thz/core/error.h"
#include "thz/core/rng.h"
#include "thz/sim/gaussian_beam.h"
#include "thz/sim/raw_radar.h"

using namespace thz;
using namespace thz::sim;

namespace {

// A budget of one rectangular chirp without anything but thermal noise.
RadarOptions plain_receiver() {
  RadarOptions options;
  options.window = WindowKind::kRectangular;
  options.flicker_corner_hz = 0.0;
  return options;
}

// No compression and no noise of the local oscillator.
RawRadarOptions linear_receiver() {
  RawRadarOptions raw;
  raw.mixer_on = false;
  return raw;
}

}  // namespace

// F01, F02, F08.
TEST_CASE("the chirp has its range cell, beat and Doppler", "[sim][radar][physics]") {
  const Chirp chirp;
  CHECK(chirp.range_cell_m() == Approx(0.0149896229).epsilon(1e-9));
  CHECK(chirp.beat_hz(6.0) == Approx(8005538.285).epsilon(1e-6));
  CHECK(chirp.doppler_hz(1.0) == Approx(2268.235847).epsilon(1e-9));
  // One range cell is one bin of 1/T.
  CHECK(chirp.beat_hz(chirp.range_cell_m()) * chirp.duration_s == Approx(1.0).epsilon(1e-12));
}

// F06, F07.
TEST_CASE("phase noise is correlated over range and raised by multiplication",
          "[sim][radar][physics]") {
  CHECK(range_correlation(1e6, 4.0027691423778243e-08) == Approx(0.06292024634).epsilon(1e-6));
  CHECK(multiplication_rise_db(24.0) == Approx(27.60422483).epsilon(1e-9));
}

// N01, N02 (Boltzmann's constant; 3000 K after Sobis et al. 2011).
TEST_CASE("thermal noise is kTB", "[sim][radar][physics]") {
  CHECK(dbm_from_watt(thermal_noise_w(290.0, 1.0)) == Approx(-173.9751872).margin(0.001));
  const NoiseBudget budget = noise_budget(plain_receiver(), linear_receiver(), 6.0);
  CHECK(dbm_from_watt(budget.thermal_w) == Approx(-120.8176547).margin(0.01));
  RadarOptions hann = plain_receiver();
  hann.window = WindowKind::kHann;
  CHECK(noise_budget(hann, linear_receiver(), 6.0).thermal_w / budget.thermal_w ==
        Approx(1.5).epsilon(1e-9));
}

// N03.
TEST_CASE("a real quantiser has the ideal quantiser's signal-to-noise ratio",
          "[sim][radar][physics]") {
  CHECK(ideal_quantiser_snr_db(14) == Approx(86.0493).margin(0.01));
  constexpr int kBits = 14;
  const double step = 2.0 / std::pow(2.0, kBits);
  double error = 0.0;
  constexpr int kSamples = 200000;
  for (int i = 0; i < kSamples; ++i) {
    const double x = std::sin(0.7390851332 * i);
    const double quantised = step * std::round(x / step);
    error += (quantised - x) * (quantised - x) / kSamples;
  }
  CHECK(10.0 * std::log10(0.5 / error) == Approx(ideal_quantiser_snr_db(kBits)).margin(0.1));
}

TEST_CASE("noise in a bin of a windowed transform is what the budget says",
          "[sim][radar][physics]") {
  // White real noise through window and DFT, scaled so that a tone of power P gives |S|² = P.
  RadarOptions options;
  options.adc_rate_hz = 5e6;
  const int n = static_cast<int>(options.adc_rate_hz * options.chirp.duration_s);
  const std::vector<double> window = window_samples(options.window, n);
  double gain = 0.0;
  for (const double w : window) gain += w;
  const double variance = 3.0;
  Rng rng(3, RngPurpose::kTest);
  constexpr int kTrials = 4000;
  double power = 0.0;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::complex<double> sum = 0.0;
    for (int i = 0; i < n; ++i) {
      sum += window[static_cast<std::size_t>(i)] * std::sqrt(variance) * rng.normal() *
             std::polar(1.0, -2.0 * kPi * 40.0 * i / n);
    }
    power += 2.0 * std::norm(sum / gain) / kTrials;
  }
  const double expected =
      variance * noise_bandwidth_hz(options.chirp, options.window) / (0.5 * options.adc_rate_hz);
  CHECK(power == Approx(expected).epsilon(0.08));  // exponential law: 1/√4000, five of them
}

// B01, B03 and the calibration behind them.
TEST_CASE("the budget gives 2 mW per square centimetre and the tabulated powers",
          "[sim][radar][physics]") {
  const RadarOptions options;
  CHECK(options.losses.total_db() == Approx(5.880369970746243).margin(0.001));
  const GaussianBeam beam(7.585e-3, options.chirp.wavelength_m());
  CHECK(beam.peak_irradiance_w_m2(power_at_target_w(options)) == Approx(20.0).epsilon(1e-3));
  CHECK(dbm_from_watt(received_power_w(options, 0.16068610985264542)) ==
        Approx(-11.24997617).margin(0.01));
  CHECK(dbm_from_watt(coupler_leakage_w(options)) == Approx(-19.5593196).margin(0.01));
  CHECK(std::pow(amplitude_scale_sqrt_w(options), 2) == Approx(received_power_w(options, 1.0)));
  // B04: smooth skin sphere of 80 mm. B02: 1 % Lambert, and its thermal signal-to-noise ratio.
  const test::Mode mode;
  CHECK(dbm_from_watt(received_power_w(
            options, 0.16068610985264542 * test::convex_coupling(mode, 0.08, 0.08))) ==
        Approx(-20.03827212).margin(0.01));
  const double lambert_dbm =
      dbm_from_watt(received_power_w(options, test::lambert_coupling(mode, 0.01)));
  CHECK(lambert_dbm == Approx(-51.94503298).margin(0.01));
  CHECK(lambert_dbm -
            dbm_from_watt(noise_budget(plain_receiver(), linear_receiver(), 6.0).thermal_w) ==
        Approx(68.87262169).margin(0.02));
}

TEST_CASE("the parts of the noise add up and the floor fills the rest", "[sim][radar][physics]") {
  RadarOptions options;
  RawRadarOptions raw = linear_receiver();
  const NoiseBudget physics = noise_budget(options, raw, 6.0);
  CHECK(physics.excess_w == 0.0);
  CHECK(physics.local_oscillator_w == 0.0);
  CHECK(physics.total_w() ==
        Approx(physics.thermal_w + physics.phase_noise_w + physics.quantisation_w));
  CHECK(physics.quantisation_w < physics.thermal_w);
  // Full scale −10 dBm, 86.05 dB of 14 bits, processing gain of 1250/2 samples, Hann's 1.5 bins.
  CHECK(dbm_from_watt(physics.quantisation_w) ==
        Approx(-10.0 - 86.0493 - 27.9588 + 1.7609).margin(0.01));
  // 1/f noise of a 100 kHz corner adds 1.25 % at 8 MHz.
  CHECK(physics.thermal_w == Approx(1.5 * 1.01249 * 1.380649e-23 * 3000.0 * 20e3).epsilon(1e-4));
  options.effective_floor_dbm = -90.0;
  CHECK(dbm_from_watt(noise_budget(options, raw, 6.0).total_w()) == Approx(-90.0).margin(1e-9));
  options.effective_floor_dbm = -130.0;
  CHECK(noise_budget(options, raw, 6.0).excess_w == 0.0);
  options.effective_floor_dbm.reset();
  options.leakage_delay_s = raw.horn_delay_s = 0.0;  // the same source at the same time
  CHECK(noise_budget(options, raw, 6.0).phase_noise_w == 0.0);
}

// F06 at the leakage's delays.
TEST_CASE("each leakage brings the skirt of its own delay", "[sim][radar][physics]") {
  RadarOptions options;
  RawRadarOptions raw = linear_receiver();
  raw.phase_noise.slope_db_decade = 0.0;
  // -107 dBc/Hz, 4 sin²(π f τ) at 8.0055 MHz less or more the tone's
  // own 200 kHz, 30 kHz of Hann; the two sidebands of a real IF: -19.559 dBm at 1 ns give
  // -104.745 dBm by hand.
  options.horn_return_loss_db = 200.0;
  const double coupler_w = noise_budget(options, raw, 6.0).phase_noise_w;
  CHECK(dbm_from_watt(coupler_w) == Approx(-104.745).margin(0.005));
  // The horn alone: -18.570 dBm, and 20 lg 1.4 more of range correlation.
  options.horn_return_loss_db = 20.0;
  options.coupler_directivity_db = 200.0;
  const double horn_w = noise_budget(options, raw, 6.0).phase_noise_w;
  CHECK(10.0 * std::log10(horn_w / coupler_w) ==
        Approx(20.0 * std::log10(1.4) + 19.5593 - 18.5696).margin(0.01));
  // Powers add: 80 kHz or four cells apart.
  options.coupler_directivity_db = 25.0;
  CHECK(noise_budget(options, raw, 6.0).phase_noise_w == Approx(coupler_w + horn_w).epsilon(1e-9));
  // With one delay for both it is the 1.9 dB less that a single leakage at 1 ns would make.
  raw.horn_delay_s = options.leakage_delay_s;
  CHECK(10.0 * std::log10((coupler_w + horn_w) / noise_budget(options, raw, 6.0).phase_noise_w) ==
        Approx(1.86).margin(0.03));
}

TEST_CASE("a beat that the converter cannot see has the noise of one that can",
          "[sim][radar][physics]") {
  // The direct mode does not ask for a converter that follows; 20 GHz: 16 MHz of 12.5.
  RadarOptions options;
  options.chirp.bandwidth_hz = 20e9;
  options.flicker_corner_hz = 0.0;
  const NoiseBudget blind = noise_budget(options, linear_receiver(), 6.0);
  CHECK(blind.thermal_w == Approx(1.5 * 1.380649e-23 * 3000.0 * 20e3).epsilon(1e-3));
  options.adc_rate_hz = 50e6;
  const NoiseBudget seeing = noise_budget(options, linear_receiver(), 6.0);
  CHECK(seeing.thermal_w == Approx(blind.thermal_w).epsilon(1e-3));
  CHECK(seeing.phase_noise_w == blind.phase_noise_w);
}

TEST_CASE("the skirt follows the law of the phase noise", "[sim][radar][physics]") {
  const RadarOptions options;
  RawRadarOptions raw = linear_receiver();
  // Below the anchor there is more of it: at 3 m, 4 MHz, 16.6 lg 2 = 5 dB more a hertz, 6 dB less
  // by range correlation.
  const double ratio =
      noise_budget(options, raw, 3.0).phase_noise_w / noise_budget(options, raw, 6.0).phase_noise_w;
  CHECK(10.0 * std::log10(ratio) == Approx(5.0 - 6.02).margin(0.05));
}

TEST_CASE("impossible radars are refused with the name and the range", "[sim][radar]") {
  RadarOptions options;
  CHECK_NOTHROW(options.validate());
  options.adc_bits = 0;
  CHECK_THROWS_WITH(options.validate(), Catch::Contains("adc_bits") && Catch::Contains("32"));
  options.adc_bits = 14;
  options.chirp.bandwidth_hz = -1.0;
  CHECK_THROWS_AS(options.validate(), InputError);
  options.chirp.bandwidth_hz = 1e10;
  options.losses.horn_db = -0.1;
  CHECK_THROWS_AS(options.validate(), InputError);
}
