#include "thz/eval/bootstrap.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "thz/core/error.h"
#include "thz/core/rng.h"

using namespace thz::eval;
using thz::Rng;
using thz::RngPurpose;

namespace {

BootstrapOptions options_of(uint64_t seed, int resamples) {
  BootstrapOptions options;
  options.seed = seed;
  options.resamples = resamples;
  options.threads = 2;
  return options;
}

bool holds(const Interval& interval, double truth) {
  return interval.low <= truth && truth <= interval.high;
}

// Pairs x_ij = a_i + b_j + e_ij of mean 0 over i != j; b = a when one trait serves both sides.
Interval pair_interval(uint64_t trial, int identities, bool one_trait, bool independent_sides) {
  Rng rng(31, RngPurpose::kTest, trial, one_trait ? 1 : 0);
  std::vector<double> a, b;
  for (int i = 0; i < identities; ++i) {
    a.push_back(rng.normal());
    b.push_back(one_trait ? a.back() : rng.normal());
  }
  MatrixD sums = MatrixD::Zero(identities, identities);
  MatrixD counts = MatrixD::Ones(identities, identities);
  counts.diagonal().setZero();
  for (int i = 0; i < identities; ++i) {
    for (int j = 0; j < identities; ++j) {
      if (i != j) sums(i, j) = a[std::size_t(i)] + b[std::size_t(j)] + rng.normal();
    }
  }
  BootstrapOptions options = options_of(trial, 400);
  options.independent_sides = independent_sides;
  return bootstrap_pairs(sums, counts, options);
}

int covered_pairs(int trials, bool one_trait, bool independent_sides) {
  int covered = 0;
  for (int t = 0; t < trials; ++t) {
    covered += holds(pair_interval(uint64_t(t), 40, one_trait, independent_sides), 0.0) ? 1 : 0;
  }
  return covered;
}

}  // namespace

TEST_CASE("intervals of a mean hold the truth in 95 of 100 trials",
          "[eval][bootstrap][statistics]") {
  // 60 identities with a trait of their own (sd 1) and 5 noisy cases each.
  constexpr int trials = 400;
  int covered = 0;
  for (uint64_t t = 0; t < trials; ++t) {
    Rng rng(30, RngPurpose::kTest, t);
    std::vector<double> sums, counts;
    for (int i = 0; i < 60; ++i) {
      const double trait = 3.0 + rng.normal();
      double sum = 0.0;
      for (int k = 0; k < 5; ++k) sum += trait + rng.normal();
      sums.push_back(sum);
      counts.push_back(5.0);
    }
    covered += holds(bootstrap_mean(sums, counts, options_of(t, 500)), 3.0) ? 1 : 0;
  }
  // Binomial(400, 0.95): 380 +/- 4.4; three of these.
  CHECK(covered >= 380 - 14);
  CHECK(covered <= 380 + 14);
}

TEST_CASE("two-way intervals hold the truth, also when one trait acts on both sides",
          "[eval][bootstrap][statistics]") {
  constexpr int trials = 300;
  // Binomial(300, 0.95): 285 +/- 3.8; three of these, and 1 % that 400 resamples place the limits
  // badly.
  CHECK(covered_pairs(trials, true, false) >= 285 - 3 - 12);
  CHECK(covered_pairs(trials, false, false) >= 285 - 3 - 12);
  CHECK(covered_pairs(trials, false, true) >= 285 - 3 - 12);
  // The reason for the default: independent draws miss the covariance of the sides, half the
  // variance, and so cover only 2 Phi(1.96 / sqrt 2) - 1 = 83 % (250).
  CHECK(covered_pairs(trials, true, true) < 285 - 12);
}

TEST_CASE("resampling identities widens an interval over correlated cases", "[eval][bootstrap]") {
  // Ten identities, each wholly right or wrong: sd of the mean sqrt(0.5 * 0.5 / 10) = 0.158.
  std::vector<double> values;
  std::vector<int32_t> identity;
  for (int i = 0; i < 10; ++i) {
    for (int k = 0; k < 100; ++k) {
      values.push_back(i % 2);
      identity.push_back(i);
    }
  }
  const Interval interval = bootstrap_mean_by_identity(values, identity, options_of(1, 4000));
  CHECK(interval.value == 0.5);
  // t(9) = 2.262 times sqrt(10/9) is 2.385 sd: 0.5 -+ 0.377, on the steps of 0.1 that ten people
  // leave.
  CHECK(interval.low == Approx(0.123).margin(0.051));
  CHECK(interval.high == Approx(0.877).margin(0.051));
}

