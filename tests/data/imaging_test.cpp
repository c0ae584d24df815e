#include "thz/data/imaging.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <string>

#include "thz/core/error.h"
#include "thz/core/rng.h"

namespace {

using thz::ImageF;
using namespace thz::data;

// Float images: a mean or a weighted sum of values up to 1 rounds within a few units of 2^-24.
constexpr double kFloat = 1e-6;

// A head-like ellipse of log-normal power (speckle and glints) on a grid with a dark surround.
HeadPower synthetic_head(uint64_t entity, double spread) {
  HeadPower item{ImageF(256, 256, 1e-9F), Mask(256, 256)};
  thz::Rng rng(5, thz::RngPurpose::kTest, entity);
  for (int r = 0; r < 256; ++r) {
    for (int c = 0; c < 256; ++c) {
      const double x = (c - 127.5) / 50.0;
      const double y = (r - 127.5) / 70.0;
      if (x * x + y * y > 1.0) continue;
      item.head(r, c) = 1;
      item.power(r, c) = static_cast<float>(1e-6 * std::exp(spread * rng.normal()));
    }
  }
  return item;
}

}  // namespace

TEST_CASE("frames are averaged in linear power", "[data][imaging]") {
  ImageF a(2, 2, 1e-6F);
  ImageF b(2, 2, 4e-6F);
  ImageF c(2, 2, 1e-6F);
  c(1, 0) = 7e-6F;
  const ImageF mean = average_power({a, b, c});
  CHECK(mean(0, 0) == Approx(2e-6).epsilon(kFloat));
  CHECK(mean(1, 0) == Approx(4e-6).epsilon(kFloat));
}

TEST_CASE("frames that cannot be averaged are refused by name", "[data][imaging]") {
  CHECK_THROWS_AS(average_power({}), thz::InputError);
  CHECK_THROWS_AS(average_power({ImageF(2, 2), ImageF(2, 3)}), thz::InputError);
  ImageF bad(3, 4, 1.0F);
  bad(2, 1) = -1e-9F;
  CHECK_THROWS_WITH(average_power({bad}), Catch::Contains("line 2, sample 1"));
  bad(2, 1) = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_AS(average_power({bad}), thz::InputError);
  CHECK_THROWS_AS(apply_mapping(GreyMapping{}, bad), thz::InputError);
  CHECK_THROWS_AS(make_picture(bad, ImagingOptions{}), thz::InputError);
}

TEST_CASE("de-warping keeps a constant and a ramp and never rings below zero", "[data][imaging]") {
  const FieldGrid grid;
  const RasterMap map = ideal_raster_map(64, 256, grid);
  ImageF ramp(64, 256);
  for (int r = 0; r < 64; ++r) {
    for (int c = 0; c < 256; ++c) ramp(r, c) = static_cast<float>(r);
  }
  const ImageF field = dewarp(ramp, map);
  REQUIRE(field.rows == 256);
  // Line r's centre is at y = (0.5 - (r + 1/2)/64) H, so grid row q holds (q + 1/2)/4 - 1/2.
  CHECK(field(130, 17) == Approx(130.5 / 4.0 - 0.5).epsilon(kFloat));
  CHECK(field(0, 0) == 0.0F);     // beyond the first line: held
  CHECK(field(255, 0) == 63.0F);  // beyond the last line: held

  ImageF glint(64, 256);
  glint(32, 100) = 1.0F;
  const ImageF spread = dewarp(glint, map);
  double sum = 0.0;
  for (const float p : spread.data) {
    CHECK(p >= 0.0F);
    sum += p;
  }
  CHECK(sum == Approx(4.0).epsilon(kFloat));  // four rows a line share it without loss
  CHECK(spread(32 * 4 + 1, 100) == Approx(0.875).epsilon(kFloat));
}

TEST_CASE("a distorted raster is put right by its own map", "[data][imaging]") {
  const FieldGrid grid;
  RasterMap map = ideal_raster_map(64, 256, grid);
  for (float& sample : map.sample.data) sample += 3.0F;  // the scanner lags by three samples
  ImageF frame(64, 256);
  for (int r = 0; r < 64; ++r) frame(r, 103) = 1.0F;
  const ImageF field = dewarp(frame, map);
  CHECK(field(128, 100) == Approx(1.0));
  CHECK(field(128, 103) == 0.0F);
}

