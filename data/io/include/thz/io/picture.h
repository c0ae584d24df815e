#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "thz/core/image.h"
#include "thz/io/png.h"

namespace thz::io {

/// Perceptual colour of a value in [0, 1] (clamped; NaN is mid grey): lightness CIE L* rises
/// linearly from 8 to 96 while the hue turns from violet over green-blue to yellow, so the map
/// prints well in grey and is readable with the common colour-vision deficiencies.
std::array<uint8_t, 3> heat_colour(float value);

/// Heat map of an image; values from `low` to `high` span the map.
ImageRgb heat_map(const ImageF& image, float low, float high);

/// Smallest and largest finite value; {0, 1} if there is none.
std::array<float, 2> finite_range(const ImageF& image);

ImageRgb to_rgb(const ImageF& grey);

/// 10 log10(p / reference) mapped so that `floor_db` (< 0) is 0 and 0 dB is 1; for pictures of
/// power.
ImageF decibel_grey(const ImageF& power, float reference, float floor_db);

/// Pictures side by side, `columns` a row, each cell as large as the largest, `gap` pixels between
/// and around; the background is white.
ImageRgb montage(const std::vector<ImageRgb>& pictures, int columns, int gap = 4);
/// Whole-number enlargement by repeating pixels.
ImageRgb enlarge(const ImageRgb& picture, int factor);

}  // namespace thz::io
