#include "thz/eval/evaluate.h"

#include <catch2/catch.hpp>

#include "eval/synthetic_predictions.h"
#include "thz/core/error.h"

using namespace thz::eval;
using thz::eval::testing::synthetic_predictions;

namespace {

EvaluationOptions quick_options() {
  EvaluationOptions options;
  options.resamples = 300;
  options.template_shift_px = 1;
  return options;
}

}  // namespace

TEST_CASE("predictions become a full result with ordered baselines and ceiling",
          "[eval][evaluate]") {
  const Predictions p = synthetic_predictions(6);
  const EvaluationResult r = evaluate_predictions(p, quick_options());
  CHECK(r.test_images == 60);
  CHECK(r.test_concealed == 30);
  CHECK(r.test_identities == 6);
  const VerificationSummary* network = r.find_verification("network", true);
  REQUIRE(network != nullptr);
  // 30 anchors, one positive, five negatives of the posture.
  CHECK(network->triplets == 150);
  CHECK(network->genuine_pairs == 30);
  CHECK(network->impostor_pairs == 150);
  CHECK(network->rank_1_chance == Approx(1.0 / 6.0));
  CHECK(network->triplet_accuracy.value > 0.7);
  CHECK(network->triplet_accuracy.low > 0.5);
  CHECK(network->triplet_accuracy.high >= network->triplet_accuracy.value);
  CHECK(network->margins.has_value());
  REQUIRE(r.find_verification("template", true) != nullptr);
  // The texture survives the 'garment' in pixel register: template matching is all but perfect
  // here.
  CHECK(r.find_verification("template", true)->triplet_accuracy.value > 0.95);
  REQUIRE(r.find_verification("ceiling", false) != nullptr);
  CHECK(r.find_verification("ceiling", false)->triplet_accuracy.value >
        r.find_verification("network", false)->triplet_accuracy.value);
  // One test capture a posture: no genuine unconcealed pair of one posture, and it says so.
  CHECK(r.find_verification("ceiling", true) == nullptr);
  REQUIRE_FALSE(r.notes.empty());
  CHECK(r.posture.accuracy.value > 0.4);
  CHECK(r.posture.images == 30);
  const auto* rebuilt = r.find_reconstruction("network");
  const auto* copy = r.find_reconstruction("copy");
  const auto* ceiling = r.find_reconstruction("ceiling");
  REQUIRE((rebuilt && copy && ceiling && r.find_reconstruction("posture-mean")));
  CHECK(rebuilt->pairs == 30);
  CHECK(ceiling->pairs == 60);  // 30 test images, two other captures each, none of them for test
  CHECK(rebuilt->ssim.value > copy->ssim.value);
  CHECK(r.find_reconstruction("posture-mean")->ssim.value < copy->ssim.value);
  CHECK(r.examples.size() == 6);
  CHECK(r.examples.front().ssim >= r.examples.back().ssim);
  CHECK(r.groups.size() == 5 + 6);
}

TEST_CASE("the result does not depend on the number of threads", "[eval][evaluate]") {
  const Predictions p = synthetic_predictions(4);
  EvaluationOptions options = quick_options();
  options.threads = 1;
  const std::string one = to_json(evaluate_predictions(p, options));
  options.threads = 2;
  CHECK(one == to_json(evaluate_predictions(p, options)));
}

TEST_CASE("a perfect reconstruction scores one and names what is missing", "[eval][evaluate]") {
  Predictions p = synthetic_predictions(3);
  for (std::size_t t = 0; t < p.test_rows.size(); ++t) {
    // The concealed row is three captures before the unconcealed one of its cell, or after it.
    if (p.labels.concealed[std::size_t(p.test_rows[t])] == 0) continue;
    p.reconstructions[t] = p.images[std::size_t(p.test_rows[t] - 3)];
  }
  p.train_rows.clear();
  EvaluationOptions options = quick_options();
  options.template_matching = false;
  const EvaluationResult r = evaluate_predictions(p, options);
  CHECK(r.find_reconstruction("network")->ssim.value == Approx(1.0));
  CHECK(r.find_reconstruction("network")->psnr_db.value == kPsnrCap_db);
  CHECK(r.find_reconstruction("network")->edge_mae.value == 0.0);
  CHECK(r.find_reconstruction("posture-mean") == nullptr);
  CHECK(r.find_verification("template", true) == nullptr);
}

TEST_CASE("arrays that do not fit together are refused", "[eval][errors]") {
  const Predictions good = synthetic_predictions(2);
  Predictions p = good;
  p.test_rows[0] = 1000;
  CHECK_THROWS_AS(evaluate_predictions(p, quick_options()), thz::InputError);
  p = good;
  p.test_rows[1] = p.test_rows[0];
  CHECK_THROWS_AS(evaluate_predictions(p, quick_options()), thz::InputError);
  p = good;
  p.embeddings.conservativeResize(3, Eigen::NoChange);
  CHECK_THROWS_AS(evaluate_predictions(p, quick_options()), thz::InputError);
  p = good;
  p.posture_names.pop_back();
  CHECK_THROWS_AS(evaluate_predictions(p, quick_options()), thz::InputError);
}
