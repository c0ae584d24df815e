#include "thz/eval/baselines.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <string>

#include "eval/test_images.h"
#include "thz/core/error.h"
#include "thz/core/version.h"
#include "thz/eval/image_metrics.h"

using thz::ImageF;
using thz::InputError;
using namespace thz::eval;
using thz::eval::testing::crop;
using thz::eval::testing::noise_image;

namespace {

// The largest SSIM over shifts, each overlap cropped out of both images and scored by ssim().
double direct_template(const ImageF& probe, const ImageF& gallery, int shift) {
  double best = -1.0;
  for (int dy = -shift; dy <= shift; ++dy) {
    for (int dx = -shift; dx <= shift; ++dx) {
      const int rows = probe.rows - std::abs(dy), cols = probe.cols - std::abs(dx);
      const ImageF a = crop(probe, std::max(0, -dy), std::max(0, -dx), rows, cols);
      const ImageF b = crop(gallery, std::max(0, dy), std::max(0, dx), rows, cols);
      best = std::max(best, ssim(a, b));
    }
  }
  return best;
}

const Labels kFour = {{1, 2, 1, 2}, {0, 0, 0, 0}, {1, 1, 0, 0}, {}};

}  // namespace

TEST_CASE("template matching equals SSIM of every cropped overlap", "[eval][template]") {
  std::vector<ImageF> images;
  for (uint64_t k = 0; k < 4; ++k) images.push_back(noise_image(18, 20, 40 + k));
  for (const int shift : {0, 2}) {
    const ScoreTable table = template_scores(images, kFour, {0, 1}, {2, 3}, {shift, 1});
    for (int p = 0; p < 2; ++p) {
      for (int g = 0; g < 2; ++g) {
        const double direct =
            1.0 - direct_template(images[std::size_t(p)], images[std::size_t(2 + g)], shift);
        // Float moments against the stabiliser C2 = 9e-4: some 1e-7 / 1e-3.
        CHECK(table.distance(p, g) == Approx(direct).margin(1e-4));
      }
    }
  }
}

TEST_CASE("template matching finds a shifted copy and no other", "[eval][template]") {
  const ImageF large = noise_image(40, 40, 50);
  std::vector<ImageF> images = {crop(large, 4, 4, 32, 32), noise_image(32, 32, 51),
                                crop(large, 1, 8, 32, 32), noise_image(32, 32, 52)};
  const ScoreTable table = template_scores(images, kFour, {0, 1}, {2, 3}, {4, 0});
  CHECK(table.distance(0, 0) < 1e-4);
  CHECK(table.distance(0, 1) > 0.5);
  CHECK(table.distance(1, 0) > 0.5);
  // Out of reach of three pixels: the shift is 3 rows and 4 columns.
  CHECK(template_scores(images, kFour, {0}, {2}, {3, 0}).distance(0, 0) > 0.5);
}

TEST_CASE("every instruction set finds the same template scores", "[eval][template]") {
  // 37 columns: no multiple of any width of vectors.
  std::vector<ImageF> images;
  for (uint64_t k = 0; k < 4; ++k) images.push_back(noise_image(30, 37, 80 + k));
  const char* before = std::getenv("THZ_SIMD");
  const std::string kept = before == nullptr ? "" : before;
  const std::string best = thz::instruction_set();
  setenv("THZ_SIMD", "sse2", 1);
  const ScoreTable plain = template_scores(images, kFour, {0, 1}, {2, 3}, {4, 1});
  for (const std::string set : {"avx2", "avx512"}) {
    if (best == "sse2" || (set == "avx512" && best != "avx512")) continue;
    setenv("THZ_SIMD", set.c_str(), 1);
    const ScoreTable wide = template_scores(images, kFour, {0, 1}, {2, 3}, {4, 1});
    // Products rounded once or twice: 1e-7 over C2 = 9e-4, averaged over hundreds of windows.
    CHECK((wide.distance - plain.distance).cwiseAbs().maxCoeff() < 1e-5);
  }
  setenv("THZ_SIMD", kept.c_str(), 1);  // empty: the best there is
  for (int p = 0; p < 2; ++p) {
    const double direct = 1.0 - direct_template(images[std::size_t(p)], images[2], 4);
    CHECK(plain.distance(p, 0) == Approx(direct).margin(1e-4));
  }
}

TEST_CASE("template scores do not depend on the number of threads", "[eval][template]") {
  std::vector<ImageF> images;
  for (uint64_t k = 0; k < 4; ++k) images.push_back(noise_image(24, 24, 60 + k));
  const auto one = template_scores(images, kFour, {0, 1}, {2, 3}, {4, 1});
  const auto two = template_scores(images, kFour, {0, 1}, {2, 3}, {4, 2});
  CHECK((one.distance.array() == two.distance.array()).all());
}

TEST_CASE("the posture mean takes unconcealed images of the posture among the rows only",
          "[eval][baseline]") {
  const std::vector<ImageF> images = {ImageF(2, 2, 0.0f), ImageF(2, 2, 0.25f), ImageF(2, 2, 0.75f),
                                      ImageF(2, 2, 1.0f), ImageF(2, 2, 0.9f)};
  const Labels labels = {{1, 1, 2, 2, 3}, {0, 0, 0, 1, 0}, {1, 0, 0, 0, 0}, {}};
  const ImageF mean = posture_mean_image(images, labels, {0, 1, 2, 3}, 0);
  for (const float pixel : mean.data) CHECK(pixel == 0.5f);
  CHECK_THROWS_AS(posture_mean_image(images, labels, {0, 3}, 0), InputError);
}

TEST_CASE("template matching refuses what it cannot score and stops when told", "[eval][errors]") {
  const std::vector<ImageF> images(4, noise_image(14, 14, 70));
  CHECK_THROWS_AS(template_scores(images, kFour, {0}, {2}, {4, 1}), InputError);
  CHECK_THROWS_AS(template_scores(images, kFour, {0}, {7}, {1, 1}), InputError);
  CHECK_THROWS_AS(template_scores(images, kFour, {0}, {2}, {17, 1}), InputError);
  thz::CancelToken cancel;
  cancel.request();
  CHECK_THROWS_AS(template_scores(images, kFour, {0}, {2}, {1, 1}, {}, &cancel), thz::Cancelled);
}

// Not run with the others: `thz_eval_tests "[bench]"`.
TEST_CASE("time of 50 probes against 50 images at 64 x 64 and 81 shifts", "[.][bench]") {
  std::vector<ImageF> images;
  Labels labels;
  std::vector<int> probes, gallery;
  for (int k = 0; k < 100; ++k) {
    images.push_back(noise_image(64, 64, static_cast<uint64_t>(100 + k)));
    labels.identity.push_back(k % 10);
    labels.posture.push_back(k / 10 % 5);
    labels.concealed.push_back(static_cast<uint8_t>(k < 50));
    (k < 50 ? probes : gallery).push_back(k);
  }
  for (const int threads : {1, 2}) {
    const auto start = std::chrono::steady_clock::now();
    const ScoreTable table = template_scores(images, labels, probes, gallery, {4, threads});
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    WARN(threads << " threads: " << seconds.count() << " s for " << table.distance.size()
                 << " pairs");
  }
}
