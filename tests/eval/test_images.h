#pragma once

#include "thz/core/image.h"
#include "thz/core/rng.h"

namespace thz::eval::testing {

/// Uniform noise in (0, 1), another image for each entity.
inline ImageF noise_image(int rows, int cols, uint64_t entity) {
  Rng rng(20, RngPurpose::kTest, entity);
  ImageF image(rows, cols);
  for (float& pixel : image.data) pixel = static_cast<float>(rng.uniform());
  return image;
}

/// The rectangle that starts at (row, col).
inline ImageF crop(const ImageF& image, int row, int col, int rows, int cols) {
  ImageF out(rows, cols);
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < cols; ++c) out(r, c) = image(row + r, col + c);
  }
  return out;
}

}  // namespace thz::eval::testing
