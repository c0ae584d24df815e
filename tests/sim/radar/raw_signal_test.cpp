// What the raw mode does to targets, without chance.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "raw_radar_rig.h"
#include "thz/core/error.h"
#include "thz/core/rng.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;

namespace {

/// Place of the highest bin by the parabola through it and its neighbours, in bins of the axis.
double peak_place(const std::vector<std::complex<double>>& profile, int first, int last) {
  int top = first;
  for (int b = first; b <= last; ++b) {
    const auto i = static_cast<std::size_t>(b);
    if (std::norm(profile[i]) > std::norm(profile[static_cast<std::size_t>(top)])) top = b;
  }
  const auto i = static_cast<std::size_t>(top);
  const double a = std::abs(profile[i - 1]), b = std::abs(profile[i]), c = std::abs(profile[i + 1]);
  return top + 0.5 * (a - c) / (a - 2.0 * b + c);
}

double peak_power(const std::vector<std::complex<double>>& profile) {
  double peak = 0.0;
  for (const auto& s : profile) peak = std::max(peak, std::norm(s));
  return peak;
}

}  // namespace

TEST_CASE("a target of power P peaks at P, with the phase of its amplitude",
          "[sim][radar][physics]") {
  const RadarOptions radar;
  RawRadarOptions raw = ideal_radar();
  raw.filter_on = GENERATE(false, true);
  raw.internal_delay_s = GENERATE(0.0, 3e-9);
  const double range_m = GENERATE(1.2, 5.9637, 6.0, 8.4);
  CAPTURE(range_m, raw.filter_on);
  Rig rig(radar, raw, {range_m}, axis_from(radar, range_m - 0.0449688687, 13, 2));
  const std::complex<float> a = std::polar(std::sqrt(2e-7f), 0.7f);
  const auto profile = rig.profile({a});
  // Bin 6 is the target. A bin at another delay takes out another residual video phase than the
  // target's. Left over: the mirror image of the real signal, twice the beat frequency away (1/x^3
  // below 1e-6), and beyond three quarters of the band the filter's slope, as each bin undoes the
  // filter at its own frequency.
  const double slope = radar.chirp.bandwidth_hz / radar.chirp.duration_s;
  const double delay_s = target_delay_s(raw, range_m);
  const bool sloping = raw.filter_on && range_m > 8.0;
  for (std::size_t b = 0; b < profile.size(); ++b) {
    const double x = (static_cast<double>(b) - 6.0) / 2.0;
    const double bin_delay_s = delay_s + x / radar.chirp.bandwidth_hz;
    const double phase_rad = kPi * slope * (delay_s * delay_s - bin_delay_s * bin_delay_s);
    const auto expected =
        std::complex<double>(a) * range_response(radar.window, x) * std::polar(1.0, phase_rad);
    const double margin = sloping ? 0.01 * std::abs(x) : 1e-5;
    CHECK(std::abs(profile[b] - expected) < (margin + 1e-6) * std::abs(a));
  }
  CHECK(std::norm(profile[6]) == Approx(2e-7).epsilon(1e-4));
}

// F02, F09: position in bins of 1/T.
TEST_CASE("a target at 6 m stands at 400.28 bins", "[sim][radar][physics]") {
  const RadarOptions radar;
  const double cell_m = radar.chirp.range_cell_m();
  Rig rig(radar, ideal_radar(), {6.0}, axis_from(radar, 395.0 * cell_m, 160, 16));
  const double place = 395.0 + peak_place(rig.profile({1e-3f}), 1, 158) / 16.0;
  CHECK(place == Approx(400.2769142).margin(0.05));   // the row's
  CHECK(place == Approx(400.2769142).margin(0.001));  // a parabola on 16 points a bin
  CHECK(place / radar.chirp.duration_s == Approx(8005538.285).epsilon(1e-5));
}

