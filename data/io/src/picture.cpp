#include "thz/io/picture.h"

#include <algorithm>
#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/error.h"

namespace thz::io {
namespace {

// The map is a curve in CIE L*a*b* (CIE 15:2004): lightness in equal steps, hue turning at a chroma
// low enough to stay inside sRGB at both ends.
constexpr double kLightnessLow = 8.0;
constexpr double kLightnessHigh = 96.0;
constexpr double kHueLow_deg = 300.0;
constexpr double kHueHigh_deg = 100.0;
constexpr double kChromaMost = 62.0;

double inverse_f(double t) {
  constexpr double kDelta = 6.0 / 29.0;
  return t > kDelta ? t * t * t : 3.0 * kDelta * kDelta * (t - 4.0 / 29.0);
}

/// sRGB transfer function (IEC 61966-2-1) of a linear value, cut to [0, 1].
double srgb(double linear) {
  const double x = std::clamp(linear, 0.0, 1.0);
  return x <= 0.0031308 ? 12.92 * x : 1.055 * std::pow(x, 1.0 / 2.4) - 0.055;
}

/// Linear sRGB of a colour in L*a*b*, white point D65.
std::array<double, 3> linear_rgb(double lightness, double a, double b) {
  const double fy = (lightness + 16.0) / 116.0;
  const double x = 0.95047 * inverse_f(fy + a / 500.0);
  const double y = inverse_f(fy);
  const double z = 1.08883 * inverse_f(fy - b / 200.0);
  return {3.2406 * x - 1.5372 * y - 0.4986 * z, -0.9689 * x + 1.8758 * y + 0.0415 * z,
          0.0557 * x - 0.2040 * y + 1.0570 * z};
}

bool in_gamut(const std::array<double, 3>& rgb) {
  return std::all_of(rgb.begin(), rgb.end(), [](double v) { return v >= -1e-3 && v <= 1.001; });
}

std::array<uint8_t, 3> compute_colour(double t) {
  const double lightness = kLightnessLow + (kLightnessHigh - kLightnessLow) * t;
  const double hue = deg_to_rad(kHueLow_deg + (kHueHigh_deg - kHueLow_deg) * t);
  // The largest chroma sRGB can show at this lightness and hue, so that no channel is cut, which
  // would bend the lightness.
  double low = 0.0;
  double high = kChromaMost;
  for (int i = 0; i < 30; ++i) {
    const double chroma = 0.5 * (low + high);
    const auto rgb = linear_rgb(lightness, chroma * std::cos(hue), chroma * std::sin(hue));
    (in_gamut(rgb) ? low : high) = chroma;
  }
  const auto rgb = linear_rgb(lightness, low * std::cos(hue), low * std::sin(hue));
  std::array<uint8_t, 3> colour{};
  for (std::size_t i = 0; i < 3; ++i) {
    colour[i] = static_cast<uint8_t>(std::lround(255.0 * srgb(rgb[i])));
  }
  return colour;
}

std::array<std::array<uint8_t, 3>, 256> compute_table() {
  std::array<std::array<uint8_t, 3>, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    table[i] = compute_colour(static_cast<double>(i) / 255.0);
  }
  return table;
}

constexpr std::array<uint8_t, 3> kMissing = {128, 128, 128};
constexpr std::array<uint8_t, 3> kWhite = {255, 255, 255};

}  // namespace

std::array<uint8_t, 3> heat_colour(float value) {
  static const auto table = compute_table();
  if (std::isnan(value)) return kMissing;
  const float t = std::clamp(value, 0.0F, 1.0F);
  return table[static_cast<std::size_t>(std::lround(t * 255.0F))];
}

ImageRgb heat_map(const ImageF& image, float low, float high) {
  THZ_REQUIRE(high > low, "a heat map needs high > low");
  ImageRgb colours(image.rows, image.cols);
  std::transform(image.data.begin(), image.data.end(), colours.data.begin(),
                 [&](float v) { return heat_colour((v - low) / (high - low)); });
  return colours;
}

std::array<float, 2> finite_range(const ImageF& image) {
  float low = INFINITY;
  float high = -INFINITY;
  for (const float value : image.data) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  if (low > high) return {0.0F, 1.0F};
  return {low, high > low ? high : low + 1.0F};
}

ImageRgb to_rgb(const ImageF& grey) {
  ImageRgb colour(grey.rows, grey.cols);
  std::transform(grey.data.begin(), grey.data.end(), colour.data.begin(), [](float v) {
    const float t = v > 0.0F ? std::min(v, 1.0F) : 0.0F;  // NaN is black
    const auto byte = static_cast<uint8_t>(std::lround(255.0F * t));
    return std::array<uint8_t, 3>{byte, byte, byte};
  });
  return colour;
}

ImageF decibel_grey(const ImageF& power, float reference, float floor_db) {
  THZ_REQUIRE(reference > 0.0F && floor_db < 0.0F, "decibel_grey needs reference > 0, floor < 0");
  ImageF grey(power.rows, power.cols);
  std::transform(power.data.begin(), power.data.end(), grey.data.begin(), [&](float p) {
    const float db = p > 0.0F ? 10.0F * std::log10(p / reference) : floor_db;
    return std::clamp(1.0F - db / floor_db, 0.0F, 1.0F);
  });
  return grey;
}

ImageRgb montage(const std::vector<ImageRgb>& pictures, int columns, int gap) {
  THZ_REQUIRE(!pictures.empty() && columns > 0 && gap >= 0, "a montage needs pictures");
  int cell_rows = 0;
  int cell_cols = 0;
  for (const ImageRgb& picture : pictures) {
    cell_rows = std::max(cell_rows, picture.rows);
    cell_cols = std::max(cell_cols, picture.cols);
  }
  const int count = static_cast<int>(pictures.size());
  const int lines = (count + columns - 1) / columns;
  ImageRgb sheet(gap + lines * (cell_rows + gap), gap + columns * (cell_cols + gap), kWhite);
  for (int i = 0; i < count; ++i) {
    const ImageRgb& picture = pictures[static_cast<std::size_t>(i)];
    const int top = gap + i / columns * (cell_rows + gap);
    const int left = gap + i % columns * (cell_cols + gap);
    for (int r = 0; r < picture.rows; ++r) {
      std::copy_n(picture.row(r), picture.cols, sheet.row(top + r) + left);
    }
  }
  return sheet;
}

ImageRgb enlarge(const ImageRgb& picture, int factor) {
  THZ_REQUIRE(factor > 0, "enlarge needs a positive factor");
  ImageRgb large(picture.rows * factor, picture.cols * factor);
  for (int r = 0; r < large.rows; ++r) {
    for (int c = 0; c < large.cols; ++c) large(r, c) = picture(r / factor, c / factor);
  }
  return large;
}

}  // namespace thz::io
