#include "thz/eval/image_metrics.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "eval/golden_images.h"
#include "eval/test_images.h"
#include "thz/core/error.h"
#include "thz/eval/face_regions.h"

using thz::ImageF;
using thz::InputError;
using namespace thz::eval;
using thz::eval::testing::crop;
using thz::eval::testing::GoldenImages;
using thz::eval::testing::kGoldenImages;
using thz::eval::testing::noise_image;

namespace {

// SSIM of one 11 x 11 window straight from the definition: two-dimensional weights, centred
// moments.
double direct_window_ssim(const ImageF& a, const ImageF& b, int row, int col) {
  double weights[11][11], total = 0.0;
  for (int r = 0; r < 11; ++r) {
    for (int c = 0; c < 11; ++c) {
      weights[r][c] = std::exp(-((r - 5) * (r - 5) + (c - 5) * (c - 5)) / (2.0 * 1.5 * 1.5));
      total += weights[r][c];
    }
  }
  const auto weighted = [&](const auto& value) {
    double sum = 0.0;
    for (int r = 0; r < 11; ++r) {
      for (int c = 0; c < 11; ++c) sum += weights[r][c] / total * value(row + r, col + c);
    }
    return sum;
  };
  const double ma = weighted([&](int r, int c) { return double(a(r, c)); });
  const double mb = weighted([&](int r, int c) { return double(b(r, c)); });
  const double va = weighted([&](int r, int c) { return std::pow(a(r, c) - ma, 2); });
  const double vb = weighted([&](int r, int c) { return std::pow(b(r, c) - mb, 2); });
  const double cov = weighted([&](int r, int c) { return (a(r, c) - ma) * (b(r, c) - mb); });
  const double c1 = 1e-4, c2 = 9e-4;
  return (2 * ma * mb + c1) * (2 * cov + c2) / ((ma * ma + mb * mb + c1) * (va + vb + c2));
}

// image() of golden_images.py.
thz::ImageD golden_image(const GoldenImages& g, uint32_t seed, double noise) {
  uint32_t state = seed;
  thz::ImageD out(g.rows, g.cols);
  for (int r = 0; r < g.rows; ++r) {
    for (int c = 0; c < g.cols; ++c) {
      state = 1664525u * state + 1013904223u;
      const double wave = 0.5 + 0.25 * std::sin(0.31 * r + seed) + 0.25 * std::cos(0.23 * c);
      const double value =
          g.low + (g.high - g.low) * ((1 - noise) * wave + noise * (state / 4294967296.0));
      out(r, c) = g.whole ? std::floor(value) : value;
    }
  }
  return out;
}

}  // namespace

TEST_CASE("image metrics have the values of scikit-image", "[eval][ssim]") {
  for (const GoldenImages& g : kGoldenImages) {
    CAPTURE(g.name);
    const thz::ImageD a = golden_image(g, 1, g.noise_a), b = golden_image(g, 2, g.noise_b);
    const double range = g.whole ? 255.0 : std::max(1.0, g.high - g.low);
    const auto scores = score_images(a, b, range);
    // Both in double; scikit-image filters along rows first and forms moments otherwise.
    CHECK(scores.ssim == Approx(g.ssim).margin(1e-10));
    CHECK(scores.psnr_db == Approx(g.psnr_db).epsilon(1e-12));
    CHECK(scores.mse == Approx(g.mse).epsilon(1e-12));
    CHECK(scores.mae == Approx(g.mae).epsilon(1e-12));
  }
}

TEST_CASE("scores of one pair are those of its parts, and what cannot be scored is refused",
          "[eval][ssim]") {
  const ImageF a = noise_image(20, 20, 3), b = noise_image(20, 20, 4);
  const auto wide = [](const ImageF& image) {
    thz::ImageD out(image.rows, image.cols);
    std::copy(image.data.begin(), image.data.end(), out.data.begin());
    return out;
  };
  const auto scores = score_images(wide(a), wide(b), 1.0);
  CHECK(scores.ssim == ssim(a, b));
  CHECK(scores.psnr_db == Approx(psnr_db(a, b)).epsilon(1e-14));
  CHECK(scores.edge_ssim == edge_ssim(a, b));
  CHECK(scores.edge_mae == edge_mae(a, b));
  CHECK(std::isinf(score_images(wide(a), wide(a), 1.0).psnr_db));
  thz::ImageD bad = wide(a);
  bad(3, 4) = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH(score_images(bad, wide(b), 1.0), Catch::Contains("row 3, column 4"));
  CHECK_THROWS_WITH(score_images(wide(a), thz::ImageD(20, 20, 0.5), 1.0),
                    Catch::Contains("second image is 0.5 everywhere"));
  CHECK_THROWS_WITH(score_images(wide(a), thz::ImageD(20, 21, 0.5), 1.0),
                    Catch::Contains("20 x 20 and 20 x 21"));
  CHECK_THROWS_AS(score_images(wide(a), wide(b), 0.0), InputError);
}

TEST_CASE("the separable SSIM equals the direct sum over each window", "[eval][ssim]") {
  const ImageF a = noise_image(17, 23, 1), b = noise_image(17, 23, 2);
  const thz::ImageD map = ssim_map(a, b);
  REQUIRE(map.rows == 7);
  REQUIRE(map.cols == 13);
  double mean = 0.0;
  for (int r = 0; r < map.rows; ++r) {
    for (int c = 0; c < map.cols; ++c) {
      // Raw against centred moments in double: cancellation of order 1e-16 / C2.
      CHECK(map(r, c) == Approx(direct_window_ssim(a, b, r, c)).margin(1e-11));
      mean += direct_window_ssim(a, b, r, c) / (7.0 * 13.0);
    }
  }
  CHECK(ssim(a, b) == Approx(mean).margin(1e-11));
}

