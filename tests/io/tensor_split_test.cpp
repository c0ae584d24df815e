#include <catch2/catch.hpp>

#include "io/io_support.h"
#include "thz/core/error.h"
#include "thz/io/safetensors.h"
#include "thz/io/split_file.h"

using Catch::Matchers::Contains;
using thz::InputError;
using thz::test::Scratch;
using thz::test::slurp;
using thz::test::spill;
using namespace thz::io;

namespace {

Safetensors sample() {
  Safetensors content;
  content.tensors["w"] = {{2, 2}, std::vector<float>{1, 2, 3, 4}};
  content.tensors["step"] = {{}, std::vector<int64_t>{-7}};
  content.tensors["rng"] = {{3}, std::vector<uint8_t>{1, 2, 255}};
  content.tensors["none"] = {{0, 4}, std::vector<float>{}};
  content.metadata["config"] = "a = \"ä\"\n";
  return content;
}

std::string with_header(const std::string& header, const std::string& data) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<char>((header.size() >> (8 * i)) & 255));
  return bytes + header + data;
}

}  // namespace

TEST_CASE("tensors survive safetensors, the same content gives the same bytes", "[io][tensors]") {
  const Scratch scratch;
  write_safetensors(scratch / "a", sample());
  write_safetensors(scratch / "b", sample());
  CHECK(slurp(scratch / "a") == slurp(scratch / "b"));
  const Safetensors back = read_safetensors(scratch / "a");
  CHECK(back.metadata == sample().metadata);
  CHECK(back.tensors.size() == 4);
  CHECK(back.at("w").floats() == std::vector<float>{1, 2, 3, 4});
  CHECK(back.at("w").shape == std::vector<int64_t>{2, 2});
  CHECK(back.at("step").ints() == std::vector<int64_t>{-7});
  CHECK(back.at("rng").bytes()[2] == 255);
  CHECK_THROWS_AS(back.at("w").ints(), InputError);
  CHECK_THROWS_WITH(back.at("absent"), Contains("absent"));
}

TEST_CASE("broken safetensors are refused by reason", "[io][tensors][fuzz]") {
  const Scratch scratch;
  struct Case {
    std::string bytes, wanted;
  };
  const std::string four(4, 'x');
  const Case c = GENERATE_COPY(values<Case>({
      {"", "too short"},
      {"hello this is text", "header claims"},
      {with_header("{]", ""), "not a safetensors"},
      {with_header("[]", ""), "no JSON object"},
      {with_header(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}})", four), "truncated"},
      {with_header(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", four), "fit"},
      {with_header(R"({"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}})", four), "F16"},
      {with_header(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", four), "negative"},
      {with_header(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", four), "lies at"},
      {with_header(R"({"a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}})",
                   four),
       "more elements"},
      {with_header(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                   R"("b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})",
                   four),
       "overlaps"},
      {with_header(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})", four), "at the end"},
      {with_header(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}})", four), "before"},
      {with_header(R"({"a":3})", four), "not a safetensors"},
  }));
  spill(scratch / "bad", c.bytes);
  CHECK_THROWS_WITH(read_safetensors(scratch / "bad"), Contains(c.wanted) && Contains("bad"));
  CHECK_THROWS_AS(read_safetensors(scratch / "bad"), InputError);
}

TEST_CASE("every cut of a safetensors file is refused", "[io][tensors][fuzz]") {
  const Scratch scratch;
  write_safetensors(scratch / "a", sample());
  const std::string bytes = slurp(scratch / "a");
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    spill(scratch / "cut", bytes.substr(0, length));
    CHECK_THROWS_AS(read_safetensors(scratch / "cut"), InputError);
  }
}

TEST_CASE("a split survives its file and is bound to its data", "[io][split]") {
  const Scratch scratch;
  Split split;
  split.rule = "image-disjoint";
  split.seed = UINT64_MAX;
  split.train_fraction = 0.6;
  split.validation_fraction = split.test_fraction = 0.2;
  split.dataset_sha256 = "abc";
  split.dataset_rows = 5;
  split.train = {0, 2, 4};
  split.validation = {1};
  split.test = {3};
  write_split(scratch / "s.json", split);
  const Split back = read_split(scratch / "s.json", "abc");
  CHECK(back.train == split.train);
  CHECK(back.seed == split.seed);
  CHECK(split_sha256(back) == split_sha256(split));
  CHECK_THROWS_WITH(read_split(scratch / "s.json", "other"), Contains("not for this one"));
  split.test = {2};
  CHECK(split_sha256(back) != split_sha256(split));
  write_split(scratch / "twice.json", split);
  CHECK_THROWS_WITH(read_split(scratch / "twice.json"), Contains("row 2 is listed twice"));
  split.test = {5};
  write_split(scratch / "far.json", split);
  CHECK_THROWS_WITH(read_split(scratch / "far.json"), Contains("has 5 rows"));
  const std::string text = slurp(scratch / "s.json");
  spill(scratch / "cut.json", text.substr(0, text.size() / 2));
  CHECK_THROWS_AS(read_split(scratch / "cut.json"), InputError);
  spill(scratch / "other.json", "{\"schema\": 3}");
  CHECK_THROWS_AS(read_split(scratch / "other.json"), InputError);
}
