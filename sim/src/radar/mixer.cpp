#include "mixer.h"

#include <algorithm>
#include <cmath>

namespace thz::sim {
namespace {

/// Factor on z^m so that a beat of power P gives one of product_power_w; z is √2 of the amplitude.
double product_factor(const MixerOptions& mixer, int m) {
  return std::sqrt(product_power_w(mixer, m, 1.0) / std::pow(2.0, m - 1));
}

}  // namespace

Mixer::Mixer(const MixerOptions& options)
    : saturation_(static_cast<float>((ratio_from_db(1.0) - 1.0) /
                                     (2.0 * watt_from_dbm(options.compression_dbm)))),
      second_(static_cast<float>(product_factor(options, 2))),
      third_(static_cast<float>(product_factor(options, 3))),
      offset_(static_cast<float>(std::sqrt(watt_from_dbm(options.self_mixing_dbm)))) {}

void Mixer::apply(const float* z_re, const float* z_im, int count, float* out) const {
  for (int n = 0; n < count; ++n) {
    const float gain =
        1.0f / std::sqrt(1.0f + saturation_ * (z_re[n] * z_re[n] + z_im[n] * z_im[n]));
    const float x = gain * z_re[n];
    const float y = gain * z_im[n];
    // Re z + second Re z² + third Re z³
    out[n] = x + second_ * (x * x - y * y) + third_ * x * (x * x - 3.0f * y * y) + offset_;
  }
}

Converter::Converter(int bits, double full_scale_w)
    : step_(2.0 * std::sqrt(2.0 * full_scale_w) / std::exp2(bits)),
      lowest_(-std::exp2(bits - 1)),
      highest_(std::exp2(bits - 1) - 1.0) {}

void Converter::apply(float* samples, int count) const {
  // Nearest whole number by the sum with 1.5 · 2^52: codes have at most 32 bits.
  constexpr double kMagic = 6755399441055744.0;
  const double inverse = 1.0 / step_;
  for (int n = 0; n < count; ++n) {
    const double code = (double{samples[n]} * inverse + kMagic) - kMagic;
    samples[n] = static_cast<float>(step_ * std::min(std::max(code, lowest_), highest_));
  }
}

}  // namespace thz::sim
