#include "thz/model/sampler.h"

#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "model/toy_data.h"
#include "thz/core/error.h"

using namespace thz::model;
using test::toy_data;

TEST_CASE("a batch is balanced over identities, postures and conditions", "[model][sampler]") {
  const TrainingData data = toy_data({6, 3});
  Sampler sampler(data, data.train_rows, {4, 5, 1}, "concealed", 3);
  CHECK(sampler.nominal_batch() == 40);
  for (int step = 0; step < 7; ++step) {
    const Batch batch = sampler.next();
    REQUIRE(batch.rows.size() == 40);
    std::map<std::tuple<int, int, int>, int> cells;
    std::set<int> identities;
    for (const int64_t row : batch.rows) {
      const auto r = static_cast<std::size_t>(row);
      ++cells[{data.identity[r], data.posture[r], data.concealed[r]}];
      identities.insert(data.identity[r]);
    }
    CHECK(identities.size() == 4);
    CHECK(cells.size() == 40);
  }
}

TEST_CASE("every training row is shown equally often, and no other row", "[model][sampler]") {
  const TrainingData data = toy_data({6, 3});
  Sampler sampler(data, data.train_rows, {3, 5, 1}, "concealed", 3);
  std::map<int64_t, int> shown;
  // 2 rounds of identities cover each cell twice, and a cell holds 2 training rows.
  for (int step = 0; step < 12; ++step) {
    for (const int64_t row : sampler.next().rows) ++shown[row];
  }
  CHECK(shown.size() == data.train_rows.size());
  for (const auto& [row, times] : shown) {
    CAPTURE(row);
    CHECK(times == 3);
  }
}

TEST_CASE("seeking to a step gives the batches of an uninterrupted run", "[model][sampler]") {
  const TrainingData data = toy_data({6, 3});
  const BatchOptions options{4, 3, 2};
  Sampler whole(data, data.train_rows, options, "all", 11);
  Sampler jumped(data, data.train_rows, options, "all", 11);
  for (int i = 0; i < 9; ++i) whole.next();
  jumped.seek(9);
  const Batch a = whole.next();
  const Batch b = jumped.next();
  CHECK(a.rows == b.rows);
  CHECK(a.target == b.target);
  jumped.seek(0);
  Sampler fresh(data, data.train_rows, options, "all", 11);
  CHECK(jumped.next().rows == fresh.next().rows);
}

TEST_CASE("targets are independent bare captures of the same identity and posture",
          "[model][sampler]") {
  TrainingData data = toy_data({4, 3});
  // Capture k of both conditions are twins, as a generator that pairs them would say.
  data.twin_group.resize(data.identity.size());
  for (std::size_t r = 0; r < data.identity.size(); ++r) {
    data.twin_group[r] = (data.identity[r] * 5 + data.posture[r]) * 3 + static_cast<int>(r % 3);
  }
  Sampler sampler(data, data.train_rows, {4, 5, 1}, "all", 5);
  for (int step = 0; step < 8; ++step) {
    const Batch batch = sampler.next();
    for (std::size_t i = 0; i < batch.rows.size(); ++i) {
      const auto in = static_cast<std::size_t>(batch.rows[i]);
      REQUIRE(batch.target[i] >= 0);
      const auto out = static_cast<std::size_t>(batch.target[i]);
      CHECK(out != in);
      CHECK(data.concealed[out] == 0);
      CHECK(data.identity[out] == data.identity[in]);
      CHECK(data.posture[out] == data.posture[in]);
      CHECK(data.twin_group[out] != data.twin_group[in]);
      CHECK(out % 3 != 2);  // the validation capture stays out of training
    }
  }
  Sampler paper(data, data.train_rows, {4, 5, 1}, "concealed", 5);
  const Batch batch = paper.next();
  for (std::size_t i = 0; i < batch.rows.size(); ++i) {
    CHECK((batch.target[i] >= 0) == (data.concealed[static_cast<std::size_t>(batch.rows[i])] == 1));
  }
}

TEST_CASE("one identity is not enough to train on", "[model][sampler]") {
  const TrainingData data = toy_data({1, 2});
  CHECK_THROWS_AS(Sampler(data, data.train_rows, {4, 5, 1}, "all", 5), thz::InputError);
}

TEST_CASE("triplets are a concealed anchor, its positive and a stranger in one posture",
          "[model][sampler]") {
  const TrainingData data = toy_data({6, 3});
  BatchOptions options;
  options.kind = "triplets";
  options.triplets = 30;
  options.labels = GENERATE(as<std::string>{}, "identity", "triplet");
  Sampler sampler(data, data.train_rows, options, "concealed", 3);
  CHECK(sampler.nominal_batch() == 90);
  std::map<int64_t, int> anchors;
  for (int step = 0; step < 4; ++step) {
    const Batch batch = sampler.next();
    REQUIRE(batch.rows.size() == 90);
    for (std::size_t i = 0; i < 30; ++i) {
      const auto a = static_cast<std::size_t>(batch.rows[i]);
      const auto p = static_cast<std::size_t>(batch.rows[30 + i]);
      const auto n = static_cast<std::size_t>(batch.rows[60 + i]);
      ++anchors[batch.rows[i]];
      CHECK(data.concealed[a] == 1);
      CHECK(data.concealed[p] + data.concealed[n] == 0);
      CHECK(data.identity[p] == data.identity[a]);
      CHECK(data.identity[n] != data.identity[a]);
      CHECK(data.posture[p] == data.posture[a]);
      CHECK(data.posture[n] == data.posture[a]);
      CHECK(batch.target[i] == batch.rows[30 + i]);
      CHECK(batch.target[30 + i] + batch.target[60 + i] == -2);
      CHECK(batch.label[i] == batch.label[30 + i]);
      CHECK(batch.label[i] != batch.label[60 + i]);
      if (options.labels == "identity") CHECK(batch.label[60 + i] == data.identity[n]);
    }
  }
  // Two rounds of the 60 concealed training rows.
  CHECK(anchors.size() == 60);
  for (const auto& [row, times] : anchors) CHECK(times == 2);
  Sampler jumped(data, data.train_rows, options, "concealed", 3);
  jumped.seek(4);
  CHECK(jumped.next().rows == sampler.next().rows);
}

TEST_CASE("the autoencoder's targets are its bare inputs themselves", "[model][sampler]") {
  const TrainingData data = toy_data({6, 3});
  Sampler sampler(data, data.train_rows, {4, 5, 1}, "self", 3);
  const Batch batch = sampler.next();
  for (std::size_t i = 0; i < batch.rows.size(); ++i) {
    const bool concealed = data.concealed[static_cast<std::size_t>(batch.rows[i])] != 0;
    CHECK(batch.target[i] == (concealed ? -1 : batch.rows[i]));
  }
}

TEST_CASE("rows that make no triplet are refused", "[model][sampler]") {
  TrainingData data = toy_data({3, 2});
  for (int& concealed : data.concealed) concealed = 0;
  BatchOptions options;
  options.kind = "triplets";
  CHECK_THROWS_WITH(Sampler(data, data.train_rows, options, "concealed", 1),
                    Catch::Contains("no triplet"));
}
