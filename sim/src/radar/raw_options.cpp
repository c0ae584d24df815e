#include <cmath>

#include "thz/core/error.h"
#include "thz/sim/raw_radar.h"

namespace thz::sim {
namespace {

constexpr double kRoom_k = 290.0;  // temperature to which noise figures refer

void require_raw(const char* name, double value, double low, double high) {
  if (!(value >= low && value <= high)) {
    throw_input("raw.{} is {}; allowed is {} to {}", name, value, low, high);
  }
}

void validate_mixer(const MixerOptions& mixer) {
  require_raw("conversion_loss_db", mixer.conversion_loss_db, 0.0, 60.0);
  require_raw("if_noise_figure_db", mixer.if_noise_figure_db, 0.0, 60.0);
  if (mixer.noise_temperature_k) {
    require_raw("mixer_noise_temperature_k", *mixer.noise_temperature_k, 0.0, 1e7);
  }
  require_raw("compression_dbm", mixer.compression_dbm, -100.0, 60.0);
  require_raw("pair_balance_db", mixer.pair_balance_db, 0.0, 200.0);
  require_raw("product_db", mixer.product_db, -300.0, 0.0);
  require_raw("lo_power_w", mixer.lo_power_w, 0.0, 10.0);
  require_raw("lo_amplitude_noise_dbc_hz", mixer.lo_amplitude_noise_dbc_hz, -400.0, 0.0);
  require_raw("lo_phase_noise_dbc_hz", mixer.lo_phase_noise_dbc_hz, -400.0, 0.0);
  require_raw("self_mixing_dbm", mixer.self_mixing_dbm, -400.0, 30.0);
}

}  // namespace

double ChirpError::deviation_hz(const Chirp& chirp, double t_s) const {
  const double s = t_s / chirp.duration_s;
  return 4.0 * quadratic * chirp.bandwidth_hz * s * (1.0 - s) +
         sine_hz * std::sin(2.0 * kPi * sine_rate_hz * t_s);
}

double ChirpError::beat_phase_rad(const Chirp& chirp, double t_s, double delay_s) const {
  // ∫ s(1 − s) over [a, b] and the sine's integral written as products, so that the difference of
  // two nearly equal values of the primitive is not taken.
  const double d = delay_s / chirp.duration_s;
  const double m = t_s / chirp.duration_s - 0.5 * d;  // middle of the interval
  const double parabola = d * (m * (1.0 - m) - d * d / 12.0);
  double cycles = 4.0 * quadratic * chirp.bandwidth_hz * chirp.duration_s * parabola;
  if (sine_hz != 0.0) {
    cycles += sine_hz / (kPi * sine_rate_hz) * std::sin(kPi * sine_rate_hz * delay_s) *
              std::sin(2.0 * kPi * sine_rate_hz * (t_s - 0.5 * delay_s));
  }
  return 2.0 * kPi * cycles;
}

double ChirpError::beat_spread_hz(const Chirp& chirp, double delay_s) const {
  return 8.0 * quadratic * chirp.bandwidth_hz / chirp.duration_s * delay_s;
}

double ChirpError::paired_echo(double delay_s) const {
  return std::abs(sine_hz * std::sin(kPi * sine_rate_hz * delay_s) / sine_rate_hz);
}

PhaseNoise PhaseNoise::through(double first_hz, double first_dbc_hz, double second_hz,
                               double second_dbc_hz) {
  THZ_REQUIRE(first_hz > 0.0 && second_hz > 0.0 && first_hz != second_hz,
              "a slope needs two different offsets");
  return {first_hz, (second_dbc_hz - first_dbc_hz) / std::log10(second_hz / first_hz)};
}

double PhaseNoise::dbc_hz(double level_dbc_hz, double offset_hz) const {
  return level_dbc_hz + slope_db_decade * std::log10(offset_hz / anchor_hz);
}

void RawRadarOptions::validate() const {
  require_raw("chirp_quadratic", chirp_error.quadratic, -0.1, 0.1);
  require_raw("chirp_sine_hz", chirp_error.sine_hz, -1e9, 1e9);
  require_raw("chirp_sine_rate_hz", chirp_error.sine_rate_hz, 1.0, 1e9);
  require_raw("phase_noise_anchor_hz", phase_noise.anchor_hz, 1.0, 1e10);
  require_raw("phase_noise_slope_db_decade", phase_noise.slope_db_decade, -40.0, 0.0);
  validate_mixer(mixer);
  require_raw("horn_delay_s", horn_delay_s, 0.0, 1e-6);
  require_raw("internal_delay_s", internal_delay_s, 0.0, 1e-6);
  require_raw("oversampling", oversampling, 1, 16);
  require_raw("filter_taps", filter_taps, 1, 1023);
  if (filter_taps % 2 == 0) throw_input("raw.filter_taps is {}; allowed are odd ones", filter_taps);
  require_raw("filter_cutoff", filter_cutoff, 0.01, oversampling);
}

void check_converter(const RadarOptions& radar, const RawRadarOptions& raw, double range_m) {
  const double slope = radar.chirp.bandwidth_hz / radar.chirp.duration_s;
  const double beat_hz = slope * target_delay_s(raw, range_m);
  if (beat_hz < 0.5 * radar.adc_rate_hz) return;
  throw_input("adc_rate_hz is {:g}; at {:g} m the beat is {:g} Hz, so it must be above {:g}",
              radar.adc_rate_hz, range_m, beat_hz, 2.0 * beat_hz);
}

double target_delay_s(const RawRadarOptions& raw, double range_m) {
  return 2.0 * range_m / kSpeedOfLight + raw.internal_delay_s;
}

double receiver_temperature_k(const RadarOptions& radar, const MixerOptions& mixer) {
  if (!mixer.noise_temperature_k) return radar.noise_temperature_k;
  return *mixer.noise_temperature_k + ratio_from_db(mixer.conversion_loss_db) * kRoom_k *
                                          (ratio_from_db(mixer.if_noise_figure_db) - 1.0);
}

double compressed_power_w(const MixerOptions& mixer, double input_w) {
  const double knee_w = watt_from_dbm(mixer.compression_dbm);
  return input_w / (1.0 + (ratio_from_db(1.0) - 1.0) * input_w / knee_w);
}

std::vector<MixerProduct> mixer_products(const MixerOptions& mixer, double rf_hz, double lo_hz,
                                         int m_max, int p_max, double if_limit_hz) {
  std::vector<MixerProduct> products;
  for (int m = 0; m <= m_max; ++m) {
    for (int p = 0; p <= p_max; ++p) {
      const double if_hz = std::abs(m * rf_hz - p * lo_hz);
      if ((m == 0 && p == 0) || if_hz > if_limit_hz) continue;
      products.push_back({m, p, if_hz, (m + p) % 2 == 0 ? mixer.pair_balance_db : 0.0});
    }
  }
  return products;
}

double product_power_w(const MixerOptions& mixer, int m, double input_w) {
  THZ_REQUIRE(m >= 2, "the wanted product is of order one");
  const double even_db = m % 2 == 0 ? mixer.pair_balance_db : 0.0;  // p = 2m: m + p as m
  return input_w * std::pow(input_w / watt_from_dbm(mixer.compression_dbm), m - 1) *
         ratio_from_db(mixer.product_db - even_db);
}

double lo_amplitude_noise_w_hz(const MixerOptions& mixer) {
  // Appears behind the mixer; the conversion loss refers it to the input.
  return mixer.lo_power_w * ratio_from_db(mixer.lo_amplitude_noise_dbc_hz - mixer.pair_balance_db +
                                          mixer.conversion_loss_db);
}

}  // namespace thz::sim
