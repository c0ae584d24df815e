#pragma once

#include <optional>
#include <vector>

#include "thz/sim/radar_budget.h"

/// Imperfections of the FMCW receiver. The raw mode makes them pulse by pulse; the direct mode
/// draws the noise that they leave in a range bin, from their closed forms here: one model, two
/// ways. Every power and amplitude is referred to the mixer's input. Equations:
/// docs/theory/radar.md.
namespace thz::sim {

/// Deviation of the chirp from its straight line,
///   δf(t) = 4 L B (t/T)(1 − t/T) + A sin(2π f_m t).
struct ChirpError {
  double quadratic = 0.0;     ///< L: largest deviation over the bandwidth
  double sine_hz = 0.0;       ///< A
  double sine_rate_hz = 1e5;  ///< f_m

  bool any() const { return quadratic != 0.0 || sine_hz != 0.0; }
  /// δf(t), Hz.
  double deviation_hz(const Chirp& chirp, double t_s) const;
  /// 2π ∫ δf from t − τ to t, rad: what it adds to the beat's phase; exact.
  double beat_phase_rad(const Chirp& chirp, double t_s, double delay_s) const;
  /// Spread of the beat frequency over the chirp by the quadratic part, 8 L f_b, Hz.
  double beat_spread_hz(const Chirp& chirp, double delay_s) const;
  /// Amplitude of each paired echo over the target's, A sin(π f_m τ)/f_m (π A τ for f_m τ << 1).
  double paired_echo(double delay_s) const;
};

/// Single-sideband phase noise of the transmitted tone, a power law:
///   L(f) = level + slope lg(f/anchor), dBc/Hz.
struct PhaseNoise {
  double anchor_hz = 8e6;
  double slope_db_decade = -16.6;  ///< prior: −92 dBc/Hz at 1 MHz and −107 at 8 MHz
  /// The law through two points; the level at the first is `level_dbc_hz(anchor)` of the caller.
  static PhaseNoise through(double first_hz, double first_dbc_hz, double second_hz,
                            double second_dbc_hz);
  /// L(f), dBc/Hz, if it is `level_dbc_hz` at the anchor.
  double dbc_hz(double level_dbc_hz, double offset_hz) const;
};

/// A mixing product |m f_RF − p f_LO| and how far it is below an odd product of the same order.
struct MixerProduct {
  int m = 1;
  int p = 2;
  double if_hz = 0.0;
  double suppression_db = 0.0;  ///< the pair's balance if m + p is even
};

/// Subharmonic mixer: an antiparallel pair of diodes pumped at half the radio frequency.
struct MixerOptions {
  double conversion_loss_db = 8.0;  ///< single sideband
  double if_noise_figure_db = 1.8;  ///< of the amplifier behind it
  /// Of the mixer alone, single sideband. If not set, RadarOptions::noise_temperature_k is the
  /// whole receiver's.
  std::optional<double> noise_temperature_k;
  double compression_dbm = -10.0;  ///< input power of 1 dB compression
  double pair_balance_db = 25.0;   ///< suppression of products with m + p even
  /// Product of order m = 2 or 3 over the wanted one at the compression point, unbalanced; it
  /// follows the (m − 1)th power of the input power.
  double product_db = -20.0;
  double lo_power_w = 4e-3;
  double lo_amplitude_noise_dbc_hz = -165.0;  ///< reaches the IF suppressed by the pair's balance
  double lo_phase_noise_dbc_hz = -300.0;      ///< added by the LO's chain, white, not correlated
  double self_mixing_dbm = -40.0;             ///< DC by the LO leaking to the signal port
};

/// What of the receiver's imperfections is on, and their sizes. Chirp errors, harmonics of the beat
/// and self-mixing act in the raw mode alone: they make no noise far from a target.
struct RawRadarOptions {
  bool chirp_error_on = true;
  bool phase_noise_on = true;
  bool leakage_on = true;
  bool mixer_on = true;    ///< compression, products, LO noise, self-mixing
  bool thermal_on = true;  ///< with its 1/f part
  bool filter_on = true;
  bool adc_on = true;

