#include "thz/sim/radar_budget.h"

#include <algorithm>
#include <cmath>

#include "thz/core/error.h"

namespace thz::sim {
namespace {

const double kSplit_db = 10.0 * std::log10(2.0);  // the 3 dB of the coupler

void require_range(const char* name, double value, double low, double high) {
  if (!(value >= low && value <= high)) {
    throw_input("{} is {}; allowed is {} to {}", name, value, low, high);
  }
}

}  // namespace

double db_from_ratio(double power_ratio) { return 10.0 * std::log10(power_ratio); }
double ratio_from_db(double db) { return std::pow(10.0, 0.1 * db); }
double dbm_from_watt(double power_w) { return 10.0 * std::log10(power_w * 1e3); }
double watt_from_dbm(double dbm) { return 1e-3 * std::pow(10.0, 0.1 * dbm); }

void Chirp::validate() const {
  require_range("centre_hz", centre_hz, 1e9, 10e12);
  require_range("bandwidth_hz", bandwidth_hz, 1.0, centre_hz);
  require_range("duration_s", duration_s, 1e-9, 1.0);
}

double OneWayLosses::total_db() const {
  return coupler_db + waveguide_db + horn_db + spill_over_db + mirrors_db + atmosphere_db +
         remaining_db;
}

void OneWayLosses::validate() const {
  for (const double loss : {coupler_db, waveguide_db, horn_db, spill_over_db, mirrors_db,
                            atmosphere_db, remaining_db}) {
    require_range("a one-way loss (dB)", loss, 0.0, 100.0);
  }
}

void RadarOptions::validate() const {
  chirp.validate();
  losses.validate();
  require_range("transmit_power_w", transmit_power_w, 1e-12, 1e3);
  require_range("noise_temperature_k", noise_temperature_k, 0.0, 1e7);
  require_range("coupler_directivity_db", coupler_directivity_db, 0.0, 200.0);
  require_range("horn_return_loss_db", horn_return_loss_db, 0.0, 200.0);
  require_range("leakage_delay_s", leakage_delay_s, 0.0, 1e-6);
  require_range("phase_noise_dbc_hz", phase_noise_dbc_hz, -300.0, 0.0);
  require_range("flicker_corner_hz", flicker_corner_hz, 0.0, 1e9);
  require_range("adc_bits", adc_bits, 1, 32);
  require_range("adc_rate_hz", adc_rate_hz, 2.0 / chirp.duration_s, 1e12);
  require_range("adc_full_scale_w", adc_full_scale_w, 1e-15, 1e3);
  if (effective_floor_dbm) require_range("effective_floor_dbm", *effective_floor_dbm, -200.0, 50.0);
}

double power_at_target_w(const RadarOptions& options) {
  return options.transmit_power_w * ratio_from_db(-options.losses.total_db());
}

double received_power_w(const RadarOptions& options, double coupling) {
  return power_at_target_w(options) * coupling * ratio_from_db(-options.losses.total_db());
}

double amplitude_scale_sqrt_w(const RadarOptions& options) {
  return std::sqrt(received_power_w(options, 1.0));
}

double thermal_noise_w(double temperature_k, double bandwidth_hz) {
  return kBoltzmann * temperature_k * bandwidth_hz;
}

double noise_bandwidth_hz(const Chirp& chirp, WindowKind window) {
  return noise_bandwidth_bins(window) / chirp.duration_s;
}

double range_correlation(double offset_hz, double delay_s) {
  const double s = std::sin(kPi * offset_hz * delay_s);
  return 4.0 * s * s;
}

double multiplication_rise_db(double factor) { return 20.0 * std::log10(factor); }

double ideal_quantiser_snr_db(int bits) {
  // Full-scale sine A²/2 over q²/12 with q = 2A/2^bits.
  return 10.0 * std::log10(1.5) + 20.0 * bits * std::log10(2.0);
}

double coupler_leakage_w(const RadarOptions& options) {
  return options.transmit_power_w * ratio_from_db(-kSplit_db - options.coupler_directivity_db);
}

double horn_leakage_w(const RadarOptions& options) {
  // Out through the coupler, back from the horn, through the coupler again.
  return options.transmit_power_w *
         ratio_from_db(-2.0 * (options.losses.coupler_db + options.losses.waveguide_db) -
                       options.horn_return_loss_db);
}

double quantisation_noise_w(const RadarOptions& options) {
  return options.adc_full_scale_w * ratio_from_db(-ideal_quantiser_snr_db(options.adc_bits)) *
         noise_bandwidth_hz(options.chirp, options.window) / (0.5 * options.adc_rate_hz);
}

double sphere_rcs_m2(double radius_m) { return kPi * radius_m * radius_m; }

double plate_rcs_m2(double area_m2, double wavelength_m) {
  return 4.0 * kPi * area_m2 * area_m2 / (wavelength_m * wavelength_m);
}

double trihedral_rcs_m2(double edge_m, double wavelength_m) {
  return 4.0 * kPi * std::pow(edge_m, 4) / (3.0 * wavelength_m * wavelength_m);
}

double dihedral_rcs_m2(double edge_a_m, double edge_b_m, double wavelength_m) {
  return 8.0 * kPi * edge_a_m * edge_a_m * edge_b_m * edge_b_m / (wavelength_m * wavelength_m);
}

}  // namespace thz::sim