TEST_CASE("each grey mapping has its closed form", "[data][imaging]") {
  ImageF power(1, 3);
  power(0, 0) = 1e-5F;
  power(0, 1) = 1e-6F;
  power(0, 2) = 0.0F;
  GreyMapping mapping;
  mapping.reference_power = 1e-5;
  mapping.gamma = 0.3;
  ImageF grey = apply_mapping(mapping, power);
  CHECK(grey(0, 0) == Approx(1.0).epsilon(kFloat));
  CHECK(grey(0, 1) == Approx(std::pow(10.0, -0.3)).epsilon(kFloat));
  CHECK(grey(0, 2) == 0.0F);
  mapping.kind = GreyKind::kLog;
  mapping.range_db = 40.0;
  grey = apply_mapping(mapping, power);
  CHECK(grey(0, 1) == Approx(0.75).epsilon(kFloat));  // 10 of 40 dB down
  CHECK(grey(0, 2) == 0.0F);
  mapping.range_db = 8.3;
  CHECK(apply_mapping(mapping, power)(0, 1) == 0.0F);  // cut off
  mapping.kind = GreyKind::kLinear;
  CHECK(apply_mapping(mapping, power)(0, 1) == Approx(0.1).epsilon(kFloat));

  mapping.reference_power = 0.0;
  CHECK_THROWS_WITH(mapping.validate(), Catch::Contains("reference_power"));
  mapping.reference_power = 1.0;
  mapping.gamma = 5.0;
  CHECK_THROWS_WITH(mapping.validate(), Catch::Contains("gamma"));
}

TEST_CASE("percentiles are by nearest rank", "[data][imaging]") {
  // The textbook example: 15, 20, 35, 40, 50.
  const std::vector<float> v{40, 15, 50, 20, 35};
  CHECK(percentile(v, 5.0) == 15.0);
  CHECK(percentile(v, 30.0) == 20.0);
  CHECK(percentile(v, 40.0) == 20.0);
  CHECK(percentile(v, 50.0) == 35.0);
  CHECK(percentile(v, 100.0) == 50.0);
  std::vector<float> twenty(20);
  for (int i = 0; i < 20; ++i) twenty[static_cast<std::size_t>(i)] = static_cast<float>(i + 1);
  CHECK(percentile(twenty, 95.0) == 19.0);  // 0.95 * 20 is 19, not 19 and a rounding error
  CHECK(percentile(twenty, 5.0) == 1.0);
}

TEST_CASE("the fit takes its reference from the upper seventy percent of a head's rows",
          "[data][imaging]") {
  // Ten rows of 100 pixels; row r has power r + 1 everywhere: the upper seven rows hold 1..7, so
  // their 99.5th percentile is 7; over all ten, P5 = 1 and P95 = 10.
  HeadPower item{ImageF(30, 100, 1e6F), Mask(30, 100)};
  for (int r = 0; r < 10; ++r) {
    for (int c = 0; c < 100; ++c) {
      item.power(r + 12, c) = static_cast<float>(r + 1);
      item.head(r + 12, c) = 1;
    }
  }
  const GreyMapping mapping = fit_power_law({item});
  CHECK(mapping.kind == GreyKind::kPowerLaw);
  CHECK(mapping.reference_power == 7.0);
  CHECK(mapping.gamma == Approx(0.83).epsilon(1e-12));  // 8.3 dB of a range of 10 dB
}

TEST_CASE("the fitted mapping gives the published 8.3 dB on head-like data", "[data][imaging]") {
  const double spread = GENERATE(1.0, 2.0, 3.5);
  CAPTURE(spread);
  std::vector<HeadPower> set;
  for (uint64_t k = 0; k < 3; ++k) set.push_back(synthetic_head(k, spread));
  const GreyMapping mapping = fit_power_law(set);
  // P95/P5 of a log-normal is exp(2 * 1.645 * spread).
  const double expected = 8.3 / (10.0 / std::log(10.0) * 2.0 * 1.644854 * spread);
  // 33,000 pixels: a percentile's rank is uncertain by 0.12 %, some 0.6 % of the range.
  CHECK(mapping.gamma == Approx(expected).epsilon(0.02));

  ImageF pooled(3 * 256, 256);
  Mask heads(3 * 256, 256);
  for (int k = 0; k < 3; ++k) {
    const ImageF grey = apply_mapping(mapping, set[static_cast<std::size_t>(k)].power);
    for (int r = 0; r < 256; ++r) {
      for (int c = 0; c < 256; ++c) {
        pooled(k * 256 + r, c) = grey(r, c);
        heads(k * 256 + r, c) = set[static_cast<std::size_t>(k)].head(r, c);
      }
    }
  }
  const double range_db = grey_dynamic_range_db(pooled, heads);
  CHECK(range_db == Approx(8.3).epsilon(kFloat));
  CHECK(std::pow(10.0, range_db / 10.0) == Approx(6.760829754).epsilon(1e-5));  // case X03
}

