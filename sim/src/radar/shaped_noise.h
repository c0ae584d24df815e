#pragma once

#include <complex>
#include <vector>

#include "fft.h"
#include "thz/core/rng.h"

namespace thz::sim {

/// Shape of a real stationary Gaussian process on n samples: standard deviation of each line of its
/// Fourier series. Periodic over the n samples, no power at zero frequency.
class NoiseShape {
 public:
  /// @param density  one-sided, (unit)²/Hz at f > 0.
  template <typename Density>
  NoiseShape(int samples, double rate_hz, const Density& density)
      : samples_(samples), sigma_(static_cast<std::size_t>(samples / 2 + 1), 0.0f) {
    const double line_hz = rate_hz / samples;
    for (int k = 1; k <= samples / 2; ++k) {
      // E|X_k|² = G Δf/2; the last line of an even number is real and stands alone.
      const double alone = 2 * k == samples ? 2.0 : 1.0;
      sigma_[static_cast<std::size_t>(k)] =
          static_cast<float>(std::sqrt(alone * density(k * line_hz) * line_hz / 2.0));
    }
  }

  int samples() const { return samples_; }
  int lines() const { return static_cast<int>(sigma_.size()); }
  /// X_k of one realisation.
  void draw(Rng& rng, std::complex<float>* lines_out) const {
    rng.fill_complex_normal(lines_out, sigma_.size(), 1.0f);
    for (std::size_t k = 0; k < sigma_.size(); ++k) lines_out[k] *= sigma_[k];
  }

 private:
  int samples_;
  std::vector<float> sigma_;
};

/// Turns lines into samples; one a thread.
class NoiseTransform {
 public:
  explicit NoiseTransform(int samples)
      : lines_(fft_array<std::complex<float>>(samples / 2 + 1)),
        samples_(fft_array<float>(samples)),
        plan_(FftPlan::to_real(lines_.get(), samples_.get(), samples)) {}

  /// Fill before run(); destroyed by it.
  std::complex<float>* lines() { return lines_.get(); }
  const float* run() {
    plan_.run();
    return samples_.get();
  }

 private:
  FftArray<std::complex<float>> lines_;
  FftArray<float> samples_;
  FftPlan plan_;
};

}  // namespace thz::sim
