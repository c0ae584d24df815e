#include "thz/eval/classification.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "thz/core/error.h"

using namespace thz::eval;

TEST_CASE("accuracy, F1 and confusion of six hand-counted rows", "[eval][classification]") {
  // Truth 0 0 0 1 1 2, predicted 0 0 1 1 0 2; class 3 never occurs and does not count.
  MatrixF logits = MatrixF::Zero(6, 4);
  const int predicted[] = {0, 0, 1, 1, 0, 2};
  for (int r = 0; r < 6; ++r) logits(r, predicted[r]) = 5.0f;
  const ClassificationResult result = classify(logits, {0, 0, 0, 1, 1, 2});
  CHECK(result.accuracy == Approx(4.0 / 6.0));
  // F1: class 0: 2*2/(3+3) = 2/3; class 1: 2*1/(2+2) = 1/2; class 2: 1.
  CHECK(result.macro_f1 == Approx((2.0 / 3.0 + 0.5 + 1.0) / 3.0));
  CHECK(result.confusion[0] == std::vector<uint64_t>{2, 1, 0, 0});
  CHECK(result.confusion[1] == std::vector<uint64_t>{1, 1, 0, 0});
  CHECK(result.confusion[2] == std::vector<uint64_t>{0, 0, 1, 0});
}

TEST_CASE("the calibration error is the gap of confidence to accuracy", "[eval][classification]") {
  // Two classes, logit difference ln 4: confidence 0.8 in every row; three of four right.
  MatrixF logits = MatrixF::Zero(4, 2);
  logits.col(0).setConstant(static_cast<float>(std::log(4.0)));
  CHECK(classify(logits, {0, 0, 0, 1}).ece == Approx(0.05).epsilon(1e-6));
  // A second bin: confidence 0.5 (bin 7), half of them right, adds nothing; weights halve the first
  // gap.
  MatrixF eight = MatrixF::Zero(8, 2);
  eight.topRows(4) = logits;
  CHECK(classify(eight, {0, 0, 0, 1, 0, 0, 1, 1}).ece == Approx(0.025).epsilon(1e-6));
}

TEST_CASE("class scores that cannot be counted are refused", "[eval][errors]") {
  MatrixF logits = MatrixF::Zero(2, 3);
  CHECK_THROWS_AS(classify(logits, {0}), thz::InputError);
  CHECK_THROWS_AS(classify(logits, {0, 3}), thz::InputError);
  CHECK_THROWS_AS(classify(MatrixF(0, 3), {}), thz::InputError);
  logits(1, 1) = std::nanf("");
  CHECK_THROWS_AS(classify(logits, {0, 1}), thz::InputError);
}
