#include "if_filter.h"

#include <cmath>

#include "thz/core/constants.h"

namespace thz::sim {
namespace {

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
  const std::size_t taps = taps_.size();
  for (int i = 0; i < count; ++i) {
    const float* from = in + static_cast<std::ptrdiff_t>(i) * oversampling_;
    // Four sums in a fixed order: the same value whatever the compiler makes of the loop.
    float sum[4] = {0.0f, 0.0f, 0.0f, 0.0f};
    std::size_t k = 0;
    for (; k + 4 <= taps; k += 4) {
      for (std::size_t lane = 0; lane < 4; ++lane) sum[lane] += taps_[k + lane] * from[k + lane];
    }
    for (; k < taps; ++k) sum[0] += taps_[k] * from[k];
    out[i] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
  }
}

}  // namespace thz::sim
