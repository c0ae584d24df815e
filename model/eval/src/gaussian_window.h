#pragma once

#include <array>
#include <cmath>
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

/// Gaussian mean over every window wholly inside `image`: [rows - 10][cols - 10], columns then
/// rows. `scratch` and `out` are reused between calls.
template <typename T>
void gaussian_valid(const Image<T>& image, Image<T>& scratch, Image<T>& out) {
  const auto taps = gaussian_taps<T>();
  const int rows = image.rows - 2 * kSsimBorder;
  const int cols = image.cols - 2 * kSsimBorder;
  if (scratch.rows != rows || scratch.cols != image.cols) scratch = Image<T>(rows, image.cols);
  if (out.rows != rows || out.cols != cols) out = Image<T>(rows, cols);
  for (int r = 0; r < rows; ++r) {
    T* to = scratch.row(r);
    for (int c = 0; c < image.cols; ++c) to[c] = T{};
    for (int k = 0; k < kSsimWindow; ++k) {
      const T weight = taps[static_cast<std::size_t>(k)];
      const T* from = image.row(r + k);
      for (int c = 0; c < image.cols; ++c) to[c] += weight * from[c];
    }
  }
  for (int r = 0; r < rows; ++r) {
    T* to = out.row(r);
    for (int c = 0; c < cols; ++c) to[c] = T{};
    for (int k = 0; k < kSsimWindow; ++k) {
      const T weight = taps[static_cast<std::size_t>(k)];
      const T* from = scratch.row(r) + k;
      for (int c = 0; c < cols; ++c) to[c] += weight * from[c];
    }
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
