#include "thz/io/picture.h"

#include <png.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>

#include "io/io_support.h"
#include "thz/core/error.h"
#include "thz/io/png.h"

using Catch::Matchers::Contains;
using thz::ImageF;
using thz::InputError;
using thz::test::Scratch;
using namespace thz::io;

TEST_CASE("grey and colour pictures survive PNG", "[io][png]") {
  const Scratch scratch;
  ImageF grey(2, 3);
  grey.data = {0.0F, 1.0F, 0.5F, -1.0F, 2.0F, NAN};
  write_png(scratch / "g.png", grey);
  const ImageF back = read_png(scratch / "g.png");
  REQUIRE(back.rows == 2);
  const std::vector<float> wanted = {0.0F, 1.0F, 128.0F / 255.0F, 0.0F, 1.0F, 0.0F};
  CHECK(back.data == wanted);
  ImageRgb colour(1, 2);
  colour.data = {{255, 0, 0}, {10, 20, 30}};
  write_png(scratch / "c.png", colour);
  CHECK(read_png_rgb(scratch / "c.png").data == colour.data);
  CHECK(read_png(scratch / "c.png")(0, 0) == Approx(0.299F));
  CHECK(thz::test::slurp(scratch / "c.png") == encode_png(colour));
}

TEST_CASE("16-bit PNG keeps its depth", "[io][png]") {
  const Scratch scratch;
  std::FILE* file = std::fopen((scratch / "d.png").c_str(), "wb");
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_init_io(png, file);
  png_set_IHDR(png, info, 2, 1, 16, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  png_byte row[] = {0x12, 0x34, 0xFF, 0xFF};
  png_write_row(png, row);
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  std::fclose(file);
  const ImageF image = read_png(scratch / "d.png");
  CHECK(image(0, 0) == Approx(0x1234 / 65535.0).epsilon(1e-6));
  CHECK(image(0, 1) == 1.0F);
}

TEST_CASE("broken pictures are one sentence", "[io][png][fuzz]") {
  const Scratch scratch;
  CHECK_THROWS_WITH(read_png(scratch / "none.png"), Contains("none.png"));
  thz::test::spill(scratch / "t.png", "hello hello");
  CHECK_THROWS_WITH(read_png(scratch / "t.png"), Contains("not a PNG"));
  const std::string bytes = encode_png(thz::test::noise_image(1, 2, 16, 16));
  for (std::size_t length = 0; length < bytes.size(); length += 5) {
    thz::test::spill(scratch / "cut.png", bytes.substr(0, length));
    CHECK_THROWS_AS(read_png(scratch / "cut.png"), InputError);
  }
  CHECK_THROWS_AS(write_png(scratch / "none/g.png", ImageF(2, 2)), InputError);
}

TEST_CASE("the heat map's lightness rises evenly", "[io][picture]") {
  // Lightness of a colour: CIE L* of the luminance of linearised sRGB (IEC 61966-2-1).
  const auto lightness = [](float t) {
    const auto rgb = heat_colour(t);
    const double weights[] = {0.2126, 0.7152, 0.0722};
    double y = 0.0;
    for (std::size_t i = 0; i < 3; ++i) {
      const double s = rgb[i] / 255.0;
      y += weights[i] * (s <= 0.04045 ? s / 12.92 : std::pow((s + 0.055) / 1.055, 2.4));
    }
    return y > 0.008856 ? 116.0 * std::cbrt(y) - 16.0 : 903.3 * y;
  };
  for (int i = 0; i <= 32; ++i) {
    const double t = i / 32.0;
    CAPTURE(t);
    // Rounding to 8 bits moves L* by at most one in the dark.
    CHECK(std::abs(lightness(static_cast<float>(t)) - (8.0 + 88.0 * t)) < 1.2);
  }
  CHECK(heat_colour(-3.0F) == heat_colour(0.0F));
  CHECK(heat_colour(NAN) == std::array<uint8_t, 3>{128, 128, 128});
}

TEST_CASE("a montage puts pictures where they belong", "[io][picture]") {
  const ImageRgb red(2, 3, {255, 0, 0});
  const ImageRgb blue(1, 1, {0, 0, 255});
  const ImageRgb sheet = montage({red, blue, red}, 2, 1);
  CHECK(sheet.rows == 7);
  CHECK(sheet.cols == 9);
  CHECK(sheet(1, 1) == red(0, 0));
  CHECK(sheet(1, 5) == blue(0, 0));
  CHECK(sheet(4, 1) == red(0, 0));
  CHECK(sheet(4, 5) == std::array<uint8_t, 3>{255, 255, 255});
  CHECK(enlarge(blue, 3).rows == 3);
  ImageF power(1, 3);
  power.data = {1.0F, 0.1F, 0.0F};
  const ImageF grey = decibel_grey(power, 1.0F, -20.0F);
  CHECK(grey.data == std::vector<float>{1.0F, 0.5F, 0.0F});
  CHECK(finite_range(power)[1] == 1.0F);
}