// F10.
TEST_CASE("two equal points two cells apart are resolved", "[sim][radar][physics]") {
  const RadarOptions radar;
  const double cell_m = radar.chirp.range_cell_m();
  Rig rig(radar, ideal_radar(), {6.0, 6.0 + 2.0 * cell_m}, axis_from(radar, 6.0 - cell_m, 65, 16));
  const auto profile = rig.profile({{1e-3f, 0.0f}, {0.0f, 1e-3f}});
  const double first = peak_place(profile, 1, 32), second = peak_place(profile, 33, 63);
  CHECK((second - first) / 16.0 == Approx(2.0).margin(0.1));
  const double dip = std::norm(profile[32]);
  CHECK(db(std::norm(profile[16]) / dip) > 0.5);
  CHECK(db(std::norm(profile[48]) / dip) > 0.5);
}

// F04.
TEST_CASE("a quadratic chirp error spreads the beat by 8 L f_b", "[sim][radar][physics]") {
  const RadarOptions radar;
  RawRadarOptions raw = ideal_radar();
  ChirpError chirp_error;
  chirp_error.quadratic = 1e-4;
  const double delay_s = 2.0 * 6.0 / kSpeedOfLight;
  CHECK(chirp_error.beat_spread_hz(radar.chirp, delay_s) == Approx(6404.430628).epsilon(1e-6));
  BeatTimes times;
  const auto z = beat_signal_reference(radar.chirp, {{1.0, delay_s}}, times, &chirp_error);
  const auto frequency = [&](std::size_t n) {
    return std::arg(z[n + 1] * std::conj(z[n])) * times.rate_hz / (2.0 * kPi);
  };
  // Falls from 4 L B tau/T above to as much below; between samples, so 1/1250 less.
  CHECK(frequency(0) - frequency(1248) == Approx(6404.430628).epsilon(0.002));

  // The receiver's own pulse has the same error: 0.32 bins of spread at L = 1e-4, so a strong one
  // (32 bins) widens and lowers the peak, and the receiver must agree with the reference's DFT.
  raw.chirp_error_on = true;
  raw.chirp_error.quadratic = 1e-2;
  Rig rig(radar, raw, {6.0}, axis_from(radar, 6.0, 1, 1));
  const auto bent = beat_signal_reference(radar.chirp, {{1e-3, delay_s}}, times, &raw.chirp_error);
  const auto straight = beat_signal_reference(radar.chirp, {{1.0, delay_s}}, times, nullptr);
  const auto window = window_samples(radar.window, times.count);
  std::complex<double> sum = 0.0;
  for (std::size_t n = 0; n < bent.size(); ++n) {
    sum += window[n] * bent[n] * std::conj(straight[n]) / (2.0 * 0.5 * times.count);
  }
  const auto measured = rig.profile({1e-3f})[0];
  CHECK(std::abs(sum) < 0.5e-3);  // it does matter
  CHECK(std::abs(measured - std::conj(sum)) < 1e-4 * 1e-3);
}

// F05.
TEST_CASE("a sinusoidal chirp error makes paired echoes", "[sim][radar][physics]") {
  const RadarOptions radar;
  RawRadarOptions raw = ideal_radar();
  raw.chirp_error_on = true;
  raw.chirp_error.sine_hz = 1e6;
  raw.chirp_error.sine_rate_hz = 1e5;  // five bins
  const double cell_m = radar.chirp.range_cell_m();
  Rig rig(radar, raw, {6.0}, axis_from(radar, 6.0 - 5.0 * cell_m, 11, 1));
  const auto profile = rig.profile({1e-3f});
  const double delay_s = 2.0 * 6.0 / kSpeedOfLight;
  const double index = 2.0 * raw.chirp_error.paired_echo(delay_s);
  CHECK(db(std::pow(raw.chirp_error.paired_echo(delay_s), 2)) == Approx(-18.00979168).margin(0.01));
  for (const std::size_t b : {std::size_t{0}, std::size_t{10}}) {
    CHECK(db(std::norm(profile[b]) / 1e-6) == Approx(-18.00979168).margin(0.3));
    // exactly: Bessel's J1
    CHECK(std::abs(profile[b]) / 1e-3 == Approx(std::cyl_bessel_j(1.0, index)).epsilon(1e-3));
  }
  CHECK(std::abs(profile[5]) / 1e-3 == Approx(std::cyl_bessel_j(0.0, index)).epsilon(1e-3));
}

