#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "thz/core/image.h"
#include "thz/eval/image_metrics.h"

namespace thz::eval::internal {

/// The one-dimensional factor of the SSIM window, unit sum.
template <typename T>
std::array<T, kSsimWindow> gaussian_taps() {
  std::array<double, kSsimWindow> exact{};
  double sum = 0.0;
  for (int k = 0; k < kSsimWindow; ++k) {
    const double x = (k - kSsimBorder) / kSsimSigma_px;
    exact[static_cast<std::size_t>(k)] = std::exp(-0.5 * x * x);
    sum += exact[static_cast<std::size_t>(k)];
  }
  std::array<T, kSsimWindow> taps{};
  for (std::size_t k = 0; k < taps.size(); ++k) taps[k] = static_cast<T>(exact[k] / sum);
  return taps;
}

/// to[c] = sum over k of taps[k] from[k * stride + c], for c in [0, count). The window is
/// symmetric, so five pairs and the middle make six products; written out so that the compiler
/// turns it into SIMD.
template <typename T>
void weigh_taps(const std::array<T, kSsimWindow>& taps, const T* from, std::ptrdiff_t stride,
                T* __restrict to, int count) {
  static_assert(kSsimWindow == 11, "five pairs and the middle");
  const T w0 = taps[0], w1 = taps[1], w2 = taps[2], w3 = taps[3], w4 = taps[4], w5 = taps[5];
  for (int c = 0; c < count; ++c) {
    const T* at = from + c;
    to[c] = w0 * (at[0] + at[10 * stride]) + w1 * (at[stride] + at[9 * stride]) +
            w2 * (at[2 * stride] + at[8 * stride]) + w3 * (at[3 * stride] + at[7 * stride]) +
            w4 * (at[4 * stride] + at[6 * stride]) + w5 * at[5 * stride];
  }
}

/// Gaussian mean over every window wholly inside `image`: [rows - 10][cols - 10], columns then
/// rows. `scratch` and `out` are reused between calls.
template <typename T>
void gaussian_valid(const Image<T>& image, Image<T>& scratch, Image<T>& out) {
  static const auto taps = gaussian_taps<T>();
  const int rows = image.rows - 2 * kSsimBorder;
  const int cols = image.cols - 2 * kSsimBorder;
  if (scratch.rows != rows || scratch.cols != image.cols) scratch = Image<T>(rows, image.cols);
  if (out.rows != rows || out.cols != cols) out = Image<T>(rows, cols);
  for (int r = 0; r < rows; ++r) {
    weigh_taps(taps, image.row(r), image.cols, scratch.row(r), image.cols);
    weigh_taps<T>(taps, scratch.row(r), 1, out.row(r), cols);
  }
}

/// One value of the SSIM map from the moments of its window.
template <typename T>
T ssim_value(T mean_a, T mean_b, T variance_a, T variance_b, T covariance) {
  constexpr T c1 = static_cast<T>(kSsimC1);
  constexpr T c2 = static_cast<T>(kSsimC2);
  return (T(2) * mean_a * mean_b + c1) * (T(2) * covariance + c2) /
         ((mean_a * mean_a + mean_b * mean_b + c1) * (variance_a + variance_b + c2));
}

}  // namespace thz::eval::internal
