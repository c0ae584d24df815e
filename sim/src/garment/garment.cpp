#include "thz/sim/garment.h"

#include <algorithm>
#include <cmath>

#include "thz/core/error.h"

namespace thz::sim {
namespace {

void require_range(const char* name, double value, double low, double high) {
  if (!(value >= low && value <= high)) {
    throw_input("garment.{} is {}; allowed is {} to {}", name, value, low, high);
  }
}

}  // namespace

void GarmentOptions::validate() const {
  require_range("layers", layers, 1, 2);
  require_range("gap_minimum_m", gap_minimum_m, 0.1e-3, 10e-3);
  require_range("gap_mean_low_m", gap_mean_low_m, 1.1 * gap_minimum_m, 20e-3);
  require_range("gap_mean_high_m", gap_mean_high_m, gap_mean_low_m, 20e-3);
  require_range("gap_rms_m", gap_rms_m, 0.0, 5e-3);
  require_range("fold_correlation_low_m", fold_correlation_low_m, 5e-3, 0.2);
  require_range("fold_correlation_high_m", fold_correlation_high_m, fold_correlation_low_m, 0.2);
  require_range("stitch_correlation_low_m", stitch_correlation_low_m, 0.2e-3, 10e-3);
  require_range("stitch_correlation_high_m", stitch_correlation_high_m, stitch_correlation_low_m,
                10e-3);
  require_range("stitch_thickness_rms", stitch_thickness_rms, 0.0, 0.2);
  require_range("fold_thickness_rms", fold_thickness_rms, 0.0, 0.2);
  require_range("opening_half_width_m", opening_half_width_m, 5e-3, 0.1);
  require_range("opening_half_height_m", opening_half_height_m, 5e-3, 0.1);
  require_range("hole_half_width_m", hole_half_width_m, 5e-3, 0.05);
  require_range("hole_half_height_m", hole_half_height_m, 5e-3, 0.05);
  require_range("mouth_drop_m", mouth_drop_m, 0.03, 0.12);
  require_range("mouth_half_width_m", mouth_half_width_m, 5e-3, 0.08);
  require_range("mouth_half_height_m", mouth_half_height_m, 5e-3, 0.05);
  require_range("opening_jitter", opening_jitter, 0.0, 0.2);
  require_range("slip_m", slip_m, 0.0, 0.02);
  require_range("tilt_deg", tilt_deg, 0.0, 15.0);
  require_range("collar_drop_m", collar_drop_m, 0.05, 0.3);
  require_range("subdivision", subdivision, 3, 7);
}

double ThicknessField::operator()(const Vec3& point_m) const {
  const double factor = 1.0 + stitch_rms_ * stitches_(point_m) + fold_rms_ * folds_(point_m);
  return std::clamp(factor, kLeastThickness, kMostThickness);
}

void ThicknessField::evaluate(const float* x_m, const float* y_m, const float* z_m,
                              std::size_t count, float* factors) const {
  constexpr std::size_t kBlock = 256;
  const auto stitch_rms = static_cast<float>(stitch_rms_), fold_rms = static_cast<float>(fold_rms_);
  constexpr auto kLeast = static_cast<float>(kLeastThickness);
  constexpr auto kMost = static_cast<float>(kMostThickness);
  folds_.evaluate(x_m, y_m, z_m, count, factors);
  float stitches[kBlock];
  for (std::size_t first = 0; first < count; first += kBlock) {
    const std::size_t block = std::min(kBlock, count - first);
    stitches_.evaluate(x_m + first, y_m + first, z_m + first, block, stitches);
    for (std::size_t i = 0; i < block; ++i) {
      const float factor = 1.0f + stitch_rms * stitches[i] + fold_rms * factors[first + i];
      factors[first + i] = std::clamp(factor, kLeast, kMost);
    }
  }
}

}  // namespace thz::sim
