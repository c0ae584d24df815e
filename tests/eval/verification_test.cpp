#include "thz/eval/verification.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "thz/core/error.h"
#include "thz/core/rng.h"

using namespace thz::eval;
using thz::InputError;

namespace {

// Two probes (identities 1, 2; posture 0) against four gallery images; worked by hand below.
ScoreTable small_table() {
  ScoreTable table;
  table.probe = {{1, 2}, {0, 0}, {1, 1}, {}};
  table.gallery = {{1, 1, 2, 3}, {0, 1, 0, 0}, {0, 0, 0, 0}, {}};
  table.distance.resize(2, 4);
  table.distance << 0.2, 0.6, 0.5, 0.1,  // probe of identity 1
      0.4, 0.3, 0.3, 0.7;                // probe of identity 2
  return table;
}

}  // namespace

TEST_CASE("triplets of a small table are counted as by hand", "[eval][verification]") {
  // Posture known: probe 1 has the positive 0.2, negatives 0.5 (right), 0.1 (wrong);
  // probe 2 the positive 0.3, negatives 0.4 (right), 0.7 (right). The posture-1 image takes no
  // part.
  const TripletCounts same = count_triplets(small_table(), PostureRule::kSame);
  CHECK(same.triplets == 4);
  CHECK(same.accuracy == Approx(3.0 / 4.0));
  REQUIRE(same.identities == std::vector<int32_t>{1, 2, 3});
  CHECK(same.correct(0, 1) == 1.0);
  CHECK(same.correct(0, 2) == 0.0);
  CHECK(same.total(0, 2) == 1.0);
  CHECK(same.correct(1, 0) == 1.0);
  CHECK(same.correct(1, 2) == 1.0);
  // Posture unknown: probe 1 has positives 0.2, 0.6 against 0.5 (one right) and 0.1 (none);
  // probe 2 the positive 0.3 against 0.4 (right), 0.3 (a tie: wrong), 0.7 (right).
  const TripletCounts any = count_triplets(small_table(), PostureRule::kAny);
  CHECK(any.triplets == 7);
  CHECK(any.accuracy == Approx(3.0 / 7.0));
}

TEST_CASE("triplet counts equal three nested loops", "[eval][verification]") {
  thz::Rng rng(3, thz::RngPurpose::kTest);
  constexpr int n = 40, d = 3;
  MatrixF embeddings(n, d);
  Labels labels;
  for (int r = 0; r < n; ++r) {
    for (int c = 0; c < d; ++c) embeddings(r, c) = static_cast<float>(rng.normal());
    labels.identity.push_back(r % 4);
    labels.posture.push_back((r / 4) % 2);
    labels.concealed.push_back(static_cast<uint8_t>(r % 3 == 0));
    labels.twin_group.push_back(r / 8);
  }
  uint64_t triplets = 0, correct = 0;
  const auto distance = [&](int a, int b) {
    return (embeddings.row(a).cast<double>().normalized() -
            embeddings.row(b).cast<double>().normalized())
        .norm();
  };
  for (int a = 0; a < n; ++a) {
    for (int p = 0; p < n; ++p) {
      for (int g = 0; g < n; ++g) {
        const auto& l = labels;
        if (!l.concealed[a] || l.concealed[p] || l.concealed[g]) continue;
        if (l.identity[a] != l.identity[p] || l.identity[a] == l.identity[g]) continue;
        if (l.posture[a] != l.posture[p] || l.posture[a] != l.posture[g]) continue;
        if (l.twin_group[a] == l.twin_group[p]) continue;
        ++triplets;
        correct += distance(a, p) < distance(a, g) ? 1 : 0;
      }
    }
  }
  const TripletCounts counts =
      count_triplets(score_embeddings(embeddings, labels), PostureRule::kSame);
  REQUIRE(triplets > 100);
  CHECK(counts.triplets == triplets);
  CHECK(counts.accuracy == Approx(double(correct) / double(triplets)).epsilon(1e-14));
}

