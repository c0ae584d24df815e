#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "thz/core/image.h"

namespace thz::io {

/// An 8-bit colour picture, axes [row][column], r g b.
using ImageRgb = Image<std::array<uint8_t, 3>>;

/// Writes grey values of [0, 1] (clamped) as 8-bit grey, whole or not at all. @throws InputError.
void write_png(const std::filesystem::path& path, const ImageF& grey);
void write_png(const std::filesystem::path& path, const ImageRgb& colour);
/// A PNG in memory, for pages that carry their pictures inside.
std::string encode_png(const ImageF& grey);
std::string encode_png(const ImageRgb& colour);

/// Reads any PNG (1 to 16 bits, palette, colour, alpha ignored) as grey in [0, 1]; colour by the
/// luma weights of ITU-R BT.601 on the stored values. @throws InputError if it is missing, foreign,
/// truncated or larger than 16384 x 16384.
ImageF read_png(const std::filesystem::path& path);

/// A PNG as grey, and what it was.
struct PngPicture {
  ImageF grey;            ///< as `read_png` gives it
  int bits = 8;           ///< a sample: 8 (fewer are widened) or 16
  bool coloured = false;  ///< some pixel's red, green and blue differ
};
/// @throws InputError as `read_png`.
PngPicture read_png_picture(const std::filesystem::path& path);
ImageRgb read_png_rgb(const std::filesystem::path& path);

}  // namespace thz::io