  ChirpError chirp_error;
  PhaseNoise phase_noise;  ///< level: RadarOptions::phase_noise_dbc_hz
  MixerOptions mixer;
  double horn_delay_s = 1.4e-9;    ///< of the horn's reflection against the local oscillator
  double coupler_phase_rad = 0.0;  ///< of the leakage at the centre of the chirp
  double horn_phase_rad = 0.0;
  /// The IF is made at this multiple of the ADC's rate, filtered and decimated.
  int oversampling = 2;
  int filter_taps = 49;           ///< odd; Kaiser-windowed sinc, linear phase
  double filter_cutoff = 1.0;     ///< −6 dB, as a share of half the ADC's rate
  double internal_delay_s = 0.0;  ///< of the instrument; known and taken out of the range axis

  /// InputError, one sentence, for the first value out of range.
  void validate() const;
  /// Whether the oscillator's own phase noise is made; far below everything else it is left out.
  bool oscillator_phase_noise() const {
    return phase_noise_on && mixer_on && mixer.lo_phase_noise_dbc_hz > -250.0;
  }
  /// Leaves chirp and filter as they are and turns everything random, and the leakage, off.
  void silence() { phase_noise_on = leakage_on = mixer_on = thermal_on = adc_on = false; }
};

/// Delay against the local oscillator of a target at a range from the pivot, 2r/c + internal.
double target_delay_s(const RawRadarOptions& raw, double range_m);

/// @throws thz::InputError where the converter samples the beat of such a target too slowly.
void check_converter(const RadarOptions& radar, const RawRadarOptions& raw, double range_m);

/// T_mixer + 10^(L/10) 290 K (F_IF − 1), or the whole receiver's if the mixer's is not set.
double receiver_temperature_k(const RadarOptions& radar, const MixerOptions& mixer);
/// Envelope law |y|² = P/(1 + (10^0.1 − 1) P/P_1dB): output power referred to the input.
double compressed_power_w(const MixerOptions& mixer, double input_w);
/// Every |m f_RF − p f_LO| below `if_limit_hz` with m and p up to the given orders.
std::vector<MixerProduct> mixer_products(const MixerOptions& mixer, double rf_hz, double lo_hz,
                                         int m_max, int p_max, double if_limit_hz);
/// Power of the mth harmonic of a beat of `input_w` (product m f_RF − 2m f_LO), W.
double product_power_w(const MixerOptions& mixer, int m, double input_w);
/// Density of the LO's amplitude noise at the mixer's input after balance, W/Hz.
double lo_amplitude_noise_w_hz(const MixerOptions& mixer);

/// Density at a frequency of the IF of the phase noise of a tone that came by a delay, W/Hz:
///   P Σ L(f) 4 sin²(πfτ) over the offsets f = |f_IF − Kτ| and f_IF + Kτ,
/// as a real IF folds the tone's far sideband back. The tone's own bins excepted.
double phase_noise_skirt_w_hz(const RadarOptions& radar, const PhaseNoise& phase_noise,
                              double tone_w, double delay_s, double if_hz);

/// What compression by the leakage does to everything weak beside it: power gains, 1 without
/// leakage or mixer. With g² = 1/(1 + s P) the envelope's law and L the sum of the two tones, a
/// small δz becomes g δz + (dg/d|L|) L Re(L* δz)/|L|; averaged over the tones' relative phase.
struct LeakageCompression {
  double weak_target = 1.0;  ///< of a weak echo; the range profile is calibrated for it
  double skirt = 1.0;        ///< of the leakage's own phase noise
  double rotation = 1.0;     ///< of a phase noise that both tones have alike, the oscillator's own
};
LeakageCompression leakage_compression(const RadarOptions& radar, const RawRadarOptions& raw);

/// Variance E|n|² of the complex Gaussian noise of one range bin far from any target, in the units
/// of received power (a weak target of power P gives |S|² = P at its peak, the compression by the
/// leakage calibrated out). The same in the direct and in the raw mode.
struct NoiseBudget {
  double thermal_w = 0.0;           ///< k T B with its 1/f rise, images behind the filter folded in
  double local_oscillator_w = 0.0;  ///< its amplitude noise, and its own phase noise on the leakage
  double phase_noise_w = 0.0;       ///< skirts of both leakages, each correlated over its own delay
  double quantisation_w = 0.0;
  double excess_w = 0.0;  ///< added to reach effective_floor_dbm

  double total_w() const {
    return thermal_w + local_oscillator_w + phase_noise_w + quantisation_w + excess_w;
  }
};
/// @param range_m  from the pivot, > 0. Where its beat lies beyond half the ADC's rate, which the
/// raw
///   mode refuses, the filter is left out.
NoiseBudget noise_budget(const RadarOptions& radar, const RawRadarOptions& raw, double range_m);

}  // namespace thz::sim
