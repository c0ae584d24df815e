#include <algorithm>
#include <cmath>
#include <complex>

#include "if_filter.h"
#include "thz/core/error.h"
#include "thz/sim/bin_noise.h"
#include "thz/sim/raw_radar.h"

namespace thz::sim {

double phase_noise_skirt_w_hz(const RadarOptions& radar, const PhaseNoise& phase_noise,
                              double tone_w, double delay_s, double if_hz) {
  const double tone_hz = radar.chirp.bandwidth_hz / radar.chirp.duration_s * delay_s;
  double density = 0.0;
  // The law has no end towards zero; within a bin of the tone there is no skirt but the tone.
  const double least_hz = 1.0 / radar.chirp.duration_s;
  for (const double apart_hz : {std::abs(if_hz - tone_hz), if_hz + tone_hz}) {
    const double offset_hz = std::max(apart_hz, least_hz);
    density += tone_w * ratio_from_db(phase_noise.dbc_hz(radar.phase_noise_dbc_hz, offset_hz)) *
               range_correlation(offset_hz, delay_s);
  }
  return density;
}

LeakageCompression leakage_compression(const RadarOptions& radar, const RawRadarOptions& raw) {
  if (!raw.mixer_on || !raw.leakage_on) return {};
  const double coupler = std::sqrt(coupler_leakage_w(radar));
  const double horn = std::sqrt(horn_leakage_w(radar));
  const double knee = (ratio_from_db(1.0) - 1.0) / watt_from_dbm(raw.mixer.compression_dbm);
  constexpr int kPhases = 256;
  double weak = 0.0, before = 0.0, after = 0.0, turned_before = 0.0, turned_after = 0.0;
  for (int i = 0; i < kPhases; ++i) {
    const auto turned = std::polar(horn, 2.0 * kPi * i / kPhases);
    const std::complex<double> sum = coupler + turned;
    const double sp = knee * std::norm(sum);
    const double gain = 1.0 / std::sqrt(1.0 + sp);
    // dg/d|L| / |L| = −s g³; a weak echo keeps g + |L| g'/2 of itself.
    weak += gain * (1.0 - 0.5 * sp * gain * gain) / kPhases;
    // Both tones carry the same noise, nearly in proportion to their delays.
    const std::complex<double> noise =
        std::complex<double>(0.0, 1.0) *
        (coupler * radar.leakage_delay_s + turned * raw.horn_delay_s);
    const auto out =
        gain * noise - knee * gain * gain * gain * sum * (std::conj(sum) * noise).real();
    before += std::norm(noise);
    after += std::norm(out);
    // A common rotation leaves the envelope alone.
    turned_before += std::norm(sum);
    turned_after += std::norm(gain * sum);
  }
  return {weak * weak, before > 0.0 ? after / before : 1.0,
          turned_before > 0.0 ? turned_after / turned_before : 1.0};
}

namespace {

/// Both leakages' skirts a hertz at a frequency of the IF, and what the oscillator's own, white and
/// uncorrelated phase noise adds to them: both sidebands, so twice its L.
double leakage_skirt_w_hz(const RadarOptions& radar, const RawRadarOptions& raw, double if_hz) {
  if (!raw.phase_noise_on || !raw.leakage_on) return 0.0;
  // Tones further apart than three cells have skirts that are independent in a bin: powers add.
  return phase_noise_skirt_w_hz(radar, raw.phase_noise, coupler_leakage_w(radar),
                                radar.leakage_delay_s, if_hz) +
         phase_noise_skirt_w_hz(radar, raw.phase_noise, horn_leakage_w(radar), raw.horn_delay_s,
                                if_hz);
}

double oscillator_skirt_w_hz(const RadarOptions& radar, const RawRadarOptions& raw) {
  if (!raw.oscillator_phase_noise() || !raw.leakage_on) return 0.0;
  return 2.0 * ratio_from_db(raw.mixer.lo_phase_noise_dbc_hz) *
         (coupler_leakage_w(radar) + horn_leakage_w(radar));
}

/// What the budgets of all ranges have in common.
class Budgets {
 public:
  Budgets(const RadarOptions& radar, const RawRadarOptions& raw)
      : radar_(radar),
        raw_(raw),
        filter_(radar, raw),
        compression_(leakage_compression(radar, raw)) {}

  NoiseBudget at(double range_m) const {
    THZ_REQUIRE(range_m > 0.0, "the range must be positive");
    const double beat_hz =
        radar_.chirp.bandwidth_hz / radar_.chirp.duration_s * target_delay_s(raw_, range_m);
    // The profile undoes the filter's gain and what compression leaves of a weak echo.
    const double white = noise_bandwidth_hz(radar_.chirp, radar_.window) / compression_.weak_target;
    NoiseBudget budget;
    if (raw_.thermal_on) {
      const double density_w_hz = kBoltzmann * receiver_temperature_k(radar_, raw_.mixer);
      budget.thermal_w =
          white *
          referred([&](double f) { return density_w_hz * (1.0 + radar_.flicker_corner_hz / f); },
                   beat_hz);
    }
    if (raw_.mixer_on) {
      const double density_w_hz = lo_amplitude_noise_w_hz(raw_.mixer);
      budget.local_oscillator_w =
          white * (referred([&](double) { return density_w_hz; }, beat_hz) +
                   compression_.rotation * oscillator_skirt_w_hz(radar_, raw_));
    }
    budget.phase_noise_w = white * compression_.skirt * leakage_skirt_w_hz(radar_, raw_, beat_hz);
    if (raw_.adc_on) {
      budget.quantisation_w = quantisation_noise_w(radar_) / compression_.weak_target *
                              (in_band(beat_hz) ? std::pow(filter_.gain(beat_hz), -2) : 1.0);
    }
    if (radar_.effective_floor_dbm) {
      budget.excess_w =
          std::max(0.0, watt_from_dbm(*radar_.effective_floor_dbm) - budget.total_w());
    }
    return budget;
  }

 private:
  /// The raw mode refuses a beat beyond; the direct mode then has no filter.
  bool in_band(double beat_hz) const { return beat_hz < 0.5 * radar_.adc_rate_hz; }

  /// A density before the filter as it stands in the profile, its images folded in.
  template <typename Density>
  double referred(const Density& density, double beat_hz) const {
    if (!in_band(beat_hz)) return density(beat_hz);
    const double gain = filter_.gain(beat_hz);
    return filter_.folded(density, beat_hz) / (gain * gain);
  }

  const RadarOptions& radar_;
  const RawRadarOptions& raw_;
  IfFilter filter_;
  LeakageCompression compression_;
};

}  // namespace

NoiseBudget noise_budget(const RadarOptions& radar, const RawRadarOptions& raw, double range_m) {
  return Budgets(radar, raw).at(range_m);
}

std::vector<double> bin_noise_variances_w(const RadarOptions& radar, const RawRadarOptions& raw,
                                          const RangeAxis& axis) {
  const Budgets budgets(radar, raw);
  std::vector<double> variances;
  for (int b = 0; b < axis.bins; ++b) variances.push_back(budgets.at(axis.bin_m(b)).total_w());
  return variances;
}

}  // namespace thz::sim