TEST_CASE("leakage stands at its own delays with its own powers", "[sim][radar][physics]") {
  RadarOptions radar;
  RawRadarOptions raw = ideal_radar();
  raw.leakage_on = true;
  raw.horn_delay_s = 2e-9;  // ten cells behind the coupler's
  // The beat of 1 ns has ten cycles: the real signal's mirror image is 20 bins off, 1/x^3.
  Rig rig(radar, raw, {}, axis_from(radar, 0.5 * kSpeedOfLight * 1e-9, 11, 1));
  const auto profile = rig.profile({});
  CHECK(dbm_from_watt(std::norm(profile[0])) == Approx(-19.5593196).margin(0.01));
  CHECK(std::norm(profile[10]) == Approx(horn_leakage_w(radar)).epsilon(2e-3));
  // At 6 m the window leaves nothing of it: below -100 dB of the leakage.
  Rig far(radar, raw, {}, axis_from(radar, 5.96, 35, 2));
  CHECK(peak_power(far.profile({})) < 1e-10 * horn_leakage_w(radar));
}

TEST_CASE("the mixer compresses by its law", "[sim][radar][physics]") {
  const RadarOptions radar;
  RawRadarOptions raw = ideal_radar();
  raw.mixer_on = true;
  raw.thermal_on = false;
  raw.mixer.lo_amplitude_noise_dbc_hz = -400.0;
  CHECK(dbm_from_watt(compressed_power_w(raw.mixer, watt_from_dbm(-10.0))) ==
        Approx(-11.0).margin(1e-9));
  Rig rig(radar, raw, {6.0}, axis_from(radar, 6.0, 1, 1));
  for (const double dbm : {-60.0, -20.0, -10.0, -3.3, 20.0}) {
    const double in_w = watt_from_dbm(dbm);
    const double out_w = std::norm(rig.profile({static_cast<float>(std::sqrt(in_w))})[0]);
    CAPTURE(dbm);
    CHECK(out_w == Approx(compressed_power_w(raw.mixer, in_w)).epsilon(1e-4));
  }
  // saturates at P_1dB/(10^0.1 - 1)
  CHECK(compressed_power_w(raw.mixer, 1e3) == Approx(1e-4 / 0.2589254).epsilon(1e-4));
}

TEST_CASE("products of the mixer keep their parity and level", "[sim][radar][physics]") {
  MixerOptions mixer;
  const double beat_hz = 4e6, rf_hz = 340e9, lo_hz = 0.5 * (rf_hz + beat_hz);
  const auto products = mixer_products(mixer, rf_hz, lo_hz, 3, 6, 50e6);
  REQUIRE(products.size() == 3);  // m f_RF - 2m f_LO; everything else is at 170 GHz or beyond
  for (const MixerProduct& product : products) {
    CHECK(product.p == 2 * product.m);
    CHECK(product.if_hz == Approx(product.m * beat_hz).epsilon(1e-6));
    CHECK(product.suppression_db == (product.m == 2 ? mixer.pair_balance_db : 0.0));
  }
  // The fundamental's products, even, are there if one looks far enough.
  const auto all = mixer_products(mixer, rf_hz, lo_hz, 1, 1, 1e12);
  REQUIRE(all.size() == 3);
  CHECK(all[2].suppression_db == mixer.pair_balance_db);  // m = p = 1

  // In the signal: a target at 3 m has a ghost at 6 m (m = 2), one at 2 m also (m = 3).
  const RadarOptions radar;
  RawRadarOptions raw = ideal_radar();
  raw.mixer_on = true;
  raw.mixer.lo_amplitude_noise_dbc_hz = -400.0;
  const double in_w = watt_from_dbm(-25.0);
  for (const int m : {2, 3}) {
    CAPTURE(m);
    Rig rig(radar, raw, {6.0 / m}, axis_from(radar, 6.0, 1, 1));
    const double ghost_w = std::norm(rig.profile({static_cast<float>(std::sqrt(in_w))})[0]);
    const double even_db = m == 2 ? 25.0 : 0.0;
    const double expected_dbm = -25.0 - 15.0 * (m - 1) - 20.0 - even_db;
    CHECK(dbm_from_watt(product_power_w(raw.mixer, m, in_w)) == Approx(expected_dbm).margin(1e-6));
    // compression at -25 dBm: 0.035 dB each time the amplitude enters
    CHECK(dbm_from_watt(ghost_w) == Approx(expected_dbm).margin(0.15));
  }
}

