#include "thz/model/augmentation.h"

#include <algorithm>
#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/model/run.h"

namespace thz::model {
namespace {

constexpr double kMoveProbability = 0.5;
constexpr double kNoiseProbability = 0.5;
constexpr int kMaxStripes = 3;

// What a level may do at most.
struct AugmentationProfile {
  double rotation_deg, scale_change, least_crop;
  double shift_px;
  double stripe_probability;
  int cutouts;  // each with the next probability, 8 px to `cutout_px` a side
  double cutout_probability;
  int cutout_px;
  double band_probability;
  double noise_sd;  // from 0.05
};
constexpr AugmentationProfile kSlight = {3, 0.03, 1.0, 1.5, 0.0, 0, 0.0, 8, 0.0, 0.05};
constexpr AugmentationProfile kGentle = {10, 0.10, 0.90, 0, 0.2, 0, 0.0, 8, 0.0, 0.10};
constexpr AugmentationProfile kMedium = {15, 0.15, 0.85, 5, 0.3, 1, 0.3, 16, 0.15, 0.10};
constexpr AugmentationProfile kStrong = {20, 0.20, 0.80, 5, 0.5, 2, 0.5, 20, 0.30, 0.15};
constexpr double kLeastNoise = 0.05;
constexpr int kLeastCutout_px = 8;
constexpr int kLeastBand_px = 6, kMostBand_px = 12;
constexpr double kLeastBandGain = 0.3, kMostBandGain = 0.7;

// Sub-entities of RngPurpose::kAugmentation.
enum AugmentationUse : uint32_t { kParameters = 0, kNoiseField = 1 };

float pixel(const float* image, int row, int col) {
  row = std::clamp(row, 0, kImageSide - 1);
  col = std::clamp(col, 0, kImageSide - 1);
  return image[row * kImageSide + col];
}

float bilinear(const float* image, double row, double col) {
  const double row0 = std::floor(row);
  const double col0 = std::floor(col);
  const auto fr = static_cast<float>(row - row0);
  const auto fc = static_cast<float>(col - col0);
  const int r = static_cast<int>(row0);
  const int c = static_cast<int>(col0);
  const float top = pixel(image, r, c) * (1 - fc) + pixel(image, r, c + 1) * fc;
  const float bottom = pixel(image, r + 1, c) * (1 - fc) + pixel(image, r + 1, c + 1) * fc;
  return top * (1 - fr) + bottom * fr;
}

int any_of_range(Rng& rng, int low, int high) {
  return low + static_cast<int>(rng.index(static_cast<uint64_t>(high - low + 1)));
}

void draw_motion(const AugmentationProfile& p, Rng& rng, Augmentation& a) {
  a.rotation_rad = deg_to_rad(rng.uniform(-p.rotation_deg, p.rotation_deg));
  const double crop = rng.uniform(p.least_crop, 1.0);
  a.scale = rng.uniform(1.0 - p.scale_change, 1.0 + p.scale_change) / crop;
  // A crop of side f*64 placed anywhere and enlarged to 64: its centre moves by up to
  // (1 - f)/2 * 64 pixels of the source, 1/f times that in the result.
  const double reach = 0.5 * (1.0 - crop) * kImageSide / crop + p.shift_px;
  a.shift = {rng.uniform(-reach, reach), rng.uniform(-reach, reach)};
}

void draw_patches(const AugmentationProfile& p, Rng& rng, Augmentation& a) {
  for (int i = 0; i < p.cutouts; ++i) {
    if (rng.uniform() >= p.cutout_probability) continue;
    Patch patch;
    patch.height = any_of_range(rng, kLeastCutout_px, p.cutout_px);
    patch.width = any_of_range(rng, kLeastCutout_px, p.cutout_px);
    patch.first_row = any_of_range(rng, 0, kImageSide - patch.height);
    patch.first_col = any_of_range(rng, 0, kImageSide - patch.width);
    a.patches.push_back(patch);
  }
  if (rng.uniform() >= p.band_probability) return;
  Patch band;
  band.height = any_of_range(rng, kLeastBand_px, kMostBand_px);
  band.width = kImageSide;
  band.first_row = any_of_range(rng, 0, kImageSide - band.height);
  band.gain = static_cast<float>(rng.uniform(kLeastBandGain, kMostBandGain));
  a.patches.push_back(band);
}

}  // namespace

Augmentation draw_augmentation(const std::string& level, uint64_t seed, int64_t step,
                               int64_t slot) {
  Augmentation a;
  if (level == "none") return a;
  THZ_REQUIRE(level == "slight" || level == "gentle" || level == "medium" || level == "strong",
              "augmentation is none, slight, gentle, medium or strong");
  const AugmentationProfile& p = level == "slight"   ? kSlight
                                 : level == "gentle" ? kGentle
                                 : level == "medium" ? kMedium
                                                     : kStrong;
  const uint64_t key = mix_keys(static_cast<uint64_t>(step), static_cast<uint64_t>(slot));
  Rng rng(seed, RngPurpose::kAugmentation, key, kParameters);
  a.noise_key = key;
  if (rng.uniform() < kMoveProbability) draw_motion(p, rng, a);
  for (int i = 0; i < kMaxStripes; ++i) {
    if (rng.uniform() >= p.stripe_probability) continue;
    Stripe stripe;
    stripe.horizontal = rng.uniform() < 0.5;
    stripe.width = 2 + static_cast<int>(rng.index(3));
    stripe.first =
        static_cast<int>(rng.index(static_cast<uint64_t>(kImageSide - stripe.width + 1)));
    a.stripes.push_back(stripe);
  }
  if (rng.uniform() < kNoiseProbability) a.noise_sd = rng.uniform(kLeastNoise, p.noise_sd);
  draw_patches(p, rng, a);
  return a;
}

void move_pixels(const Augmentation& a, const float* source, float* destination) {
  if (!a.moves_pixels()) {
    std::copy(source, source + kImagePixels, destination);
    return;
  }
  constexpr double kCentre = 0.5 * (kImageSide - 1);
  // Rows run down the picture, so a turn counter-clockwise on display is one clockwise in (row,
  // col).
  const double c = std::cos(a.rotation_rad) / a.scale;
  const double s = std::sin(a.rotation_rad) / a.scale;
  for (int row = 0; row < kImageSide; ++row) {
    for (int col = 0; col < kImageSide; ++col) {
      const double y = row - kCentre - a.shift[0];
      const double x = col - kCentre - a.shift[1];
      destination[row * kImageSide + col] =
          bilinear(source, kCentre + c * y + s * x, kCentre - s * y + c * x);
    }
  }
}

void augment(const Augmentation& a, uint64_t seed, const float* source, float* destination) {
  move_pixels(a, source, destination);
  for (const Stripe& stripe : a.stripes) {
    for (int i = stripe.first; i < stripe.first + stripe.width; ++i) {
      for (int j = 0; j < kImageSide; ++j) {
        destination[stripe.horizontal ? i * kImageSide + j : j * kImageSide + i] = 0.0f;
      }
    }
  }
  for (const Patch& patch : a.patches) {
    for (int row = patch.first_row; row < patch.first_row + patch.height; ++row) {
      for (int col = patch.first_col; col < patch.first_col + patch.width; ++col) {
        destination[row * kImageSide + col] *= patch.gain;
      }
    }
  }
  if (a.noise_sd > 0.0) {
    Rng rng(seed, RngPurpose::kAugmentation, a.noise_key, kNoiseField);
    for (int64_t i = 0; i < kImagePixels; ++i) {
      destination[i] += static_cast<float>(rng.normal(0.0, a.noise_sd));
    }
  }
  for (int64_t i = 0; i < kImagePixels; ++i)
    destination[i] = std::clamp(destination[i], 0.0f, 1.0f);
}

}  // namespace thz::model
