#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "apps/run_program.h"

using Catch::Matchers::Contains;
using thz::test::run_thzface;
using Json = nlohmann::json;

namespace {

// Speeds themselves are no matter for a test: machines differ and are shared.
const std::string kNarrow = THZ_SOURCE_DIR "/model/experiments/smoke.toml";

}  // namespace

TEST_CASE("inference is measured alone and in batches") {
  const auto run = run_thzface(
      {"bench", "infer", "--config", kNarrow, "--repeats", "1", "--threads", "1", "--json"});
  INFO(run.err);
  REQUIRE(run.status == 0);
  const Json told = Json::parse(run.out);
  CHECK(told["threads"] == 1);
  REQUIRE(told["ms_per_image"].size() == 3);
  int batch = 1;
  for (const Json& speed : told["ms_per_image"]) {
    CHECK(speed["batch"] == batch);
    CHECK(speed["encode_ms"].get<double>() > 0.0);
    CHECK(speed["reconstruct_ms"].get<double>() > 0.0);
    batch *= 8;
  }
}

TEST_CASE("a training step is measured beside the published one, stage by stage") {
  const auto run = run_thzface(
      {"bench", "train", "--config", kNarrow, "--repeats", "3", "--threads", "1", "--json"});
  INFO(run.err);
  REQUIRE(run.status == 0);
  const Json told = Json::parse(run.out);
  CHECK(told["ours"]["images"] == 40);  // 4 persons, 5 postures, with and without
  CHECK(told["published"]["images"] == 192);
  double shares = 0.0;
  for (const auto& [stage, share] : told["ours"]["share"].items()) shares += share.get<double>();
  CHECK(shares == Approx(1.0).margin(0.05));
  const double rate = told["ours"]["images"].get<double>() / told["ours"]["seconds"].get<double>();
  CHECK(told["ours"]["images_per_s"].get<double>() == Approx(rate).epsilon(1e-6));
}

TEST_CASE("what cannot be measured is refused in one sentence") {
  const auto run = run_thzface({"bench", "infer", "--config", "nowhere.toml"});
  CHECK(run.status == 2);
  CHECK(std::count(run.err.begin(), run.err.end(), '\n') == 1);
  CHECK_THAT(run.err, Contains("nowhere.toml"));
}