TEST_CASE("self-mixing is a direct current and no target", "[sim][radar][physics]") {
  const RadarOptions radar;
  RawRadarOptions raw = ideal_radar();
  raw.mixer_on = true;
  raw.mixer.lo_amplitude_noise_dbc_hz = -400.0;
  Rig rig(radar, raw, {}, axis_from(radar, 5.96, 35, 2));
  double mean = 0.0;
  for (const float sample : rig.pulse({})) mean += double{sample} / 1250.0;
  CHECK(mean * mean == Approx(watt_from_dbm(-40.0)).epsilon(1e-3));
  CHECK(dbm_from_watt(peak_power(rig.profile({}))) < -140.0);
}

TEST_CASE("the filter passes its band and stops what would fold into it", "[sim][radar][physics]") {
  const RadarOptions radar;
  RawRadarOptions raw = ideal_radar();
  raw.leakage_on = true;
  const double slope = radar.chirp.bandwidth_hz / radar.chirp.duration_s;
  // A tone at 25 - 8 MHz folds to 8 MHz of range 5.996 m.
  raw.horn_delay_s = 17e6 / slope;
  const double alias_m = 0.5 * kSpeedOfLight * 8e6 / slope;
  const RangeAxis axis = axis_from(radar, alias_m, 1, 1);
  Rig open(radar, raw, {}, axis);
  CHECK(std::norm(open.profile({})[0]) == Approx(horn_leakage_w(radar)).epsilon(1e-3));
  raw.filter_on = true;
  Rig filtered(radar, raw, {}, axis);
  CHECK(db(std::norm(filtered.profile({})[0]) / horn_leakage_w(radar)) < -75.0);
}

TEST_CASE("the converter clips at full scale", "[sim][radar]") {
  const RadarOptions radar;
  RawRadarOptions raw = ideal_radar();
  raw.adc_on = true;
  Rig rig(radar, raw, {6.0}, axis_from(radar, 6.0, 1, 1));
  const double full_scale = std::sqrt(2.0 * radar.adc_full_scale_w);
  const auto samples = rig.pulse({static_cast<float>(std::sqrt(10.0 * radar.adc_full_scale_w))});
  const auto [low, high] = std::minmax_element(samples.begin(), samples.end());
  const double step = 2.0 * full_scale / 16384.0;
  CHECK(double{*low} == Approx(-full_scale).epsilon(1e-6));
  CHECK(double{*high} == Approx(full_scale - step).epsilon(1e-6));
  // and holds codes only
  const double code = double{samples[100]} / step;
  CHECK(code == Approx(std::round(code)).margin(1e-2));
}

TEST_CASE("impossible raw radars are refused", "[sim][radar]") {
  RadarOptions radar;
  RawRadarOptions raw;
  CHECK_NOTHROW(raw.validate());
  raw.filter_taps = 48;
  CHECK_THROWS_WITH(raw.validate(), Catch::Contains("filter_taps") && Catch::Contains("odd"));
  raw = RawRadarOptions();
  raw.oversampling = 0;
  CHECK_THROWS_AS(raw.validate(), InputError);
  raw = RawRadarOptions();
  // 12.5 MHz of beat is 9.37 m.
  CHECK_THROWS_WITH(RawReceiver(radar, raw, {9.5}, axis_from(radar, 6.0, 1, 1)),
                    Catch::Contains("adc_rate_hz") && Catch::Contains("9.5"));
}
