#include "thz/sim/bin_noise.h"

#include <algorithm>
#include <cmath>

#include "bin_noise_kernel.h"
#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/core/parallel.h"
#include "thz/core/rng.h"
#include "thz/core/version.h"

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
std::vector<double> correlation_factor(WindowKind kind, const RangeAxis& axis) {
  const auto n = static_cast<std::size_t>(axis.bins);
  std::vector<double> correlation, factor(n * n, 0.0);
  for (std::size_t lag = 0; lag < n; ++lag) {
    const double x = static_cast<double>(lag) * axis.spacing_m / axis.cell_m;
    correlation.push_back(window_autocorrelation(kind, x));
  }
  for (std::size_t row = 0; row < n; ++row) {
    for (std::size_t col = 0; col <= row; ++col) {
      double rest = correlation[row - col];
      for (std::size_t k = 0; k < col; ++k) rest -= factor[row * n + k] * factor[col * n + k];
      factor[row * n + col] =
          row == col ? std::sqrt(rest + kWhiteShare) : rest / factor[col * n + col];
    }
  }
  return factor;
}

internal::MixKernel mix_kernel() {
  const std::string set = instruction_set();
  if (set == "avx512") return internal::mix_kernel_avx512;
  return set == "avx2" ? internal::mix_kernel_avx2 : internal::mix_kernel_sse2;
}

}  // namespace

double window_autocorrelation(WindowKind kind, double bins) {
  if (kind == WindowKind::kRectangular) return harmonic(bins, 0);
  // cos^4(π(s − 1/2)) = 3/8 + cos(2π(s − 1/2))/2 + cos(4π(s − 1/2))/8
  return (0.375 * harmonic(bins, 0) + 0.5 * harmonic(bins, 1) + 0.125 * harmonic(bins, 2)) / 0.375;
}

BinMixer::BinMixer(WindowKind kind, const RangeAxis& axis, const std::vector<double>& variances)
    : bins_(axis.bins) {
  constexpr auto kRows = static_cast<std::size_t>(internal::kMixedRows);
  // A hundred of these are below the white noise that keeps the factor stable.
  constexpr double kNothing = 1e-9;
  THZ_REQUIRE(axis.bins > 0, "no bins");
  THZ_REQUIRE(variances.size() == static_cast<std::size_t>(axis.bins), "one variance a bin");
  const std::vector<double> factor = correlation_factor(kind, axis);
  const std::size_t bins = variances.size();
  for (std::size_t group = 0; kRows * group < bins; ++group) {
    const auto value = [&](std::size_t row, std::size_t column) {
      row += kRows * group;
      return row < bins && column <= row ? factor[row * bins + column] : 0.0;
    };
    std::size_t first = 0;
    const auto nothing = [&](std::size_t column) {
      double most = 0.0;
      for (std::size_t r = 0; r < kRows; ++r) most = std::max(most, std::abs(value(r, column)));
      return most < kNothing;
    };
    while (first < kRows * group && nothing(first)) ++first;
    first_.push_back(static_cast<int>(first));
    start_.push_back(static_cast<long>(values_.size()) - static_cast<long>(kRows * first));
    for (std::size_t column = first; column < kRows * (group + 1); ++column) {
      for (std::size_t r = 0; r < kRows; ++r) {
        const double sigma = std::sqrt(variances[std::min(kRows * group + r, bins - 1)]);
        values_.push_back(static_cast<float>(value(r, column) * sigma));
      }
    }
  }
}

void BinMixer::mix(BinLine& line) const {
  THZ_REQUIRE(line.bins() == bins_, "noise and range axis differ");
  const internal::MixFactor factor{values_.data(), start_.data(), first_.data(),
                                   static_cast<int>(first_.size())};
  mix_kernel()(factor, line.padded_floats(), line.stride(), line.floats());
}

BinLine::BinLine(int bins, int samples)
    : bins_(bins),
      padded_floats_((2L * samples + internal::kMixedFloats - 1) / internal::kMixedFloats *
                     internal::kMixedFloats),
      floats_(new float[static_cast<std::size_t>(rows() * stride())]) {
  // What no bin or sample fills is summed with zeros: it must be finite.
  for (int row = 0; row < rows(); ++row) {
    float* begin = floats() + row * stride();
    std::fill(row < bins ? begin + 2L * samples : begin, begin + padded_floats_, 0.0f);
  }
}

int BinLine::rows() const {
  return (bins_ + internal::kMixedRows - 1) / internal::kMixedRows * internal::kMixedRows;
}

// A multiple of a page between bins would put them all in the same sets of the cache.
long BinLine::stride() const { return padded_floats_ + internal::kMixedFloats; }

BinNoise::BinNoise(WindowKind kind, const RangeAxis& axis, int samples,
                   const std::vector<double>& variances, uint64_t seed, uint64_t entity,
                   uint32_t frame)
    : mixer_(kind, axis, variances),
      samples_(samples),
      seed_(seed),
      entity_(entity),
      frame_(frame) {}

void BinNoise::draw(int line, BinLine& out) const {
  THZ_REQUIRE(out.bins() == bins(), "noise and range axis differ");
  // Two numbers a block of the stream, each line from a block of its own.
  const auto blocks = static_cast<uint64_t>((samples_ + 1) / 2);
  for (int b = 0; b < bins(); ++b) {
    Rng rng(seed_, RngPurpose::kNoise, mix_keys(entity_, static_cast<uint64_t>(b)), frame_);
    rng.seek(blocks * static_cast<uint64_t>(line));
    rng.fill_complex_normal(out.bin(b), static_cast<std::size_t>(samples_), 1.0f);
  }
  mixer_.mix(out);
}

void correlate_bins(RangeFrame& noise, WindowKind kind, const RangeAxis& axis, int threads) {
  const BinMixer mixer(kind, axis, std::vector<double>(noise.bins.size(), 1.0));
  const ImageC& first = noise.bins[0];
  parallel_for(static_cast<std::size_t>(first.rows), threads, [&](std::size_t l) {
    const int line = static_cast<int>(l);
    BinLine mixed(axis.bins, first.cols);
    for (int b = 0; b < axis.bins; ++b) {
      std::copy_n(noise.bins[static_cast<std::size_t>(b)].row(line), first.cols, mixed.bin(b));
    }
    mixer.mix(mixed);
    for (int b = 0; b < axis.bins; ++b) {
      std::copy_n(mixed.bin(b), first.cols, noise.bins[static_cast<std::size_t>(b)].row(line));
    }
  });
}

RangeFrame BinNoise::frame(int lines, int threads) const {
  RangeFrame noise;
  noise.bins.assign(static_cast<std::size_t>(bins()), ImageC(lines, samples_));
  parallel_for(static_cast<std::size_t>(lines), threads, [&](std::size_t l) {
    const int line = static_cast<int>(l);
    BinLine drawn(bins(), samples_);
    draw(line, drawn);
    for (int b = 0; b < bins(); ++b) {
      std::copy_n(drawn.bin(b), samples_, noise.bins[static_cast<std::size_t>(b)].row(line));
    }
  });
  return noise;
}

}  // namespace thz::sim
