#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "thz/core/rng.h"

namespace thz::model {

/// A black bar across the image, as a lost scan line or a strap leaves it.
struct Stripe {
  bool horizontal = true;
  int first = 0;  ///< row or column
  int width = 0;  ///< pixels
};

/// A rectangle whose grey values are multiplied: 0 cuts it out, more dims a band of lines.
struct Patch {
  int first_row = 0, first_col = 0;
  int height = 0, width = 0;  ///< pixels
  float gain = 0.0f;
};

/// What happens to one image in one step.
struct Augmentation {
  double rotation_rad = 0.0;             ///< counter-clockwise as displayed
  double scale = 1.0;                    ///< > 1 enlarges
  std::array<double, 2> shift = {0, 0};  ///< rows, columns; pixels, after rotation and scale
  std::vector<Stripe> stripes;
  std::vector<Patch> patches;
  double noise_sd = 0.0;   ///< additive normal noise, grey values
  uint64_t noise_key = 0;  ///< entity of the noise stream

  bool moves_pixels() const {
    return rotation_rad != 0.0 || scale != 1.0 || shift[0] != 0.0 || shift[1] != 0.0;
  }
};

/// Draws for image `slot` of batch `step`: level "none", "slight", "gentle", "medium" or "strong".
/// Half of the images are moved (rotation, scale, a crop placed anywhere, a shift), each of up to
/// three stripes of 2..4 px, cut-outs and a dimmed band of 6..12 lines come with a probability,
/// half of the images get noise; the figures of each level stand in docs/theory/learning.md,
/// "Batches and augmentation". A pure function of its arguments, so that a resumed run sees the
/// same images.
Augmentation draw_augmentation(const std::string& level, uint64_t seed, int64_t step, int64_t slot);

/// Geometry alone: one bilinear sampling about the image centre; beyond the border the nearest
/// pixel. What a reconstruction target gets, too: input and target stay aligned, pixel by pixel.
void move_pixels(const Augmentation& augmentation, const float* source, float* destination);

/// Geometry, stripes and noise, clamped to [0, 1].
void augment(const Augmentation& augmentation, uint64_t seed, const float* source,
             float* destination);

}  // namespace thz::model
