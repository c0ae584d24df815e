#include "thz/eval/comparisons.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "thz/core/error.h"
#include "thz/core/rng.h"

using namespace thz::eval;
using Catch::Contains;

namespace {

ComparisonList list_of(const std::vector<double>& genuine, const std::vector<double>& impostor) {
  ComparisonList list;
  for (const double d : genuine) {
    list.distance.push_back(d);
    list.genuine.push_back(1);
  }
  for (const double d : impostor) {
    list.distance.push_back(d);
    list.genuine.push_back(0);
  }
  return list;
}

BootstrapOptions quick(int resamples = 100) {
  BootstrapOptions options;
  options.resamples = resamples;
  return options;
}

bool same(const Interval& a, const Interval& b) {
  return a.value == b.value && a.low == b.low && a.high == b.high;
}

}  // namespace

TEST_CASE("figures of nine comparisons are those worked by hand", "[eval][comparisons]") {
  const auto f =
      judge_comparisons(list_of({0.6, 0.1, 0.4, 0.2}, {0.3, 0.9, 0.5, 0.8, 0.7}), {}, quick());
  CHECK(f.genuine == 4);
  CHECK(f.impostor == 5);
  CHECK(f.identities == 0);
  // From threshold 0.4 (FMR 1/5, FNMR 1/4) to 0.5 (2/5, 1/4): they meet at 1/4.
  CHECK(f.eer.value == Approx(0.25).epsilon(1e-14));
  // Impostors above 0.6, 0.1, 0.4, 0.2: 3 + 5 + 4 + 5 of 20.
  CHECK(f.auc.value == Approx(17.0 / 20.0).epsilon(1e-14));
  // Means 0.325 and 0.64; variances 0.1475 / 4 and 0.232 / 5.
  CHECK(f.d_prime.value ==
        Approx(0.315 / std::sqrt(0.5 * (0.1475 / 4 + 0.232 / 5))).epsilon(1e-13));
  CHECK(f.curve.size() == 10);
}

TEST_CASE("a tie of genuine and impostor counts half in the area", "[eval][comparisons]") {
  // 0.1 lies before both; 0.5 ties with one and lies before the other: 3.5 of 4.
  const auto f = judge_comparisons(list_of({0.5, 0.1}, {0.5, 0.9}), {}, quick());
  CHECK(f.auc.value == Approx(0.875).epsilon(1e-14));
  const auto apart = judge_comparisons(list_of({1.0, 1.0}, {2.0, 2.0}), {}, quick());
  CHECK(apart.auc.value == 1.0);
  CHECK(apart.eer.value == 0.0);
  CHECK(std::isnan(apart.d_prime.value));  // nothing to measure the difference by
  const auto reversed = judge_comparisons(list_of({2.0, 3.0}, {1.0, 0.0}), {}, quick());
  CHECK(reversed.auc.value == 0.0);
  CHECK(reversed.eer.value == 1.0);
  CHECK(reversed.d_prime.value == Approx(-4.0));  // 2 apart, standard deviations 1/2
}

TEST_CASE("the false non-match rate at a false match rate is that worked by hand",
          "[eval][comparisons]") {
  std::vector<double> impostor;
  for (int k = 1; k <= 300; ++k) impostor.push_back(k);
  const auto f =
      judge_comparisons(list_of({10.5, 29.5, 30.5, 100.0}, impostor), {0.1, 0.05, 0.5}, quick());
  // A tenth of 300 admits 1 to 30, so everything below 31: three of four genuine.
  const FnmrAtFmr& tenth = f.fnmr_at_fmr[0];
  CHECK(tenth.fnmr.value == Approx(0.25).epsilon(1e-14));
  CHECK(tenth.threshold == 30.5);
  CHECK(tenth.point.false_matches == 30);
  CHECK(tenth.point.false_non_matches == 1);
  CHECK_FALSE(tenth.point.refused);
  // 15 false matches do not place a threshold.
  CHECK(f.fnmr_at_fmr[1].point.refused);
  CHECK(std::isnan(f.fnmr_at_fmr[1].fnmr.value));
  CHECK(f.fnmr_at_fmr[2].fnmr.value == 0.0);
}

