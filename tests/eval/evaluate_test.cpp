#include "thz/eval/evaluate.h"

#include <catch2/catch.hpp>
#include <cmath>

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
  // Two each of best, median and worst, and six samples: person k in posture k.
  REQUIRE(r.examples.size() == 12);
  CHECK(r.examples.front().ssim >= r.examples[5].ssim);
  for (int32_t k = 0; k < 6; ++k) {
    const ReconstructionExample& sample = r.examples[static_cast<std::size_t>(6 + k)];
    CHECK(sample.kind == "sample");
    CHECK(sample.identity == k);
    CHECK(sample.posture == k % 5);
  }
  CHECK(r.groups.size() == 5 + 6);
}

TEST_CASE("an evaluation has open-set rates, calibration, hard pairs and a map of embeddings",
          "[eval][evaluate]") {
  Predictions p = synthetic_predictions(6);
  p.groupings = {{"sex", {{0, "female"}, {1, "female"}, {2, "male"}, {3, "male"}, {4, "male"}}}};
  const EvaluationResult r = evaluate_predictions(p, quick_options());
  const VerificationSummary* network = r.find_verification("network", true);
  REQUIRE((network != nullptr && network->open_set && network->calibration));
  CHECK(network->open_set->mated == 30);
  CHECK(network->open_set->points.front().fnir.value >= 1.0 - network->rank_1.value - 1e-12);
  CHECK(network->calibration->minimum <= network->calibration->calibrated.value);
  CHECK(network->calibration->minimum < 1.0);
  // Six persons once each, and the six nearest of the pairs of persons.
  REQUIRE(r.hard_pairs.size() == 12);
  for (std::size_t k = 0; k < 12; ++k) {
    const HardPair& pair = r.hard_pairs[k];
    CHECK(pair.genuine == (k < 6));
    CHECK((pair.probe_identity == pair.gallery_identity) == (k < 6));
    CHECK(p.labels.identity[std::size_t(pair.probe_row)] == pair.probe_identity);
    CHECK(p.labels.concealed[std::size_t(pair.probe_row)] == 1);
    CHECK(p.labels.concealed[std::size_t(pair.gallery_row)] == 0);
    CHECK(p.labels.posture[std::size_t(pair.gallery_row)] == pair.posture);
    if (k != 0 && k != 6) {
      CHECK((pair.distance <= r.hard_pairs[k - 1].distance) == (k < 6));
    }
  }
  REQUIRE(r.embedding_map.has_value());
  CHECK(r.embedding_map->points.size() == 60);
  CHECK(r.embedding_map->share_x >= r.embedding_map->share_y);
  CHECK(r.embedding_map->share_x + r.embedding_map->share_y <= 1.0);
  CHECK_FALSE(r.alignment.has_value());
  // Person 5 is in no group.
  REQUIRE(r.groups.size() == 5 + 6 + 2);
  const GroupScore &female = r.groups[11], &male = r.groups[12];
  CHECK((female.kind == "sex" && female.name == "female" && male.name == "male"));
  CHECK((female.persons == 2 && male.persons == 3));
  CHECK((female.probes == 10 && male.probes == 15));
  CHECK(male.triplet_interval.low <= male.triplet_accuracy);
  CHECK(female.eer_errors <= 10);
  // All probes of a posture: its triplets are the evaluation's of that posture, one person an
  // identity group, which has no limits.
  CHECK(r.groups[0].persons == 6);
  CHECK(r.groups[5].persons == 1);
  CHECK(std::isnan(r.groups[5].triplet_interval.low));
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
