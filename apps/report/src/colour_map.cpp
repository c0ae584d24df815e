#include "colour_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "html.h"
#include "thz/eval/image_metrics.h"
#include "thz/io/png.h"

namespace thz::report::internal {
namespace {

// Eleven equidistant samples of 'inferno' (S. van der Walt, N. Smith, 2015; CC0), joined by
// straight lines: within 3 of 255 of the full table.
constexpr std::array<std::array<int, 3>, 11> kInfernoSamples = {{{0, 0, 4},
                                                                 {22, 11, 57},
                                                                 {66, 10, 104},
                                                                 {106, 23, 110},
                                                                 {147, 38, 103},
                                                                 {188, 55, 84},
                                                                 {221, 81, 58},
                                                                 {243, 120, 25},
                                                                 {252, 165, 10},
                                                                 {246, 215, 70},
                                                                 {252, 255, 164}}};

}  // namespace

std::array<uint8_t, 3> colour_of(float grey, ColourMap map) {
  const double value = std::clamp(static_cast<double>(grey), 0.0, 1.0);
  if (map == ColourMap::kGrey) {
    const auto level = static_cast<uint8_t>(std::lround(255.0 * value));
    return {level, level, level};
  }
  const double place = value * static_cast<double>(kInfernoSamples.size() - 1);
  const auto below = std::min(static_cast<std::size_t>(place), kInfernoSamples.size() - 2);
  const double share = place - static_cast<double>(below);
  std::array<uint8_t, 3> colour{};
  for (std::size_t k = 0; k < 3; ++k) {
    const double mixed =
        (1.0 - share) * kInfernoSamples[below][k] + share * kInfernoSamples[below + 1][k];
    colour[k] = static_cast<uint8_t>(std::lround(mixed));
  }
  return colour;
}

std::string css_gradient(ColourMap map) {
  std::string stops;
  for (int k = 0; k <= 10; ++k) {
    const auto c = colour_of(0.1f * static_cast<float>(k), map);
    stops += fmt::format("{}rgb({},{},{})", k == 0 ? "" : ",", c[0], c[1], c[2]);
  }
  return "linear-gradient(to right," + stops + ")";
}

std::string png_data_uri(const ImageF& image, ColourMap map, const std::string& what) {
  eval::require_valid_image(image, what);
  io::ImageRgb coloured(image.rows, image.cols);
  for (std::size_t i = 0; i < image.size(); ++i) {
    coloured.data[i] = colour_of(image.data[i], map);
  }
  return "data:image/png;base64," + base64(io::encode_png(coloured));
}

}  // namespace thz::report::internal
