#pragma once

#include <vector>

#include "thz/sim/raw_radar.h"

namespace thz::sim {

/// Anti-alias filter and decimation of the IF: symmetric Kaiser-windowed sinc (β = 8.5, stop band
/// below −80 dB) at the oversampled rate, unit gain at DC; it stands for the analogue filter and
/// the converter's decimation together. Without oversampling or filter: nothing, and the band is
/// taken to end at half the ADC's rate by itself.
class IfFilter {
 public:
  IfFilter(const RadarOptions& radar, const RawRadarOptions& raw);

  /// Taps on either side of the middle one.
  int reach() const { return static_cast<int>(taps_.size()) / 2; }
  int oversampling() const { return oversampling_; }
  /// Response at a frequency: real, as the delay is taken out.
  double gain(double frequency_hz) const;
  /// One-sided density behind filter and decimation at f < rate/2: Σ |H|² density over all images.
  template <typename Density>
  double folded(const Density& density, double frequency_hz) const {
    double sum = square_gain(frequency_hz) * density(frequency_hz);
    for (int i = 1; 2 * i <= images(); ++i) {
      const double below_hz = i * adc_rate_hz_ - frequency_hz;
      const double above_hz = i * adc_rate_hz_ + frequency_hz;
      sum += square_gain(below_hz) * density(below_hz);
      if (2 * i < images()) sum += square_gain(above_hz) * density(above_hz);
    }
    return sum;
  }
  /// out[i] = Σ_k taps[k] in[i · oversampling + k]; in has (count − 1) oversampling + taps values.
  void decimate(const float* in, int count, float* out) const;

 private:
  int images() const { return oversampling_; }
  double square_gain(double f) const {
    const double g = gain(f);
    return g * g;
  }

  int oversampling_;
  double adc_rate_hz_;
  std::vector<float> taps_;
};

}  // namespace thz::sim
