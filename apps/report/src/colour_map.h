#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "thz/core/image.h"
#include "thz/report/report.h"

namespace thz::report::internal {

/// Colour of a grey value in [0, 1] (clamped): red, green, blue.
std::array<uint8_t, 3> colour_of(float grey, ColourMap map);

/// The map as a CSS gradient from 0 (left) to 1 (right).
std::string css_gradient(ColourMap map);

/// "data:image/png;base64,..." of the image in its colours.
/// @throws thz::InputError, naming `what`, if the image is empty or holds NaN.
std::string png_data_uri(const ImageF& image, ColourMap map, const std::string& what);

}  // namespace thz::report::internal
