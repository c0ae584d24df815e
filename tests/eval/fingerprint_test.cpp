#include "thz/eval/fingerprint.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "eval/test_images.h"
#include "thz/core/error.h"

using namespace thz;
using namespace thz::eval;
using thz::eval::testing::noise_image;

namespace {

constexpr int kSide = 14;  // the window and three places for it

struct Set {
  std::vector<ImageF> images;
  Labels labels;
};

/// Noise, other in every capture, and `trace` of a pattern that belongs to the person in the
/// conditions chosen.
Set make_set(uint64_t number, int people, float bare_trace, float concealed_trace) {
  Set set;
  uint64_t capture = 1000 * number;
  for (int person = 0; person < people; ++person) {
    const ImageF own = noise_image(kSide, kSide, 900000 + static_cast<uint64_t>(person));
    for (const uint8_t concealed : {uint8_t{0}, uint8_t{1}}) {
      for (int shot = 0; shot < 2; ++shot) {
        ImageF image = noise_image(kSide, kSide, ++capture);
        const float trace = concealed != 0 ? concealed_trace : bare_trace;
        for (std::size_t i = 0; i < image.size(); ++i) {
          image.data[i] = (1.0f - trace) * image.data[i] + trace * own.data[i];
        }
        set.images.push_back(std::move(image));
        set.labels.identity.push_back(person);
        set.labels.posture.push_back(0);
        set.labels.concealed.push_back(concealed);
      }
    }
  }
  return set;
}

FingerprintAudit audit_of(const Set& set) {
  FingerprintOptions options;
  options.template_shift_px = 0;
  options.resamples = 500;
  return audit_fingerprint(set.images, set.labels, options);
}

}  // namespace

TEST_CASE("captures without a person in them pass as often as their intervals promise",
          "[eval][fingerprint]") {
  constexpr int kSets = 100;
  int failed = 0;
  for (int n = 1; n <= kSets; ++n) {
    const FingerprintAudit audit = audit_of(make_set(static_cast<uint64_t>(n), 8, 0.0f, 0.0f));
    REQUIRE(audit.figures.size() == 3);
    CHECK(audit.figures[0].coverage == 0.95);
    CHECK(audit.figures[1].coverage == Approx(0.975));
    failed += audit.passed() ? 0 : 1;
  }
  // At most 5 % for the first figure and 5 % for the other two: a binomial of 10 in 100 exceeds 20
  // once in a thousand times.
  CHECK(failed <= 20);
}

TEST_CASE("a trace of the person in every capture is found", "[eval][fingerprint]") {
  const FingerprintAudit audit = audit_of(make_set(7, 8, 0.4f, 0.4f));
  CHECK_FALSE(audit.passed());
  REQUIRE(audit.figures.size() == 3);
  CHECK(audit.figures[0].probe == "concealed");
  CHECK(audit.figures[0].gallery == "bare");
  for (const FingerprintFigure& figure : audit.figures) {
    CHECK(figure.accuracy.low > 0.5);
    CHECK_FALSE(figure.holds_chance());
  }
  // 8 people x 2 probes x 2 positives x 14 negatives, and with one positive less within a kind.
  CHECK(audit.figures[0].triplets == 8 * 2 * 2 * 14);
  CHECK(audit.figures[1].triplets == 8 * 2 * 1 * 14);
  const auto json = nlohmann::json::parse(to_json(audit));
  CHECK(json.at("passed") == false);
  CHECK(json.at("figures").size() == 3);
  CHECK_THAT(audit_table(audit), Catch::Contains("FAILED") && Catch::Contains("lies outside"));
}

TEST_CASE("a trace in one condition alone does not hide behind the other", "[eval][fingerprint]") {
  const FingerprintAudit audit = audit_of(make_set(8, 8, 0.0f, 0.5f));
  REQUIRE(audit.figures.size() == 3);
  CHECK(audit.figures[2].probe == "concealed");
  CHECK(audit.figures[2].gallery == "concealed");
  CHECK_FALSE(audit.figures[2].holds_chance());
  CHECK_FALSE(audit.passed());
}

TEST_CASE("an audit that could not say anything is refused", "[eval][fingerprint]") {
  CHECK_THROWS_WITH(audit_of(make_set(1, 2, 0.0f, 0.0f)), Catch::Contains("at least 3"));
  Set bare = make_set(1, 4, 0.0f, 0.0f);
  std::fill(bare.labels.concealed.begin(), bare.labels.concealed.end(), uint8_t{0});
  CHECK_THROWS_WITH(audit_of(bare), Catch::Contains("no triplet of concealed"));
  bare.images.pop_back();
  CHECK_THROWS_AS(audit_of(bare), InputError);
}
