#include "thz/sim/bin_noise.h"

#include <algorithm>
#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/core/parallel.h"
#include "thz/core/rng.h"

namespace thz::sim {
namespace {

/// ∫ cos(2πm(s − 1/2)) e^{−2πjx(s − 1/2)} ds for the mth harmonic of w².
double harmonic(double bins, int m) {
  return 0.5 * (range_response(WindowKind::kRectangular, bins - m) +
                range_response(WindowKind::kRectangular, bins + m));
}

// Two bins a cell make the correlation singular but for rounding, and Cholesky's recursion without
// a pivot then makes large numbers out of the rounding; this much white noise more keeps it stable.
constexpr double kWhiteShare = 1e-7;

/// Lower triangle L, row by row, with L L^T = ρ + kWhiteShare.
std::vector<float> correlation_factor(WindowKind kind, const RangeAxis& axis) {
  const auto n = static_cast<std::size_t>(axis.bins);
  std::vector<double> factor(n * n, 0.0);
  for (std::size_t row = 0; row < n; ++row) {
    for (std::size_t col = 0; col <= row; ++col) {
      const double x = static_cast<double>(row - col) * axis.spacing_m / axis.cell_m;
      double rest = window_autocorrelation(kind, x);
      for (std::size_t k = 0; k < col; ++k) rest -= factor[row * n + k] * factor[col * n + k];
      factor[row * n + col] =
          row == col ? std::sqrt(rest + kWhiteShare) : rest / factor[col * n + col];
    }
  }
  return std::vector<float>(factor.begin(), factor.end());
}

/// Independent bins of variance one to correlated ones of the given variances, in place.
void mix_bins(RangeFrame& noise, WindowKind kind, const RangeAxis& axis,
              const std::vector<double>& variances, int threads) {
  THZ_REQUIRE(noise.bins.size() == static_cast<std::size_t>(axis.bins) && axis.bins > 0,
              "noise and range axis differ");
  THZ_REQUIRE(variances.size() == noise.bins.size(), "one variance a bin");
  std::vector<float> factor = correlation_factor(kind, axis);
  const std::size_t bins = noise.bins.size();
  for (std::size_t i = 0; i < factor.size(); ++i) {
    factor[i] *= static_cast<float>(std::sqrt(variances[i / bins]));
  }
  const ImageC& first = noise.bins[0];
  parallel_for(static_cast<std::size_t>(first.rows), threads, [&](std::size_t l) {
    const int line = static_cast<int>(l);
    // From the last bin down, as a bin needs only itself and those before it.
    for (std::size_t b = bins; b-- > 0;) {
      std::complex<float>* out = noise.bins[b].row(line);
      const float own = factor[b * bins + b];
      for (int s = 0; s < first.cols; ++s) out[s] *= own;
      for (std::size_t k = 0; k < b; ++k) {
        const float share = factor[b * bins + k];
        const std::complex<float>* in = noise.bins[k].row(line);
        for (int s = 0; s < first.cols; ++s) out[s] += share * in[s];
      }
    }
  });
}

}  // namespace

double window_autocorrelation(WindowKind kind, double bins) {
  if (kind == WindowKind::kRectangular) return harmonic(bins, 0);
  // cos^4(π(s − 1/2)) = 3/8 + cos(2π(s − 1/2))/2 + cos(4π(s − 1/2))/8
  return (0.375 * harmonic(bins, 0) + 0.5 * harmonic(bins, 1) + 0.125 * harmonic(bins, 2)) / 0.375;
}

void correlate_bins(RangeFrame& noise, WindowKind kind, const RangeAxis& axis, int threads) {
  mix_bins(noise, kind, axis, std::vector<double>(noise.bins.size(), 1.0), threads);
}

RangeFrame correlated_bin_noise(WindowKind kind, const RangeAxis& axis, int lines, int samples,
                                const std::vector<double>& variances, uint64_t seed,
                                uint64_t entity, uint32_t frame, int threads) {
  RangeFrame noise;
  noise.bins.assign(static_cast<std::size_t>(axis.bins), ImageC(lines, samples));
  parallel_for(noise.bins.size(), threads, [&](std::size_t b) {
    Rng rng(seed, RngPurpose::kNoise, mix_keys(entity, b), frame);
    rng.fill_complex_normal(noise.bins[b].data.data(), noise.bins[b].size(), 1.0f);
  });
  mix_bins(noise, kind, axis, variances, threads);
  return noise;
}

}  // namespace thz::sim
