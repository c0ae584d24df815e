#include "thz/model/augmentation.h"

#include <algorithm>
#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/model/run.h"

namespace thz::model {
namespace {

constexpr double kMoveProbability = 0.5;
constexpr double kMaxRotationDeg = 10.0;
constexpr double kScaleChange = 0.1;
constexpr double kLeastCrop = 0.9;
constexpr int kMaxStripes = 3;
constexpr double kStripeProbability = 0.2;
constexpr double kNoiseProbability = 0.5;

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

}  // namespace

Augmentation draw_augmentation(const std::string& level, uint64_t seed, int64_t step,
                               int64_t slot) {
  Augmentation a;
  if (level == "none") return a;
  THZ_REQUIRE(level == "gentle", "augmentation is none or gentle");
  const uint64_t key = mix_keys(static_cast<uint64_t>(step), static_cast<uint64_t>(slot));
  Rng rng(seed, RngPurpose::kAugmentation, key, kParameters);
  a.noise_key = key;
  if (rng.uniform() < kMoveProbability) {
    a.rotation_rad = deg_to_rad(rng.uniform(-kMaxRotationDeg, kMaxRotationDeg));
    const double crop = rng.uniform(kLeastCrop, 1.0);
    a.scale = rng.uniform(1.0 - kScaleChange, 1.0 + kScaleChange) / crop;
    // A crop of side f*64 placed anywhere and enlarged to 64: its centre moves by up to
    // (1 - f)/2 * 64 pixels of the source, 1/f times that in the result.
    const double reach = 0.5 * (1.0 - crop) * kImageSide / crop;
    a.shift = {rng.uniform(-reach, reach), rng.uniform(-reach, reach)};
  }
  for (int i = 0; i < kMaxStripes; ++i) {
    if (rng.uniform() >= kStripeProbability) continue;
    Stripe stripe;
    stripe.horizontal = rng.uniform() < 0.5;
    stripe.width = 2 + static_cast<int>(rng.index(3));
    stripe.first =
        static_cast<int>(rng.index(static_cast<uint64_t>(kImageSide - stripe.width + 1)));
    a.stripes.push_back(stripe);
  }
  if (rng.uniform() < kNoiseProbability) a.noise_sd = rng.uniform(0.05, 0.1);
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