TEST_CASE("margins of orthogonal and equal unit vectors are exact", "[eval][verification]") {
  // Anchor e1 (length 2 on purpose), positives e1 and e2, negatives -e1 and e2.
  MatrixF embeddings(5, 2);
  embeddings << 2, 0, 1, 0, 0, 3, -1, 0, 0, 1;
  const Labels labels = {{1, 1, 1, 2, 2}, {0, 0, 0, 0, 0}, {1, 0, 0, 0, 0}, {}};
  const MarginStatistics m =
      margin_statistics(score_embeddings(embeddings, labels), PostureRule::kSame);
  const double root2 = std::sqrt(2.0);
  CHECK(m.cosine_positive == Approx((0.0 + 1.0) / 2));
  CHECK(m.cosine_negative == Approx((2.0 + 1.0) / 2));
  CHECK(m.l2_margin == Approx((2.0 + root2) / 2 - (0.0 + root2) / 2));
  // Standard deviations of {0, root2} and {root2, 2}: half of each spread.
  CHECK(m.normalised_margin == Approx(1.0 / (root2 / 2 + (2.0 - root2) / 2)));
}

TEST_CASE("error rates of nine scores are those counted by hand", "[eval][roc]") {
  // Genuine 0.1 0.2 0.4 0.6; impostor 0.3 0.5 0.7 0.8 0.9.
  const PairScores scores{{0.6, 0.1, 0.4, 0.2}, {0.3, 0.9, 0.5, 0.8, 0.7}};
  const auto curve = roc_curve(scores);
  REQUIRE(curve.size() == 10);
  CHECK(curve.front().fmr == 0.0);
  CHECK(curve.front().fnmr == 1.0);
  CHECK(curve[3].threshold == 0.3);
  CHECK(curve[3].fmr == Approx(0.2));
  CHECK(curve[3].fnmr == Approx(0.5));
  CHECK(curve.back().fmr == 1.0);
  CHECK(curve.back().fnmr == 0.0);
  // From threshold 0.4 (FMR 0.2, FNMR 0.25) to 0.5 (0.4, 0.25): they meet at 0.25.
  CHECK(equal_error_rate(curve) == Approx(0.25));
  // FAR 0.2 admits one impostor (0.3) of five: all below 0.5 pass, three of four genuine.
  const OperatingPoint point = tar_at_far(scores, 0.2);
  CHECK(point.tar == Approx(0.75));
  CHECK(point.false_matches == 1);
  CHECK(point.false_non_matches == 1);
  CHECK(point.refused);
  // FAR 0.1 admits none: only those below 0.3.
  CHECK(tar_at_far(scores, 0.1).tar == Approx(0.5));
}

TEST_CASE("equal distances are accepted together", "[eval][roc]") {
  const PairScores tied{{0.5, 0.5}, {0.5, 0.5}};
  const auto curve = roc_curve(tied);
  REQUIRE(curve.size() == 2);
  CHECK(equal_error_rate(curve) == Approx(0.5));
  // No threshold accepts at most one of two tied impostors but all of them or none.
  CHECK(tar_at_far(tied, 0.5).tar == 0.0);
  CHECK(equal_error_rate(roc_curve({{0.1, 0.2}, {0.3, 0.4}})) == 0.0);
  CHECK(equal_error_rate(roc_curve({{0.3, 0.4}, {0.1, 0.2}})) == 1.0);
}

TEST_CASE("thirty false matches support a rate, twenty-nine do not", "[eval][roc]") {
  PairScores scores{{0.5}, {}};
  for (int k = 0; k < 300; ++k) scores.impostor.push_back(k);
  CHECK_FALSE(tar_at_far(scores, 0.1).refused);
  CHECK(tar_at_far(scores, 0.1).false_matches == 30);
  scores.impostor.pop_back();
  CHECK(tar_at_far(scores, 0.1).false_matches == 29);
  CHECK(tar_at_far(scores, 0.1).refused);
}

