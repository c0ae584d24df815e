#include "thz/eval/calibration.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "thz/core/error.h"
#include "thz/core/rng.h"

using namespace thz::eval;

namespace {

/// Genuine distances N(1, 1), impostor ones N(3, 1): the ln LR is 4 - 2 d.
PairScores two_normals(int each) {
  PairScores scores;
  thz::Rng rng(4, thz::RngPurpose::kTest, 1);
  for (int k = 0; k < each; ++k) {
    scores.genuine.push_back(1.0 + rng.normal());
    scores.impostor.push_back(3.0 + rng.normal());
  }
  return scores;
}

}  // namespace

TEST_CASE("the cost of likelihood ratios has the values worked by hand", "[eval][cllr]") {
  CHECK(cllr({0.0}, {0.0}) == Approx(1.0));
  const double three = std::log(3.0);
  CHECK(cllr({three}, {-three}) == Approx(std::log2(4.0 / 3.0)));
  // Sure of the wrong: log2(1 + e^100) = 100 / ln 2 on one side, nothing on the other.
  CHECK(cllr({-100.0}, {-100.0}) == Approx(50.0 / std::log(2.0)));
}

TEST_CASE("the least cost pools what stands the wrong way round", "[eval][cllr]") {
  CHECK(minimum_cllr({{1.0, 2.0}, {3.0, 4.0}}) == Approx(0.0).margin(1e-12));
  CHECK(minimum_cllr({{1.0, 1.0}, {1.0}}) == Approx(1.0));
  // Impostor 2 and genuine 3 share a block of ratio 1, half of either kind: 0.5 (0.5 + 0.5).
  CHECK(minimum_cllr({{1.0, 3.0}, {2.0, 4.0}}) == Approx(0.5));
  // The wrong way round: everything is one block.
  CHECK(minimum_cllr({{3.0, 4.0}, {1.0, 2.0}}) == Approx(1.0));
  CHECK_THROWS_AS(minimum_cllr({{}, {1.0}}), thz::InputError);
}

TEST_CASE("logistic regression finds the likelihood ratio of two normals", "[eval][cllr]") {
  const PairScores scores = two_normals(20000);
  const AffineCalibration map = calibrate_scores(scores);
  // Standard errors of both are some 0.03; the penalty takes off 0.1 %.
  CHECK(map.slope == Approx(-2.0).margin(0.1));
  CHECK(map.offset == Approx(4.0).margin(0.2));
  std::vector<double> genuine, impostor;
  for (const double d : scores.genuine) genuine.push_back(map.offset + map.slope * d);
  for (const double d : scores.impostor) impostor.push_back(map.offset + map.slope * d);
  const double calibrated = cllr(genuine, impostor), least = minimum_cllr(scores);
  CHECK(least <= calibrated);
  CHECK(calibrated - least < 0.01);  // an affine map is the right one here
}

TEST_CASE("kinds that do not overlap are calibrated to a finite map", "[eval][cllr]") {
  const AffineCalibration map = calibrate_scores({{0.1, 0.2}, {5.0, 5.1}});
  CHECK(std::isfinite(map.offset));
  CHECK(map.slope < -1.0);
  CHECK(map.offset + map.slope * 0.2 > 2.0);
  CHECK(map.offset + map.slope * 5.0 < -2.0);
}

TEST_CASE("calibration on other persons undoes a shift of the distances", "[eval][cllr]") {
  // Twenty persons, two probes and one gallery image each; distances shifted by 10.
  ScoreTable table;
  for (int k = 0; k < 20; ++k) {
    for (int probe = 0; probe < 2; ++probe) table.probe.identity.push_back(k);
    table.gallery.identity.push_back(k);
  }
  for (Labels* side : {&table.probe, &table.gallery}) {
    side->posture.assign(side->identity.size(), 0);
    side->concealed.assign(side->identity.size(), 0);
  }
  table.distance = MatrixD(40, 20);
  thz::Rng rng(5, thz::RngPurpose::kTest, 2);
  for (int p = 0; p < 40; ++p) {
    for (int g = 0; g < 20; ++g) table.distance(p, g) = (p / 2 == g ? 11.0 : 13.0) + rng.normal();
  }
  BootstrapOptions options;
  options.resamples = 200;
  const CalibrationSummary found = judge_calibration(table, PostureRule::kAny, options);
  CHECK(found.raw > 5.0);
  CHECK(found.calibrated.value < 0.7);
  CHECK(found.calibrated.low < found.calibrated.value);
  CHECK(found.calibrated.high > found.calibrated.value);
  CHECK(found.minimum < found.calibrated.value);
  // Three persons: a half has one only, and no impostor pair.
  const ScoreTable few{{{0, 1, 2}, {0, 0, 0}, {0, 0, 0}, {}},
                       {{0, 1, 2}, {0, 0, 0}, {0, 0, 0}, {}},
                       MatrixD::Random(3, 3)};
  CHECK(std::isnan(judge_calibration(few, PostureRule::kAny, options).calibrated.value));
}
