#pragma once

#include <complex>
#include <optional>

#include "thz/core/constants.h"
#include "thz/sim/window.h"

/// Powers, losses and noise of the FMCW receiver, referred to the mixer's input.
namespace thz::sim {

double db_from_ratio(double power_ratio);
double ratio_from_db(double db);
double dbm_from_watt(double power_w);
double watt_from_dbm(double dbm);

/// Linear sawtooth chirp, f(t) = f_start + (B/T) t.
struct Chirp {
  double centre_hz = 340e9;
  double bandwidth_hz = 10e9;
  double duration_s = 50e-6;

  double wavelength_m() const { return kSpeedOfLight / centre_hz; }
  /// c/(2B).
  double range_cell_m() const { return kSpeedOfLight / (2.0 * bandwidth_hz); }
  /// f_b = 2RB/(cT).
  double beat_hz(double range_m) const {
    return 2.0 * range_m * bandwidth_hz / (kSpeedOfLight * duration_s);
  }
  /// Doppler shift 2v/λ of a target closing at v.
  double doppler_hz(double closing_speed_m_s) const {
    return 2.0 * closing_speed_m_s / wavelength_m();
  }
  /// InputError unless everything is positive and B < f.
  void validate() const;
};

/// Losses from the transmitter to the target, dB; the receive path has the same. Defaults give
/// 2.0 mW/cm² at the focus of a 7.585 mm waist from 7 mW (docs/theory/radar.md).
struct OneWayLosses {
  double coupler_db = 3.0103;
  double waveguide_db = 0.5;
  double horn_db = 0.552;
  double spill_over_db = 0.359;
  double mirrors_db = 0.2;
  double atmosphere_db = 0.056;
  double remaining_db = 1.203;  ///< polarisation, aberration, ohmic loss of the horn

  double total_db() const;
  /// InputError if a loss is negative or not finite.
  void validate() const;
};

/// Transmitter, receiver and their imperfections.
struct RadarOptions {
  Chirp chirp;
  OneWayLosses losses;
  WindowKind window = WindowKind::kHann;
  double transmit_power_w = 7e-3;
  double noise_temperature_k = 3000.0;  ///< single sideband; Sobis et al. 2011
  double coupler_directivity_db = 25.0;
  double horn_return_loss_db = 20.0;
  double leakage_delay_s = 1e-9;       ///< of the coupler's leakage against the local oscillator
  double phase_noise_dbc_hz = -107.0;  ///< of the transmitted tone at PhaseNoise::anchor_hz
  double flicker_corner_hz = 100e3;
  int adc_bits = 14;
  double adc_rate_hz = 25e6;
  double adc_full_scale_w =
      1e-4;  ///< power of the full-scale tone, referred to the mixer (−10 dBm)
  /// If set, the noise is raised to this power a range bin where physics gives less: amplitude
  /// noise, multipath, what else a real instrument has.
  std::optional<double> effective_floor_dbm;

  /// InputError, one sentence, for the first value out of range.
  void validate() const;
};

/// Power at the target plane, W.
double power_at_target_w(const RadarOptions& options);
/// Received power for a target coupling (received over transmitted mode power), W.
double received_power_w(const RadarOptions& options, double coupling);
/// Factor on the amplitude √coupling that gives √W at the mixer.
double amplitude_scale_sqrt_w(const RadarOptions& options);

/// k_B T B, W.
double thermal_noise_w(double temperature_k, double bandwidth_hz);
/// Noise bandwidth of one range bin, ENBW/T_chirp, Hz.
double noise_bandwidth_hz(const Chirp& chirp, WindowKind window);
/// Range correlation of phase noise at offset f after a delay τ, 4 sin²(πfτ).
double range_correlation(double offset_hz, double delay_s);
/// Rise of phase noise by n-fold multiplication, 20 lg n, dB.
double multiplication_rise_db(double factor);
/// 6.0206 n + 1.7609 dB of a full-scale sine.
double ideal_quantiser_snr_db(int bits);
/// Transmit power leaking through the coupler and reflected by the horn, W (powers add).
double coupler_leakage_w(const RadarOptions& options);
double horn_leakage_w(const RadarOptions& options);

/// Quantisation noise of one range bin, W: of the quantiser's whole power its share of 0 to rate/2.
double quantisation_noise_w(const RadarOptions& options);

/// Radar cross sections, m² (optical region: size well above λ).
double sphere_rcs_m2(double radius_m);
double plate_rcs_m2(double area_m2, double wavelength_m);
double trihedral_rcs_m2(double edge_m, double wavelength_m);
double dihedral_rcs_m2(double edge_a_m, double edge_b_m, double wavelength_m);

}  // namespace thz::sim
