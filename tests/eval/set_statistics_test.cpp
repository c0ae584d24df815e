#include "thz/eval/set_statistics.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "thz/core/error.h"
#include "thz/core/rng.h"

using namespace thz::eval;
using thz::ImageF;

namespace {

/// 0.5 + independent normals of 0.05: nothing is cut at 0 or 1.
ImageF set_noise(uint64_t entity, double sd = 0.05, double mean = 0.5) {
  thz::Rng rng(4, thz::RngPurpose::kTest, entity);
  ImageF image(64, 64);
  for (float& v : image.data) v = static_cast<float>(rng.normal(mean, sd));
  return image;
}

/// Two people, one posture, `captures` bare and concealed ones each.
Labels set_labels(int captures) {
  Labels labels;
  for (int identity = 0; identity < 2; ++identity) {
    for (int i = 0; i < 2 * captures; ++i) {
      labels.identity.push_back(identity);
      labels.posture.push_back(1);
      labels.concealed.push_back(static_cast<uint8_t>(i / captures));
    }
  }
  return labels;
}

SetStatistics statistics(const std::vector<ImageF>& images, int captures) {
  SetStatisticsOptions options;
  options.regions = {{"middle", {{"middle", 20, 20, 20, 20}}, {}}};
  return set_statistics(images, set_labels(captures), options);
}

}  // namespace

TEST_CASE("white noise has its variance in every ring, its contrast and grains of a pixel",
          "[eval][sets]") {
  std::vector<ImageF> images;
  for (uint64_t i = 0; i < 40; ++i) images.push_back(set_noise(i));
  const SetStatistics s = statistics(images, 10);
  const ConditionStatistics& bare = s.condition[0];
  CHECK(bare.images == 20);
  CHECK(bare.mean == Approx(0.5).margin(1e-3));  // 0.05 / sqrt(20 * 4096) is 2e-4
  CHECK(bare.standard_deviation == Approx(0.05).epsilon(0.02));
  REQUIRE(bare.spectrum.size() == 33);
  // Ring 0 and 1 lose to the image mean that is taken out. Ring k has some 2 pi k values a picture,
  // exponentially distributed, of which the window leaves 1 / 2.25 independent: 5 sigma of
  // sqrt(2.25 / (20 * 2 pi * 4)) is 0.34 at k = 4.
  for (std::size_t k = 4; k < 33; ++k) {
    CHECK(bare.spectrum[k] == Approx(0.0025).epsilon(0.34));
  }
  // Of independent pixels the sample deviation of 49; their mean is 0.5.
  CHECK(bare.contrast == Approx(0.1).epsilon(0.05));
  // From 1 to about 0 in one lag: 1 - 1/e of it. The 7 x 7 mean taken out moves it by 1/49.
  CHECK(bare.grain_rows_px == Approx(0.632).margin(0.04));
  CHECK(bare.grain_cols_px == Approx(0.632).margin(0.04));
  double total = 0.0;
  for (const double share : bare.histogram) total += share;
  CHECK(total == Approx(1.0));
}

TEST_CASE("grains twice as high as wide are seen as such", "[eval][sets]") {
  std::vector<ImageF> images;
  for (uint64_t i = 0; i < 8; ++i) {
    ImageF image = set_noise(i);
    for (int r = 1; r < 64; r += 2) {
      for (int c = 0; c < 64; ++c) image(r, c) = image(r - 1, c);
    }
    images.push_back(image);
  }
  const ConditionStatistics bare = statistics(images, 2).condition[0];
  // Pairs of equal rows: autocorrelation 1, 1/2, 0 down, so that 1/e is between lags 1 and 2.
  CHECK(bare.grain_rows_px == Approx(1.26).margin(0.1));
  CHECK(bare.grain_cols_px == Approx(0.632).margin(0.05));
}

TEST_CASE("equal sets do not differ, and a shift of grey is its distance", "[eval][sets]") {
  std::vector<ImageF> images, brighter, louder;
  for (uint64_t i = 0; i < 8; ++i) {
    images.push_back(set_noise(i));
    brighter.push_back(set_noise(i, 0.05, 0.625));  // 8 bins of 1/64
    louder.push_back(set_noise(i, 0.1));
  }
  const SetStatistics a = statistics(images, 2);
  const ConditionDifference none = difference(a.condition[0], a.condition[0]);
  CHECK(none.histogram_distance == 0.0);
  CHECK(none.spectrum_rms_db == 0.0);
  CHECK(none.contrast_ratio == 1.0);
  const SetStatistics b = statistics(brighter, 2);
  // Moved by whole bins, up to rounding of floats at their edges.
  CHECK(difference(a.condition[1], b.condition[1]).histogram_distance ==
        Approx(0.125).margin(1e-4));
  const ConditionDifference louder_by =
      difference(a.condition[0], statistics(louder, 2).condition[0]);
  // Twice the amplitude of the same noise, exactly.
  CHECK(louder_by.spectrum_rms_db == Approx(20.0 * std::log10(2.0)).margin(1e-3));
  CHECK(louder_by.contrast_ratio == Approx(2.0).epsilon(0.03));
}

TEST_CASE("pairs are taken within people, concealed against bare and bare against bare",
          "[eval][sets]") {
  std::vector<ImageF> images;
  for (const uint64_t key : {1, 1, 1, 2, 5, 5, 5, 5}) images.push_back(set_noise(key));
  const SetStatistics s = statistics(images, 2);
  CHECK(s.bare_bare.pairs == 2);
  CHECK(s.bare_bare.ssim == Approx(1.0));
  CHECK(s.bare_bare.psnr_db == kPsnrCap_db);
  CHECK(s.concealed_bare.pairs == 4);
  // Three equal pairs and one of independent noise.
  const double other = ssim(images[3], images[1]);
  CHECK(s.concealed_bare.ssim == Approx(0.75 + 0.25 * other));
  REQUIRE(s.concealed_bare.regions.size() == 1);
  CHECK(s.concealed_bare.regions[0].ssim < 1.0);
  const auto json = nlohmann::json::parse(comparison_json("a", s, "b", s));
  CHECK(json.at("schema") == "thzface-comparison/1");
  CHECK(json.at("difference").at("bare").at("spectrum_rms_db") == 0.0);
  CHECK(json.at("a").at("statistics").at("bare").at("histogram").size() == kGreyBins);
  CHECK_FALSE(comparison_table("a", s, "b", s).empty());
}

TEST_CASE("pictures that are not square or of several sizes have no statistics", "[eval][sets]") {
  std::vector<ImageF> images(8, ImageF(64, 64, 0.5F));
  images[3] = ImageF(64, 32, 0.5F);
  CHECK_THROWS_AS(statistics(images, 2), thz::InputError);
  images[3] = ImageF(32, 32, 0.5F);
  CHECK_THROWS_AS(statistics(images, 2), thz::InputError);
  CHECK_NOTHROW(set_statistics({}, {}, {}));
}