TEST_CASE("a mapping cannot be fitted to nothing", "[data][imaging]") {
  CHECK_THROWS_AS(fit_power_law({}), thz::InputError);
  HeadPower item{ImageF(8, 8, 1.0F), Mask(8, 8)};
  CHECK_THROWS_WITH(fit_power_law({item}), Catch::Contains("mask"));
  for (auto& m : item.head.data) m = 1;
  CHECK_THROWS_AS(fit_power_law({item}), thz::InputError);  // no spread
  CHECK_THROWS_AS(grey_dynamic_range_db(ImageF(8, 8, 0.0F), item.head), thz::InputError);
}

TEST_CASE("a constant frame stays constant to the last stage", "[data][imaging]") {
  ImagingOptions options;
  options.mapping.reference_power = 1e-5;
  options.mapping.gamma = 0.3;
  options.roi.fixed = {-0.1213, 0.1377, -0.21, 0.0517};  // at odd fractions of a pixel
  const ThzPicture picture = make_picture(ImageF(64, 256, 2e-6F), options);
  REQUIRE(picture.image.rows == 64);
  const double expected = std::pow(0.2, 0.3);
  for (const float g : picture.image.data) CHECK(g == Approx(expected).epsilon(kFloat));
}

TEST_CASE("a spot at +x, +y comes out at the right and at the top", "[data][imaging]") {
  ImageF power(64, 256, 1e-9F);
  // x = +0.10 m, y = +0.05 m
  const int sample = static_cast<int>((0.10 / 0.45 + 0.5) * 256);
  const int line = static_cast<int>((0.5 - 0.05 / 0.45) * 64);
  for (int c = sample - 2; c <= sample + 2; ++c) power(line, c) = 1e-6F;
  ImagingOptions options;
  options.mapping.reference_power = 1e-6;
  const ImageF image = make_picture(power, options).image;
  int best = 0;
  for (int i = 0; i < 64 * 64; ++i) {
    if (image.data[static_cast<std::size_t>(i)] > image.data[static_cast<std::size_t>(best)]) {
      best = i;
    }
  }
  // The crop is 0.30 m: x = +0.10 m is 250/300 of the width, y = +0.05 m 100/300 of the height. A
  // pixel is 4.7 mm, a line 7 mm.
  CHECK(best % 64 == Approx(0.25 / 0.30 * 64).margin(1.0));
  CHECK(best / 64 == Approx(0.10 / 0.30 * 64).margin(1.5));
}

TEST_CASE("grey is mapped before it is resampled", "[data][imaging]") {
  // Stripes of 1 and 1e-4 finer than an output pixel: grey 1 and 10^-1.2; the picture shows the
  // mean of the greys (0.53), where resampling power first would show the grey of the mean (0.81).
  ImageF power(64, 256, 1e-4F);
  for (int r = 0; r < 64; ++r) {
    for (int c = 0; c < 256; c += 2) power(r, c) = 1.0F;
  }
  ImagingOptions options;
  options.mapping.gamma = 0.3;
  options.roi.fixed = {-0.225, 0.225, -0.225, 0.225};
  const ImageF image = make_picture(power, options).image;
  CHECK(image(32, 32) == Approx(0.5 * (1.0 + std::pow(10.0, -1.2))).margin(0.01));
}

TEST_CASE("detail finer than an output pixel does not fold over", "[data][imaging]") {
  // A pattern of period 3 input pixels, reduced by 4: unfiltered it would reappear with period 3.
  const FieldGrid grid;
  ImageF grey(256, 256);
  for (int r = 0; r < 256; ++r) {
    for (int c = 0; c < 256; ++c) {
      grey(r, c) = static_cast<float>(0.5 + 0.4 * std::cos(2.0 * M_PI * c / 3.0));
    }
  }
  const ImageF out = resample_roi(grey, grid, {-0.225, 0.225, -0.225, 0.225}, 64);
  for (int c = 4; c < 60; ++c) CHECK(out(30, c) == Approx(0.5).margin(0.02));
}

TEST_CASE("bicubic enlargement reproduces a ramp between its pixels", "[data][imaging]") {
  FieldGrid grid;
  grid.rows = grid.cols = 32;
  ImageF grey(32, 32);
  for (int r = 0; r < 32; ++r) {
    for (int c = 0; c < 32; ++c) {
      grey(r, c) = static_cast<float>(0.1 + 0.02 * c);
    }
  }
  const Roi roi{-0.1, 0.1, -0.1, 0.1};
  const ImageF out = resample_roi(grey, grid, roi, 64);
  for (int i = 0; i < 64; ++i) {
    const double x = roi.left_m + (i + 0.5) / 64 * 0.2;
    CHECK(out(20, i) == Approx(0.1 + 0.02 * grid.col(x)).epsilon(kFloat));  // Keys is exact here
  }
}