TEST_CASE("equal error rate of two unit normals is the normal tail", "[eval][roc][statistics]") {
  // Means 2 apart: EER = Phi(-1) = 0.158655.
  thz::Rng rng(8, thz::RngPurpose::kTest, 1);
  PairScores scores;
  constexpr int n = 40000;
  for (int k = 0; k < n; ++k) {
    scores.genuine.push_back(rng.normal());
    scores.impostor.push_back(2.0 + rng.normal());
  }
  // Four standard errors of a share of n, and the two lists halve the variance.
  CHECK(equal_error_rate(roc_curve(scores)) ==
        Approx(0.158655).margin(4 * std::sqrt(0.1587 * 0.8413 / n)));
}

TEST_CASE("ranks of a small table are those counted by hand", "[eval][identification]") {
  // Posture known: probe 1 sees 1 at 0.2, 2 at 0.5, 3 at 0.1: rank 2; probe 2 sees 0.4, 0.3, 0.7:
  // rank 1.
  const Identification same = identify(small_table(), PostureRule::kSame);
  CHECK(same.probe_rank == std::vector<int>{2, 1});
  CHECK(same.cmc == std::vector<double>{0.5, 1.0, 1.0});
  CHECK(same.mean_candidates == 3.0);
  // Posture unknown: identity 1 comes to 0.3 by its other posture and ties with identity 2, which
  // loses.
  CHECK(identify(small_table(), PostureRule::kAny).probe_rank == std::vector<int>{2, 2});
}

TEST_CASE("a probe without its identity in the gallery has no rank", "[eval][identification]") {
  ScoreTable table = small_table();
  table.probe.identity[1] = 9;
  const Identification found = identify(table, PostureRule::kSame);
  CHECK(found.probe_rank[1] == 0);
  CHECK(found.probes == 1);
}

TEST_CASE("centroids retrieve the identity whose mean is nearest", "[eval][identification]") {
  MatrixF embeddings(6, 2);
  embeddings << 1, 0.1f, 0, 1,  // concealed, identities 1 and 2
      1, 0, 1, 0,               // unconcealed, identity 1
      0, 1, 1, 0.2f;            // unconcealed: identity 2, identity 3
  const Labels labels = {{1, 2, 1, 1, 2, 3}, {0, 0, 0, 1, 0, 0}, {1, 1, 0, 0, 0, 0}, {}};
  // Probe 1 at 5.7 degrees lies 5.7 from identity 1 and 5.6 from identity 3: rank 2; probe 2:
  // rank 1.
  CHECK(centroid_retrieval(embeddings, labels, 1) == Approx(0.5));
  CHECK(centroid_retrieval(embeddings, labels, 2) == Approx(1.0));
}

TEST_CASE("the ceiling never scores an image against itself", "[eval][verification]") {
  MatrixF embeddings(3, 2);
  embeddings << 1, 0, 0, 1, 1, 1;
  const Labels labels = {{1, 1, 2}, {0, 0, 0}, {0, 0, 0}, {}};
  const PairScores scores =
      pair_scores(score_embeddings_unconcealed(embeddings, labels), PostureRule::kSame);
  CHECK(scores.genuine.size() == 2);
  CHECK(scores.impostor.size() == 4);
}

TEST_CASE("tables that cannot be verified are refused", "[eval][errors]") {
  MatrixF embeddings = MatrixF::Ones(2, 2);
  const Labels labels = {{1, 1}, {0, 0}, {1, 0}, {}};
  CHECK_NOTHROW(score_embeddings(embeddings, labels));
  CHECK_THROWS_AS(score_embeddings(MatrixF::Ones(3, 2), labels), InputError);
  CHECK_THROWS_AS(score_embeddings(MatrixF::Zero(2, 2), labels), InputError);
  CHECK_THROWS_AS(score_embeddings(embeddings, {{1, 1}, {0, 0}, {1, 1}, {}}), InputError);
  CHECK_THROWS_AS(score_embeddings(embeddings, {{1, 1}, {0}, {1, 0}, {}}), InputError);
  embeddings(0, 0) = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_AS(score_embeddings(embeddings, labels), InputError);
  CHECK_THROWS_AS(roc_curve({{}, {1.0}}), InputError);
  CHECK_THROWS_AS(tar_at_far({{0.0}, {1.0}}, 0.0), InputError);
}
