#include "parse_raw.h"

#include "thz/core/error.h"

namespace thz::sim::internal {
namespace {

void parse_switches(ConfigTable& t, RawRadarOptions& raw) {
  raw.chirp_error_on = t.boolean("chirp_error", raw.chirp_error_on);
  raw.phase_noise_on = t.boolean("phase_noise", raw.phase_noise_on);
  raw.leakage_on = t.boolean("leakage", raw.leakage_on);
  raw.mixer_on = t.boolean("mixer", raw.mixer_on);
  raw.thermal_on = t.boolean("thermal", raw.thermal_on);
  raw.filter_on = t.boolean("filter", raw.filter_on);
  raw.adc_on = t.boolean("adc", raw.adc_on);
}

void parse_chirp(ConfigTable& t, RawRadarOptions& raw) {
  ChirpError& chirp = raw.chirp_error;
  chirp.quadratic = t.number("chirp_quadratic", chirp.quadratic, {-0.1, 0.1});
  chirp.sine_hz = t.number("chirp_sine_hz", chirp.sine_hz, {0.0, 1e9});
  chirp.sine_rate_hz = t.number("chirp_sine_rate_hz", chirp.sine_rate_hz, {1.0, 1e9});
  PhaseNoise& noise = raw.phase_noise;
  noise.anchor_hz = t.number("phase_noise_anchor_hz", noise.anchor_hz, {1.0, 1e10});
  noise.slope_db_decade =
      t.number("phase_noise_slope_db_decade", noise.slope_db_decade, {-40.0, 0.0});
}

void parse_mixer(ConfigTable& t, MixerOptions& mixer) {
  mixer.conversion_loss_db = t.number("conversion_loss_db", mixer.conversion_loss_db, {0.0, 40.0});
  mixer.if_noise_figure_db = t.number("if_noise_figure_db", mixer.if_noise_figure_db, {0.0, 30.0});
  mixer.compression_dbm = t.number("compression_dbm", mixer.compression_dbm, {-80.0, 40.0});
  mixer.pair_balance_db = t.number("pair_balance_db", mixer.pair_balance_db, {0.0, 80.0});
  mixer.product_db = t.number("product_db", mixer.product_db, {-200.0, 0.0});
  mixer.lo_power_w = t.number("lo_power_w", mixer.lo_power_w, {1e-9, 1.0});
  mixer.lo_amplitude_noise_dbc_hz =
      t.number("lo_amplitude_noise_dbc_hz", mixer.lo_amplitude_noise_dbc_hz, {-300.0, 0.0});
  mixer.lo_phase_noise_dbc_hz =
      t.number("lo_phase_noise_dbc_hz", mixer.lo_phase_noise_dbc_hz, {-300.0, 0.0});
  mixer.self_mixing_dbm = t.number("self_mixing_dbm", mixer.self_mixing_dbm, {-300.0, 20.0});
}

}  // namespace

RawRadarOptions parse_raw(ConfigTable t, bool raw_mode) {
  // What the direct mode, which takes a bin's noise from this table, could only ignore.
  for (const char* key : {"chirp_error", "chirp_quadratic", "chirp_sine_hz", "chirp_sine_rate_hz",
                          "product_db", "self_mixing_dbm"}) {
    if (!raw_mode && t.has(key)) t.fail(key, "has an effect only with imager.radar = \"raw\"");
  }
  RawRadarOptions raw;
  parse_switches(t, raw);
  parse_chirp(t, raw);
  parse_mixer(t, raw.mixer);
  raw.horn_delay_s = t.number("horn_delay_s", raw.horn_delay_s, {0.0, 1e-6});
  raw.oversampling = static_cast<int>(t.integer("oversampling", raw.oversampling, 1, 16));
  raw.filter_taps = static_cast<int>(t.integer("filter_taps", raw.filter_taps, 3, 1001));
  if (raw.filter_taps % 2 == 0) t.fail("filter_taps", "must be odd");
  raw.filter_cutoff = t.number("filter_cutoff", raw.filter_cutoff, {0.01, 1.0});
  raw.internal_delay_s = t.number("internal_delay_s", raw.internal_delay_s, {0.0, 1e-6});
  try {
    raw.validate();
  } catch (const InputError& e) {
    t.fail("filter_taps", e.what());
  }
  return raw;
}

}  // namespace thz::sim::internal