TEST_CASE("the last stage clamps overshoot to zero and one", "[data][imaging]") {
  FieldGrid grid;
  grid.rows = grid.cols = 32;
  ImageF grey(32, 32);
  for (int r = 0; r < 32; ++r) {
    for (int c = 16; c < 32; ++c) grey(r, c) = 3.0F;
  }
  float low = 1.0F;
  float high = 0.0F;
  for (const float g : resample_roi(grey, grid, {-0.2, 0.2, -0.2, 0.2}, 64).data) {
    low = std::min(low, g);
    high = std::max(high, g);
  }
  CHECK(low == 0.0F);  // Keys undershoots by 7 % of a step
  CHECK(high == 1.0F);
  CHECK_THROWS_AS(resample_roi(grey, grid, {0.1, 0.1, -0.1, 0.1}, 64), thz::InputError);
}

TEST_CASE("the region of interest encloses its mask in a square inside the field",
          "[data][imaging]") {
  const FieldGrid grid;
  Mask mask(256, 256);
  for (int r = 100; r < 150; ++r) {
    for (int c = 40; c < 60; ++c) mask(r, c) = 1;
  }
  const double pitch_m = 0.45 / 256;
  const Roi roi = roi_around(mask, grid, 0.1);
  CHECK(roi.right_m - roi.left_m == Approx(60 * pitch_m));
  CHECK(roi.top_m - roi.bottom_m == Approx(60 * pitch_m));
  CHECK(0.5 * (roi.left_m + roi.right_m) == Approx((50.0 / 256 - 0.5) * 0.45));
  CHECK(0.5 * (roi.top_m + roi.bottom_m) == Approx((0.5 - 125.0 / 256) * 0.45));

  Mask corner(256, 256);
  for (int r = 0; r < 80; ++r) corner(r, 0) = 1;
  const Roi inside = roi_around(corner, grid, 0.2);
  CHECK(inside.left_m == Approx(-0.225));
  CHECK(inside.top_m == Approx(0.225));
  CHECK_THROWS_AS(roi_around(Mask(256, 256), grid, 0.1), thz::InputError);
}

TEST_CASE("the detected and the true region agree on a bright disc and differ from the fixed one",
          "[data][imaging]") {
  const FieldGrid grid;
  ImageF power(64, 256, 1e-9F);
  Mask truth(256, 256);
  const auto inside = [](double x, double y) { return std::hypot(x - 0.06, y - 0.04) < 0.09; };
  for (int r = 0; r < 256; ++r) {
    for (int c = 0; c < 256; ++c) {
      const bool lit = inside(grid.x_m(c), grid.y_m(r));
      truth(r, c) = lit ? 1 : 0;
      if (lit) power(r / 4, c) = 1e-6F;
    }
  }
  power(2, 3) = 1e-6F;  // clutter far from the head is left out
  ImagingOptions options;
  options.mapping.reference_power = 1e-6;
  options.roi.kind = RoiKind::kTruth;
  const Roi want = make_picture(power, options, truth).roi;
  options.roi.kind = RoiKind::kDetected;
  const Roi got = make_picture(power, options).roi;
  // Interpolated lines blur the disc's edge by one line, 7 mm.
  CHECK(got.left_m == Approx(want.left_m).margin(0.008));
  CHECK(got.right_m == Approx(want.right_m).margin(0.008));
  CHECK(got.top_m == Approx(want.top_m).margin(0.008));
  CHECK(want.right_m - want.left_m == Approx(0.18 * 1.1).margin(0.004));
  CHECK(got.left_m > -0.06);  // the fixed crop starts at -0.15
}

TEST_CASE("Otsu's silhouette closes pinholes and keeps the background out", "[data][imaging]") {
  ImageF grey(40, 40, 0.1F);
  for (int r = 10; r < 30; ++r) {
    for (int c = 10; c < 30; ++c) grey(r, c) = 0.7F;
  }
  grey(20, 20) = 0.1F;  // a speckle null
  const Mask silhouette = otsu_silhouette(grey);
  CHECK(silhouette(20, 20) == 1);
  CHECK(silhouette(5, 5) == 0);
  std::size_t area = 0;
  for (const uint8_t m : silhouette.data) area += m;
  CHECK(area == 400);
}

TEST_CASE("intersection over union is counted in pixels", "[data][imaging]") {
  Mask a(2, 4);
  Mask b(2, 4);
  CHECK(silhouette_iou(a, b) == 1.0);
  a(0, 0) = a(0, 1) = a(0, 2) = 1;
  CHECK(silhouette_iou(a, b) == 0.0);
  b(0, 1) = b(0, 2) = b(0, 3) = b(1, 3) = 1;
  CHECK(silhouette_iou(a, b) == Approx(2.0 / 5.0));
  CHECK(silhouette_iou(a, a) == 1.0);
}
