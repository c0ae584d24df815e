#include "thz/eval/person_draws.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "eval/synthetic_predictions.h"
#include "thz/core/error.h"

using namespace thz::eval;
using thz::eval::testing::synthetic_predictions;

namespace {

ScoreTable synthetic_scores(int identities) {
  const Predictions p = synthetic_predictions(identities);
  return score_embeddings(p.embeddings, p.labels.subset(p.test_rows));
}

BootstrapOptions few_resamples() {
  BootstrapOptions options;
  options.resamples = 300;
  return options;
}

MatrixF random_table(int rows, int cols, uint64_t stream) {
  MatrixF m(rows, cols);
  thz::Rng rng(9, thz::RngPurpose::kTest, stream);
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < cols; ++j) m(i, j) = static_cast<float>(rng.normal());
  }
  return m;
}

/// The rows `which` of m, in that order.
MatrixF rows_of(const MatrixF& m, const std::vector<int>& which) {
  MatrixF out(static_cast<Eigen::Index>(which.size()), m.cols());
  for (std::size_t i = 0; i < which.size(); ++i) {
    out.row(static_cast<Eigen::Index>(i)) = m.row(which[i]);
  }
  return out;
}

}  // namespace

TEST_CASE("an equal error rate under weights is the one worked by hand", "[eval][draws]") {
  // Genuine 0.1 (person 3), 0.4 (person 7); impostors 0.3 (3 as 7), 0.2 (7 as 3).
  ScoreTable table{{{3, 7}, {0, 0}, {1, 1}, {}}, {{3, 7}, {0, 0}, {0, 0}, {}}, MatrixD(2, 2)};
  table.distance << 0.1, 0.3, 0.2, 0.4;
  WeightedErrorRate pairs;
  pairs.add(table, PostureRule::kSame);
  pairs.finish();
  CHECK(pairs.persons() == std::vector<int32_t>{3, 7});
  // At 0.2 half of the impostors and half of the genuine pairs are accepted.
  CHECK(pairs.rate({1.0, 1.0}) == Approx(0.5));
  // Genuine 2 + 1, impostors 2 + 2. FNMR is 1/3 from 0.1 on, FMR steps from 0 to 1/2 at 0.2.
  CHECK(pairs.rate({2.0, 1.0}) == Approx(1.0 / 3.0));
  // FNMR is 2/3, FMR steps to 1/2 and at 0.3 to 1.
  CHECK(pairs.rate({1.0, 2.0}) == Approx(2.0 / 3.0));
  CHECK(std::isnan(pairs.rate({2.0, 0.0})));
}

TEST_CASE("draws of an equal error rate are those of an evaluation", "[eval][draws]") {
  const ScoreTable table = synthetic_scores(8);
  for (const PostureRule rule : {PostureRule::kSame, PostureRule::kAny}) {
    WeightedErrorRate pairs;
    pairs.add(table, rule);
    pairs.finish();
    const PersonDraws drawn = draw_error_rate(pairs, few_resamples());
    const Interval own = interval_of(drawn);
    const Interval whole = bootstrap_roc(table, rule, {0.1}, few_resamples()).eer;
    CHECK(own.value == Approx(whole.value).epsilon(1e-12));
    CHECK(own.low == Approx(whole.low).epsilon(1e-12));
    CHECK(own.high == Approx(whole.high).epsilon(1e-12));
  }
}

TEST_CASE("one kind of pair alone has no equal error rate", "[eval][draws][errors]") {
  const ScoreTable table{{{3}, {0}, {1}, {}}, {{3}, {0}, {0}, {}}, MatrixD::Ones(1, 1)};
  WeightedErrorRate pairs;
  pairs.add(table, PostureRule::kSame);
  CHECK_FALSE(pairs.has_both_kinds());
  CHECK_THROWS_AS(pairs.finish(), thz::InputError);
}

