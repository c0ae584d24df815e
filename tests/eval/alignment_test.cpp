#include "thz/eval/alignment.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "model/golden_values.h"
#include "thz/core/error.h"
#include "thz/core/rng.h"

using namespace thz::eval;
using thz::model::test::kGoldenCka;
using thz::model::test::kGoldenCosine;
using thz::model::test::kGoldenRankCorrelation;

namespace {

// The waves of tests/model/golden_values.py.
MatrixF wave(int rows, int cols, double phase, bool squared) {
  MatrixF m(rows, cols);
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < cols; ++j) {
      const double v = std::sin(0.7 * i + 1.3 * j + phase);
      m(i, j) = static_cast<float>(squared ? v * v : v);
    }
  }
  return m;
}

MatrixF random_rows(int rows, int cols, uint64_t stream) {
  MatrixF m(rows, cols);
  thz::Rng rng(8, thz::RngPurpose::kTest, stream);
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < cols; ++j) m(i, j) = static_cast<float>(rng.normal());
  }
  return m;
}

// Inputs are rounded to float: 6e-8 each.
Approx golden(double value) { return Approx(value).margin(1e-6); }

}  // namespace

TEST_CASE("alignment measures have the values of another program", "[eval][alignment]") {
  const MatrixF x = wave(6, 5, 0.3, false);
  const MatrixF y = wave(6, 5, 0.9, true);
  CHECK(linear_cka(x, y) == golden(kGoldenCka));
  CHECK(distance_rank_correlation(x, y) == golden(kGoldenRankCorrelation));
  CHECK(mean_row_cosine(x, y) == golden(kGoldenCosine));
}

TEST_CASE("alignment is blind to rotation and scale, and to nothing else", "[eval][alignment]") {
  const MatrixF x = random_rows(40, 6, 1);
  // Householder's reflection, and three times as large.
  const Eigen::VectorXf v = random_rows(1, 6, 2).row(0).normalized().transpose();
  const MatrixF turned = 3.0f * (x - 2.0f * (x * v) * v.transpose());
  CHECK(linear_cka(x, turned) == Approx(1.0).epsilon(1e-5));  // float inputs
  CHECK(distance_rank_correlation(x, turned) > 0.9999);       // ties of float rounding
  CHECK(linear_cka(x, x) == Approx(1.0).epsilon(1e-12));
  CHECK(mean_row_cosine(x, x) == Approx(1.0).epsilon(1e-12));
  CHECK(mean_row_cosine(x, -x) == Approx(-1.0).epsilon(1e-12));
  // Unrelated: E cka = O(D / N) = 6 / 400; rank correlation has sd about 1 / sqrt(N).
  const MatrixF other = random_rows(400, 6, 3);
  CHECK(linear_cka(random_rows(400, 6, 4), other) < 0.06);
  CHECK(std::abs(distance_rank_correlation(random_rows(400, 6, 4), other)) < 0.2);
  // Other dimensions on the other side are no obstacle for geometry.
  CHECK(linear_cka(x, random_rows(40, 3, 5)) < 1.0);
}

TEST_CASE("alignment of three rows is that worked by hand", "[eval][alignment]") {
  // Centred columns: x = (-1, 0, 1) and y = (-1, 2, -1), orthogonal.
  MatrixF x(3, 1), y(3, 1);
  x << 1, 2, 3;
  y << 0, 3, 0;
  CHECK(linear_cka(x, y) == 0.0);
  // y = (-2, 0, 2) and (-1, 2, -1) side by side: Y^T x = (4, 0), Y^T Y = diag(8, 6), x^T x = 2:
  // 16 / (2 * 10).
  MatrixF both(3, 2);
  both << 0, 0, 2, 3, 4, 0;
  CHECK(linear_cka(x, both) == Approx(0.8).epsilon(1e-15));
  // cos 45 deg, 0 deg and 180 deg.
  MatrixF a(3, 2), b(3, 2);
  a << 1, 0, 2, 0, 0, 1;
  b << 1, 1, 1, 0, 0, -3;
  CHECK(mean_row_cosine(a, b) == Approx(std::sqrt(0.5) / 3).epsilon(1e-15));
}

TEST_CASE("ranks of tied distances are shared", "[eval][alignment]") {
  // Distances of x: 1, 2, 1 (rows 0, 1, 2 on a line); of y: 1, 3, 2. Ranks 1.5, 3, 1.5 and 1, 3, 2:
  // correlation 1.5 / sqrt(1.5 * 2).
  MatrixF x(3, 1), y(3, 1);
  x << 0, 1, 2;
  y << 0, 1, 3;
  CHECK(distance_rank_correlation(x, y) == Approx(1.5 / std::sqrt(3.0)).epsilon(1e-12));
}

TEST_CASE("centroids find their own among the nearest", "[eval][alignment]") {
  // Four people on the axes; in y person 3 lies where person 0 does, a little off.
  MatrixF x = MatrixF::Identity(4, 4);
  MatrixF y = x;
  CHECK(centroid_agreement(x, y, {0, 1, 2, 3}, 1) == 1.0);
  y.row(3) << 1.0f, 0.0f, 0.0f, 0.1f;
  // Person 3 asks along axis 4, where only its own centroid has any share: found.
  CHECK(centroid_agreement(x, y, {0, 1, 2, 3}, 1) == 1.0);
  y.row(3) << 1.0f, 0.0f, 0.0f, 0.0f;
  // Now all four tie at cosine 0: a tie stands behind, the own one comes fourth.
  CHECK(centroid_agreement(x, y, {0, 1, 2, 3}, 3) == 0.75);
  CHECK(centroid_agreement(x, y, {0, 1, 2, 3}, 4) == 1.0);
  const MatrixF people = random_rows(4, 4, 6);
  const Alignment same = measure_alignment(people, people, {0, 1, 2, 3});
  CHECK(same.retrieval_at_5 == 1.0);
  CHECK(same.cka == Approx(1.0));
  CHECK(std::isnan(measure_alignment(people, random_rows(4, 3, 1), {0, 1, 2, 3}).cosine));
}

TEST_CASE("what cannot be aligned is refused", "[eval][alignment]") {
  const MatrixF x = random_rows(5, 3, 1);
  CHECK_THROWS_AS(linear_cka(x, random_rows(4, 3, 1)), thz::InputError);
  CHECK_THROWS_AS(linear_cka(x, MatrixF::Ones(5, 3)), thz::InputError);
  CHECK_THROWS_AS(mean_row_cosine(x, random_rows(5, 4, 1)), thz::InputError);
  CHECK_THROWS_AS(mean_row_cosine(x, MatrixF::Zero(5, 3)), thz::InputError);
  CHECK_THROWS_AS(centroid_agreement(x, x, {0, 1, 2, 3, 4}, 0), thz::InputError);
  MatrixF hole = x;
  hole(2, 1) = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_AS(distance_rank_correlation(x, hole), thz::InputError);
}