TEST_CASE("comparisons with identities have the intervals of the score table they come from",
          "[eval][comparisons]") {
  thz::Rng rng(11, thz::RngPurpose::kTest);
  MatrixF embeddings(60, 4);
  Labels labels;
  for (int r = 0; r < 60; ++r) {
    for (int c = 0; c < 4; ++c) {
      embeddings(r, c) = static_cast<float>((r % 6 == c ? 1.0 : 0.0) + rng.normal());
    }
    labels.identity.push_back(r % 6);
    labels.posture.push_back(0);
    labels.concealed.push_back(static_cast<uint8_t>(r / 30));
  }
  const ScoreTable table = score_embeddings(embeddings, labels);
  const auto roc = bootstrap_roc(table, PostureRule::kSame, {0.1}, quick(200));
  const ComparisonList list = comparisons_of(table, PostureRule::kSame);
  REQUIRE(list.distance.size() == 900);
  const auto f = judge_comparisons(list, {0.1}, quick(200));
  CHECK(f.identities == 6);
  CHECK(same(f.eer, roc.eer));
  CHECK(f.fnmr_at_fmr[0].fnmr.value ==
        Approx(1.0 - tar_at_far(pair_scores(table, PostureRule::kSame), 0.1).tar).epsilon(1e-14));
  // One draw serves both sides of a person, so the interval is far wider than that of 900
  // comparisons taken for independent.
  ComparisonList anonymous = list;
  anonymous.identity.clear();
  anonymous.gallery_identity.clear();
  const auto naive = judge_comparisons(anonymous, {0.1}, quick(200));
  CHECK(naive.eer.value == f.eer.value);
  CHECK(naive.eer.high - naive.eer.low < 0.8 * (f.eer.high - f.eer.low));
}

TEST_CASE("the interval of the area has DeLong's width", "[eval][comparisons][statistics]") {
  thz::Rng rng(12, thz::RngPurpose::kTest);
  std::vector<double> genuine, impostor;
  for (int k = 0; k < 150; ++k) genuine.push_back(rng.normal());
  for (int k = 0; k < 400; ++k) impostor.push_back(1.2 + rng.normal());
  const auto f = judge_comparisons(list_of(genuine, impostor), {}, quick(2000));
  // DeLong, DeLong, Clarke-Pearson, Biometrics 44, 837 (1988): variances of the placements.
  const auto placement_variance = [](const std::vector<double>& of,
                                     const std::vector<double>& among, double sign) {
    double sum = 0.0, squares = 0.0;
    for (const double d : of) {
      double share = 0.0;
      for (const double other : among) share += sign * (other - d) > 0.0 ? 1.0 : 0.0;
      share /= static_cast<double>(among.size());
      sum += share;
      squares += share * share;
    }
    const auto n = static_cast<double>(of.size());
    return (squares / n - (sum / n) * (sum / n)) / (n - 1.0);
  };
  const double sd = std::sqrt(placement_variance(genuine, impostor, 1.0) +
                              placement_variance(impostor, genuine, -1.0));
  // Phi(1.2 / sqrt 2) = 0.802; four standard errors of this very sample.
  CHECK(f.auc.value == Approx(0.802).margin(4 * sd));
  // 2000 resamples know a quantile of a normal to 4 %.
  CHECK(f.auc.high - f.auc.low == Approx(2 * 1.96 * sd).epsilon(0.1));
  // Sample means and variances: d' within four standard errors, about sqrt(1/150 + 1/400) each.
  CHECK(f.d_prime.value == Approx(1.2).margin(0.45));
  BootstrapOptions one = quick(2000);
  one.threads = 1;
  CHECK(same(judge_comparisons(list_of(genuine, impostor), {}, one).auc, f.auc));
}

TEST_CASE("lists that cannot be judged are refused", "[eval][comparisons]") {
  const auto refused = [](const ComparisonList& list, const std::string& what) {
    CHECK_THROWS_WITH(judge_comparisons(list, {}, quick()), Contains(what));
  };
  refused(list_of({0.1, 0.2}, {}), "found 2 and 0");
  refused(list_of({}, {0.1}), "found 0 and 1");
  refused(list_of({0.5, 0.5}, {0.5}), "all 3 comparisons have the score 0.5");
  ComparisonList list = list_of({0.1}, {0.2});
  list.genuine.push_back(1);
  refused(list, "2 scores have 3 labels");
  list = list_of({0.1}, {std::numeric_limits<double>::quiet_NaN()});
  refused(list, "comparison 1 has the score nan");
  list = list_of({0.1}, {0.2});
  list.genuine[1] = 2;
  refused(list, "label 2");
  list.genuine[1] = 0;
  list.identity = {4, 5};
  list.gallery_identity = {4, 5};
  refused(list, "comparison 1 is labelled an impostor");
  CHECK_THROWS_AS(judge_comparisons(list_of({0.1}, {0.2}), {1.0}, quick()), thz::InputError);
  CHECK_THROWS_AS(judge_comparisons(list_of({0.1}, {0.2}), {}, quick(10)), thz::InputError);
}