TEST_CASE("draws survive JSON to six decimals, and damaged ones are refused", "[eval][draws]") {
  const FigureDraws draws = {{"eer", {0.25, {1, 4}, {0.1234567, std::nan(""), 0.5}}}};
  const FigureDraws back = draws_from_json(to_json(draws), "here");
  const PersonDraws& eer = back.at("eer");
  CHECK(eer.value == 0.25);
  CHECK(eer.persons == std::vector<int32_t>{1, 4});
  REQUIRE(eer.draws.size() == 3);
  CHECK(eer.draws[0] == 0.123457);
  CHECK(std::isnan(eer.draws[1]));
  CHECK_THROWS_WITH(draws_from_json("{", "here"), Catch::Contains("here"));
  CHECK_THROWS_AS(draws_from_json(R"({"eer": {"value": 1}})", "here"), thz::InputError);
}

TEST_CASE("weights of alignment leave persons out and repeat them", "[eval][draws][alignment]") {
  // Four persons of three images; y follows x.
  const MatrixF x = random_table(12, 5, 1);
  MatrixF y = x + 0.7f * random_table(12, 5, 2);
  std::vector<int32_t> identity;
  for (int i = 0; i < 12; ++i) identity.push_back(10 + i / 3);
  const WeightedAlignment weighted(x, y, identity);
  const Alignment all = measure_alignment(x, y, identity);
  CHECK(weighted.value({1, 1, 1, 1}).rank_correlation == all.rank_correlation);
  // Without person 11: as if there were nine images. Ret@5 has its candidates fixed.
  std::vector<int> kept = {0, 1, 2, 6, 7, 8, 9, 10, 11};
  const Alignment without = weighted.value({1, 0, 1, 1});
  const MatrixF some_x = rows_of(x, kept), some_y = rows_of(y, kept);
  CHECK(without.cka == Approx(linear_cka(some_x, some_y)).epsilon(1e-9));
  CHECK(without.cosine == Approx(mean_row_cosine(some_x, some_y)).epsilon(1e-9));
  CHECK(without.rank_correlation ==
        Approx(distance_rank_correlation(some_x, some_y)).epsilon(1e-9));
  // Person 10 twice: as if the rows were there twice.
  kept = {0, 1, 2, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  const Alignment twice = weighted.value({2, 1, 1, 1});
  CHECK(twice.cka == Approx(linear_cka(rows_of(x, kept), rows_of(y, kept))).epsilon(1e-9));
  CHECK(twice.cosine == Approx(mean_row_cosine(rows_of(x, kept), rows_of(y, kept))).epsilon(1e-9));
  CHECK(twice.retrieval_at_5 == Approx(1.0));  // four candidates: everybody is found
}

TEST_CASE("draws of alignment lie about the value", "[eval][draws][alignment]") {
  const MatrixF x = random_table(40, 6, 3);
  const MatrixF y = x + random_table(40, 6, 4);
  std::vector<int32_t> identity;
  for (int i = 0; i < 40; ++i) identity.push_back(i / 4);
  const FigureDraws draws =
      draw_alignment("latent", WeightedAlignment(x, y, identity), few_resamples());
  CHECK(draws.size() == 4);
  for (const auto& [name, one] : draws) {
    CAPTURE(name);
    const double mean = std::accumulate(one.draws.begin(), one.draws.end(), 0.0) / 300.0;
    CHECK(mean == Approx(one.value));
    const Interval i = interval_of(one);
    CHECK(i.low <= one.value);
    CHECK(i.high >= one.value);
  }
  const Interval cka = interval_of(draws.at("latent_cka"));
  CHECK(cka.high - cka.low > 0.01);
  CHECK(cka.high - cka.low < 0.6);
  // Spaces of unequal dimensions have neither cosine nor retrieval.
  CHECK(draw_alignment("latent", WeightedAlignment(x, random_table(40, 3, 5), identity),
                       few_resamples())
            .size() == 2);
}
