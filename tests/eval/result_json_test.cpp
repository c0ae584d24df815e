#include <catch2/catch.hpp>
#include <cmath>

#include "eval/synthetic_predictions.h"
#include "thz/core/error.h"
#include "thz/eval/evaluate.h"

using namespace thz::eval;

namespace {

EvaluationResult some_result() {
  EvaluationOptions options;
  options.resamples = 200;
  options.template_matching = false;
  EvaluationResult result =
      evaluate_predictions(thz::eval::testing::synthetic_predictions(3), options);
  result.run.name = "a \"quoted\" name";
  result.run.seed = 18446744073709551615ULL;
  result.run.extra = {{"note", "β"}};
  result.run.leaks = true;
  result.verification[0].rank_1.low = std::nan("");
  return result;
}

}  // namespace

TEST_CASE("a result comes back from its JSON text unchanged", "[eval][json]") {
  const EvaluationResult result = some_result();
  const std::string text = to_json(result);
  const EvaluationResult again = evaluation_from_json(text, "result.json");
  CHECK(to_json(again) == text);
  CHECK(again.run.name == result.run.name);
  CHECK(again.run.seed == result.run.seed);
  CHECK(again.run.extra == result.run.extra);
  CHECK(again.run.leaks);
  CHECK(std::isnan(again.verification[0].rank_1.low));
  CHECK(again.verification[0].eer.value == result.verification[0].eer.value);
  CHECK(again.posture.confusion == result.posture.confusion);
  REQUIRE(again.verification[0].margins.has_value());
}

TEST_CASE("a result of before there were open sets and hard pairs is still read", "[eval][json]") {
  std::string text = to_json(some_result());
  for (const std::string key :
       {"open_set", "calibration", "hard_pairs", "embedding_map", "alignment", "persons",
        "triplet_interval", "eer_errors", "leaks"}) {
    for (auto at = text.find("\"" + key + "\""); at != std::string::npos;
         at = text.find("\"" + key + "\"", at)) {
      text.insert(at + 1, "not_");
    }
  }
  const EvaluationResult old = evaluation_from_json(text, "old.json");
  CHECK_FALSE(old.verification[0].open_set.has_value());
  CHECK(old.hard_pairs.empty());
  CHECK_FALSE(old.run.leaks);
  CHECK_FALSE(old.embedding_map.has_value());
  CHECK(old.groups[0].persons == 0);
  CHECK(old.groups[0].triplet_accuracy == some_result().groups[0].triplet_accuracy);
}

TEST_CASE("text that is no evaluation result is refused by name", "[eval][json][errors]") {
  CHECK_THROWS_WITH(evaluation_from_json("{", "a.json"), Catch::Contains("a.json"));
  CHECK_THROWS_AS(evaluation_from_json("{}", "a.json"), thz::InputError);
  CHECK_THROWS_AS(evaluation_from_json("[]", "a.json"), thz::InputError);
  CHECK_THROWS_AS(evaluation_from_json(R"({"schema": "other/1"})", "a.json"), thz::InputError);
  CHECK_THROWS_AS(evaluation_from_json(R"({"schema": "thzface-evaluation/1"})", "a.json"),
                  thz::InputError);
  std::string text = to_json(some_result());
  text.replace(text.find("\"test_images\": "), 15, "\"test_images\": \"x\", \"was\": ");
  CHECK_THROWS_AS(evaluation_from_json(text, "a.json"), thz::InputError);
}

TEST_CASE("the headline table shows figures, intervals and chance", "[eval][json]") {
  const std::string table = headline_table(some_result());
  CHECK(table.find("Network, posture known") != std::string::npos);
  CHECK(table.find("50.0 %") != std::string::npos);
  CHECK(table.find("W-SSIM") != std::string::npos);
}

TEST_CASE("the headline table says so when the split leaks", "[eval][json]") {
  EvaluationResult result = some_result();
  CHECK(headline_table(result).find("leaks: test images or partners of test triplets were seen in "
                                    "training (published rule)") != std::string::npos);
  result.run.leaks = false;
  CHECK(headline_table(result).find("leaks") == std::string::npos);
}
