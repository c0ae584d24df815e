#pragma once

#include <complex>
#include <vector>

#include "fft.h"
#include "if_filter.h"
#include "thz/sim/integrator.h"

namespace thz::sim {

/// Samples of a pulse to complex bins: S_b = conj( √2/Σw Σ_n w_n s_n e^{−2πj q_b (n/N − 1/2)} )
/// e^{−jπKτ_b²} / (H(f_b) √G) with q_b = B τ_b and G the gain the leakage's compression leaves. The
/// first bin's frequency is part of the window, so that the bins of the zero-padded FFT are those
/// of the axis.
class RangeTransform {
 public:
  RangeTransform(const RadarOptions& radar, const RawRadarOptions& raw, const RangeAxis& axis,
                 const IfFilter& filter, int samples);

  /// Length of the padded FFT; its buffer is the caller's, one a thread.
  int length() const { return length_; }
  int bins() const { return static_cast<int>(after_.size()); }
  void run(const float* samples, std::complex<float>* buffer, const FftPlan& plan,
           std::complex<float>* out) const;

 private:
  int length_ = 0;
  std::vector<std::complex<float>> window_;  // [sample]
  std::vector<std::complex<float>> after_;   // [bin], on the conjugate
};

}  // namespace thz::sim