TEST_CASE("intervals depend on the seed, not on the threads", "[eval][bootstrap]") {
  std::vector<double> sums, counts(20, 1.0);
  Rng rng(5, RngPurpose::kTest);
  for (int i = 0; i < 20; ++i) sums.push_back(rng.normal());
  BootstrapOptions options = options_of(1, 2000);
  const Interval two = bootstrap_mean(sums, counts, options);
  options.threads = 1;
  const Interval one = bootstrap_mean(sums, counts, options);
  CHECK(one.low == two.low);
  CHECK(one.high == two.high);
  options.seed = 2;
  CHECK(bootstrap_mean(sums, counts, options).low != one.low);
}

TEST_CASE("one identity has no interval, and NaN values do not count", "[eval][bootstrap]") {
  const Interval one = bootstrap_mean({3.0}, {4.0}, options_of(1, 200));
  CHECK(one.value == 0.75);
  CHECK(std::isnan(one.low));
  CHECK(bootstrap_mean_by_identity({1.0, std::nan(""), 0.0}, {1, 2, 3}, options_of(1, 200)).value ==
        0.5);
  CHECK_THROWS_AS(bootstrap_mean({1.0, 2.0}, {1.0, 1.0}, options_of(1, 10)), thz::InputError);
}

TEST_CASE("error rates with unit weights equal those of the plain curve", "[eval][bootstrap]") {
  Rng rng(6, RngPurpose::kTest);
  ScoreTable table;
  constexpr int n = 30;
  for (int r = 0; r < n; ++r) {
    for (Labels* side : {&table.probe, &table.gallery}) {
      side->identity.push_back(r / 3);
      side->posture.push_back(0);
      side->concealed.push_back(side == &table.probe);
    }
  }
  table.distance.resize(n, n);
  for (int p = 0; p < n; ++p) {
    for (int g = 0; g < n; ++g) table.distance(p, g) = rng.normal() + (p / 3 == g / 3 ? 0.0 : 1.5);
  }
  const auto roc = bootstrap_roc(table, PostureRule::kSame, {0.01, 0.1, 1.0}, options_of(1, 500));
  const auto scores = pair_scores(table, PostureRule::kSame);
  CHECK(roc.eer.value == equal_error_rate(roc_curve(scores)));
  CHECK(roc.eer.low < roc.eer.value);
  CHECK(roc.eer.high > roc.eer.value);
  CHECK(roc.tar[2].value == 1.0);
  CHECK(roc.tar[2].low == 1.0);
  CHECK(roc.tar[0].value <= roc.tar[1].value);
  // Within one impostor step of the strict operating point.
  CHECK(roc.tar[1].value == Approx(tar_at_far(scores, 0.1).tar).margin(0.03));
}

TEST_CASE("embeddings without information verify at chance within their interval",
          "[eval][bootstrap][statistics]") {
  // Twelve identities, five postures, both conditions, embeddings of pure noise.
  constexpr int trials = 200, identities = 12, postures = 5;
  int covered = 0;
  for (uint64_t t = 0; t < trials; ++t) {
    Rng rng(33, RngPurpose::kTest, t);
    Labels labels;
    for (int r = 0; r < identities * postures * 2; ++r) {
      labels.identity.push_back(r / (2 * postures));
      labels.posture.push_back(r / 2 % postures);
      labels.concealed.push_back(static_cast<uint8_t>(r % 2));
    }
    MatrixF embeddings(static_cast<Eigen::Index>(labels.size()), 16);
    for (Eigen::Index k = 0; k < embeddings.size(); ++k) {
      embeddings.data()[k] = static_cast<float>(rng.normal());
    }
    const TripletCounts counts =
        count_triplets(score_embeddings(embeddings, labels), PostureRule::kSame);
    covered += holds(bootstrap_triplets(counts, options_of(t, 300)), 0.5) ? 1 : 0;
  }
  // Binomial(200, 0.95): 190 +/- 3.1; three of these.
  CHECK(covered >= 190 - 9);
}
