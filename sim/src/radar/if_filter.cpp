#include "if_filter.h"

#include <algorithm>
#include <cmath>

#include "thz/core/constants.h"

namespace thz::sim {
namespace {

constexpr int kUnrolled = 4;

/// Modified Bessel function of order zero by its power series.
double bessel_i0(double x) {
  double term = 1.0, sum = 1.0;
  for (int k = 1; term > 1e-17 * sum; ++k) {
    term *= 0.25 * x * x / (k * k);
    sum += term;
  }
  return sum;
}

}  // namespace

IfFilter::IfFilter(const RadarOptions& radar, const RawRadarOptions& raw)
    : oversampling_(raw.filter_on ? raw.oversampling : 1), adc_rate_hz_(radar.adc_rate_hz) {
  if (oversampling_ == 1) {
    taps_ = {1.0f};
    return;
  }
  constexpr double kBeta = 8.5;
  const int half = raw.filter_taps / 2;
  // Cut-off as a share of half the oversampled rate.
  const double cutoff = raw.filter_cutoff / oversampling_;
  std::vector<double> taps;
  double sum = 0.0;
  for (int i = -half; i <= half; ++i) {
    const double x = half > 0 ? static_cast<double>(i) / (half + 1) : 0.0;
    const double angle = kPi * cutoff * i;
    const double sinc = i == 0 ? 1.0 : std::sin(angle) / angle;
    taps.push_back(sinc * bessel_i0(kBeta * std::sqrt(1.0 - x * x)));
    sum += taps.back();
  }
  for (const double tap : taps) taps_.push_back(static_cast<float>(tap / sum));
}

double IfFilter::gain(double frequency_hz) const {
  const double step = 2.0 * kPi * frequency_hz / (adc_rate_hz_ * oversampling_);
  double sum = 0.0;
  for (int i = -reach(); i <= reach(); ++i) {
    sum += double{taps_[static_cast<std::size_t>(i + reach())]} * std::cos(step * i);
  }
  return sum;
}

void IfFilter::decimate(const float* in, int count, float* out) const {
  if (oversampling_ == 1) {
    std::copy(in, in + count, out);
    return;
  }
  // Polyphase: the inputs that meet one tap stand side by side, so that the loop over the outputs
  // is one of vectors; each output still sums its taps in order.
  const auto taps = static_cast<int>(taps_.size());
  const int per_phase = (taps - 1) / oversampling_ + 1;
  std::vector<float> phase(static_cast<std::size_t>(count + per_phase + kUnrolled));
  std::fill(out, out + count, 0.0f);
  const int inputs = (count - 1) * oversampling_ + taps;
  for (int p = 0; p < oversampling_; ++p) {
    std::fill(phase.begin(), phase.end(), 0.0f);
    for (int i = p, at = 0; i < inputs; i += oversampling_, ++at) {
      phase[static_cast<std::size_t>(at)] = in[i];
    }
    for (int k = p, first = 0; k < taps; k += kUnrolled * oversampling_, first += kUnrolled) {
      float t[kUnrolled];
      bool any = false;
      for (int u = 0; u < kUnrolled; ++u) {
        const int tap = k + u * oversampling_;
        t[u] = tap < taps ? taps_[static_cast<std::size_t>(tap)] : 0.0f;
        any = any || std::abs(t[u]) > 1e-9f;  // half of a half-band filter's are zero
      }
      if (!any) continue;
      const float* from = phase.data() + first;
      for (int i = 0; i < count; ++i) {
        out[i] += (t[0] * from[i] + t[1] * from[i + 1]) + (t[2] * from[i + 2] + t[3] * from[i + 3]);
      }
    }
  }
}

}  // namespace thz::sim
