#include "range_transform.h"

#include <algorithm>
#include <cmath>

#include "thz/core/error.h"

namespace thz::sim {

RangeTransform::RangeTransform(const RadarOptions& radar, const RawRadarOptions& raw,
                               const RangeAxis& axis, const IfFilter& filter, int samples) {
  THZ_REQUIRE(axis.bins > 0 && axis.spacing_m > 0.0, "the range axis is empty");
  const double cell_m = radar.chirp.range_cell_m();
  const int padding = static_cast<int>(std::lround(cell_m / axis.spacing_m));
  THZ_REQUIRE(padding >= 1 && std::abs(padding * axis.spacing_m - cell_m) < 1e-6 * cell_m,
              "the range cell must be a whole number of bin spacings");
  length_ = padding * samples;
  THZ_REQUIRE(axis.bins <= length_, "more bins than the transform has");
  const std::vector<double> window = window_samples(radar.window, samples);
  double sum = 0.0;
  for (const double w : window) sum += w;
  // Frequencies in units of 1/T.
  const auto place = [&](double range_m) {
    return radar.chirp.bandwidth_hz * target_delay_s(raw, range_m);
  };
  const double first = place(axis.first_m);
  for (int n = 0; n < samples; ++n) {
    const double turns = first * n / samples;
    window_.emplace_back(std::polar(std::sqrt(2.0) / sum * window[static_cast<std::size_t>(n)],
                                    -2.0 * kPi * (turns - std::rint(turns))));
  }
  const double slope = radar.chirp.bandwidth_hz / radar.chirp.duration_s;
  const double calibration = 1.0 / std::sqrt(leakage_compression(radar, raw).weak_target);
  for (int b = 0; b < axis.bins; ++b) {
    const double delay_s = target_delay_s(raw, axis.bin_m(b));
    const double turns = 0.5 * place(axis.bin_m(b)) + 0.5 * slope * delay_s * delay_s;
    after_.emplace_back(std::polar(calibration / filter.gain(slope * delay_s),
                                   -2.0 * kPi * (turns - std::rint(turns))));
  }
}

void RangeTransform::run(const float* samples, std::complex<float>* buffer, const FftPlan& plan,
                         std::complex<float>* out) const {
  for (std::size_t n = 0; n < window_.size(); ++n) buffer[n] = window_[n] * samples[n];
  std::fill(buffer + window_.size(), buffer + length_, std::complex<float>());
  plan.run();
  for (std::size_t b = 0; b < after_.size(); ++b)
    out[b] = finite_product(std::conj(buffer[b]), after_[b]);
}

}  // namespace thz::sim
