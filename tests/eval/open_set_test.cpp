#include "thz/eval/open_set.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "eval/synthetic_predictions.h"
#include "thz/core/error.h"

using namespace thz::eval;

namespace {

BootstrapOptions hundred_resamples() {
  BootstrapOptions options;
  options.resamples = 100;
  return options;
}

/// Three persons, one probe and one gallery image each.
ScoreTable three_by_three() {
  ScoreTable table{
      {{1, 2, 3}, {0, 0, 0}, {1, 1, 1}, {}}, {{1, 2, 3}, {0, 0, 0}, {0, 0, 0}, {}}, MatrixD(3, 3)};
  table.distance << 0.10, 0.50, 0.60,  //
      0.40, 0.20, 0.70,                //
      0.30, 0.80, 0.35;
  return table;
}

}  // namespace

TEST_CASE("open-set searches keep the nearest own and the nearest other image", "[eval][open]") {
  const OpenSetSearches s = open_set_searches(three_by_three(), PostureRule::kAny);
  CHECK(s.identity == std::vector<int32_t>{1, 2, 3});
  CHECK(s.own == std::vector<double>{0.10, 0.20, 0.35});
  CHECK(s.other == std::vector<double>{0.50, 0.40, 0.30});
}

TEST_CASE("misses at a false positive identification rate are those counted by hand",
          "[eval][open]") {
  const OpenSetSearches s = open_set_searches(three_by_three(), PostureRule::kAny);
  const OpenSetSummary found = judge_open_set(s, {0.05, 0.34, 0.67}, hundred_resamples());
  CHECK(found.mated == 3);
  CHECK(found.non_mated == 3);
  // None of three searches may return anybody: below 0.30, where person 3 is missed.
  CHECK(found.points[0].false_positives == 0);
  CHECK(found.points[0].false_negatives == 1);
  // One of three may: below 0.40. Person 3 is within it, but person 1 stands before.
  CHECK(found.points[1].false_positives == 1);
  CHECK(found.points[1].fnir.value == Approx(1.0 / 3.0));
  CHECK(found.points[2].false_positives == 2);
  for (const OpenSetPoint& point : found.points) CHECK(point.refused);
}

TEST_CASE("a miss is a distance beyond the threshold, too", "[eval][open]") {
  OpenSetSearches s;
  for (int k = 0; k < 100; ++k) {
    s.identity.push_back(k / 10);
    s.other.push_back(1.0 + 0.01 * k);
    s.own.push_back(k < 25 ? 1.4 : 0.5);  // right behind, and far before
  }
  const OpenSetSummary found = judge_open_set(s, {0.3, 0.5}, hundred_resamples());
  // Thirty searches lie below 1.30; the 25 own images at 1.4 are beyond it.
  CHECK(found.points[0].false_positives == 30);
  CHECK_FALSE(found.points[0].refused);
  CHECK(found.points[0].fnir.value == Approx(0.25));
  CHECK(found.points[0].fnir.low < 0.25);
  CHECK(found.points[0].fnir.high > 0.25);
  // Below 1.50 they are within it, but their rivals at 1.00 to 1.24 stand before.
  CHECK(found.points[1].fnir.value == Approx(0.25));
}

TEST_CASE("with every search admitted a miss is a lost first rank", "[eval][open]") {
  const Predictions p = thz::eval::testing::synthetic_predictions(8);
  const ScoreTable table = score_embeddings(p.embeddings, p.labels.subset(p.test_rows));
  const Identification ranks = identify(table, PostureRule::kSame);
  OpenSetSearches s = open_set_searches(table, PostureRule::kSame);
  // One search with a far rival, so that the threshold lies beyond all others.
  s.identity.push_back(99);
  s.own.push_back(std::nan(""));
  s.other.push_back(10.0);
  const OpenSetSummary found = judge_open_set(s, {0.999}, hundred_resamples());
  CHECK(found.mated + 1 == found.non_mated);
  CHECK(found.points[0].fnir.value == Approx(1.0 - ranks.cmc[0]));
}

TEST_CASE("rates of an open set outside of 0 to 1 are refused", "[eval][open][errors]") {
  const OpenSetSearches s = open_set_searches(three_by_three(), PostureRule::kAny);
  CHECK_THROWS_AS(judge_open_set(s, {0.0}, hundred_resamples()), thz::InputError);
  CHECK_THROWS_AS(judge_open_set(s, {1.0}, hundred_resamples()), thz::InputError);
}
