#include "html.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "colour_map.h"
#include "pictures.h"
#include "thz/core/error.h"

using namespace thz::report;
using namespace thz::report::internal;

TEST_CASE("base 64 is that of RFC 4648, section 10", "[report][html]") {
  CHECK(base64("").empty());
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64("foobar") == "Zm9vYmFy");
  CHECK(base64(std::string("\xff\xfe\x00", 3)) == "//4A");
}

TEST_CASE("text cannot break out of content or attributes", "[report][html]") {
  CHECK(escape("<a href=\"x\">&") == "&lt;a href=&quot;x&quot;&gt;&amp;");
}

TEST_CASE("an interval cell shows figure, limits and their places", "[report][html]") {
  const std::string cell = interval_cell({0.75, 0.5, 1.0}, {0.0, 1.0, 0.25, 100.0, 1});
  CHECK(cell.find(">75.0<") != std::string::npos);
  CHECK(cell.find("50.0 to 100.0") != std::string::npos);
  CHECK(cell.find("class=\"span\" style=\"left:50.0%;width:50.0%\"") != std::string::npos);
  CHECK(cell.find("class=\"chance\" style=\"left:25.0%\"") != std::string::npos);
  const std::string bare = interval_cell({0.75, std::nan(""), std::nan("")}, {});
  CHECK(bare.find(" to ") == std::string::npos);
  CHECK(interval_cell({std::nan(""), 0, 0}, {}) == "–");
}

TEST_CASE("the colour map grows in luminance from black to white", "[report][colour]") {
  double before = -1.0;
  for (int k = 0; k <= 100; ++k) {
    const auto c = colour_of(0.01f * static_cast<float>(k), ColourMap::kInferno);
    const double luminance = 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
    CHECK(luminance > before - 1e-9);
    before = luminance;
  }
  CHECK(colour_of(-1.0f, ColourMap::kGrey)[0] == 0);
  CHECK(colour_of(0.5f, ColourMap::kGrey)[1] == 128);
  CHECK(colour_of(2.0f, ColourMap::kGrey)[2] == 255);
}

TEST_CASE("a picture becomes a PNG inside the page", "[report][colour]") {
  const std::string uri = png_data_uri(thz::ImageF(4, 4, 0.5f), ColourMap::kInferno, "a test");
  // The eight-byte PNG signature in base 64.
  CHECK(uri.rfind("data:image/png;base64,iVBORw0KGgo", 0) == 0);
  CHECK_THROWS_AS(png_data_uri(thz::ImageF(), ColourMap::kGrey, "a test"), thz::InputError);
}

TEST_CASE("scale bars are round lengths near a quarter of the width", "[report][pictures]") {
  CHECK(scale_bar_m(0.45) == Approx(0.1));
  CHECK(scale_bar_m(0.3) == Approx(0.1));
  CHECK(scale_bar_m(0.1) == Approx(0.02));
  CHECK(scale_bar_m(2.0) == Approx(0.5));
}

TEST_CASE("a grid whose cells do not fit its labels is refused", "[report][pictures][errors]") {
  ImageGrid grid;
  grid.row_labels = {"one"};
  grid.column_labels = {"a", "b"};
  CHECK_THROWS_AS(render_grid(grid), thz::InputError);
  grid.cells.resize(1);
  grid.cells[0].resize(1);
  CHECK_THROWS_AS(render_grid(grid), thz::InputError);
  grid.cells[0].resize(2);
  CHECK_NOTHROW(render_grid(grid));
}