TEST_CASE("two constant images have the SSIM of their luminances alone", "[eval][ssim]") {
  // All variances vanish: (2 * 0.25 * 0.75 + C1) C2 / ((0.0625 + 0.5625 + C1) C2) = 0.3751 /
  // 0.6251.
  const ImageF a(16, 16, 0.25f), b(16, 16, 0.75f);
  CHECK(ssim(a, b) == Approx(0.3751 / 0.6251).epsilon(1e-9));
  CHECK(psnr_db(a, b) == Approx(10.0 * std::log10(4.0)).epsilon(1e-12));
  CHECK(ssim(a, a) == Approx(1.0).epsilon(1e-12));
  CHECK(std::isinf(psnr_db(a, a)));
}

TEST_CASE("SSIM is symmetric, one for equal images, and negative for an inverted one",
          "[eval][ssim]") {
  const ImageF a = noise_image(20, 20, 3), b = noise_image(20, 20, 4);
  CHECK(ssim(a, b) == Approx(ssim(b, a)).epsilon(1e-14));
  CHECK(ssim(a, a) == Approx(1.0).epsilon(1e-12));
  ImageF inverted = a;
  for (float& pixel : inverted.data) pixel = 1.0f - pixel;
  CHECK(ssim(a, inverted) < -0.5);
}

TEST_CASE("the Sobel magnitude of a ramp is its slope", "[eval][edges]") {
  ImageF ramp(15, 15), flat(15, 15, 0.5f);
  for (int r = 0; r < 15; ++r) {
    for (int c = 0; c < 15; ++c) ramp(r, c) = 0.05f * static_cast<float>(c);
  }
  // g_x = difference over two pixels = 0.1; magnitude 0.1 / sqrt(2).
  const ImageF edges = sobel_magnitude(ramp);
  REQUIRE(edges.rows == 13);
  for (const float g : edges.data) CHECK(g == Approx(0.1 / std::sqrt(2.0)).epsilon(1e-5));
  CHECK(edge_mae(ramp, flat) == Approx(0.1 / std::sqrt(2.0)).epsilon(1e-5));
  CHECK(edge_mae(ramp, ramp) == 0.0);
  CHECK(edge_ssim(ramp, ramp) == Approx(1.0).epsilon(1e-9));
  // Constant magnitudes m and 0: C1 / (m^2 + C1) with m^2 = 0.005.
  CHECK(edge_ssim(ramp, flat) == Approx(1e-4 / 0.0051).epsilon(1e-4));
}

TEST_CASE("a region is scored on its own pixels and windows only", "[eval][regions]") {
  const ImageF a = noise_image(32, 32, 5);
  ImageF b = a;
  for (int r = 0; r < 32; ++r) {
    for (int c = 16; c < 32; ++c) b(r, c) = 1.0f - a(r, c);
  }
  const std::vector<RegionMask> masks = {{"left", {{"", 0, 0, 32, 11}}, {}},
                                         {"right", {{"", 0, 0, 32, 32}}, {{"", 0, 0, 32, 21}}}};
  const auto scores = regional_scores(a, b, masks);
  REQUIRE(scores.size() == 2);
  // Windows centred left of column 11 end before column 16: the images are equal there.
  CHECK(scores[0].ssim == Approx(1.0).epsilon(1e-12));
  CHECK(scores[0].psnr_db == kPsnrCap_db);
  CHECK(scores[1].ssim < -0.5);
  const ImageF right_a = crop(a, 0, 21, 32, 11), right_b = crop(b, 0, 21, 32, 11);
  CHECK(scores[1].psnr_db == Approx(psnr_db(right_a, right_b)).epsilon(1e-12));
}

TEST_CASE("images that cannot be compared are refused", "[eval][errors]") {
  ImageF a(16, 16, 0.5f), other(16, 17, 0.5f), small(10, 16, 0.5f), broken = a;
  broken(3, 4) = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_AS(ssim(a, other), InputError);
  CHECK_THROWS_AS(psnr_db(a, other), InputError);
  CHECK_THROWS_AS(ssim(small, small), InputError);
  CHECK_THROWS_AS(edge_ssim(ImageF(12, 12, 0.f), ImageF(12, 12, 0.f)), InputError);
  CHECK_THROWS_WITH(ssim(a, broken), Catch::Contains("row 3, column 4"));
  CHECK_THROWS_AS(ssim(ImageF(), ImageF()), InputError);
  CHECK_THROWS_AS(regional_scores(a, a, {{"corner", {{"", 0, 0, 3, 3}}, {}}}), InputError);
  CHECK_THROWS_AS(regional_scores(a, a, {{"outside", {{"", 8, 8, 9, 4}}, {}}}), InputError);
}

TEST_CASE("regions of the face scale with the region of interest", "[eval][regions]") {
  // 5 mm a pixel by default: the right eye from 35 mm above the middle to 5 mm below it.
  const auto usual = thz::eval::face_regions();
  REQUIRE(usual.size() == 5);
  const auto& eye = usual[0].inside[0];
  CHECK(std::vector<int>{eye.row, eye.col, eye.rows, eye.cols} == std::vector<int>{25, 22, 8, 8});
  const auto& mouth = usual[3].inside[0];
  CHECK(std::vector<int>{mouth.row, mouth.col, mouth.rows, mouth.cols} ==
        std::vector<int>{40, 25, 7, 14});
  CHECK(usual[4].outside.size() == 4);
  // Half as much shown: twice the pixels.
  const auto& large = thz::eval::face_regions(128, 0.32)[2].inside[0];
  const auto& nose = usual[2].inside[0];
  CHECK(large.rows == 2 * nose.rows);
  CHECK_THROWS_AS(thz::eval::face_regions(64, 0.1), thz::InputError);
}
