#include "thz/core/json_number.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using Json = nlohmann::json;
using thz::InputError;
using thz::whole_number;

TEST_CASE("whole numbers of JSON are those the type holds", "[core]") {
  CHECK(whole_number<int>(Json::parse("-3")) == -3);
  CHECK(whole_number<int>(Json::parse("2147483647")) == 2147483647);
  CHECK(whole_number<int64_t>(Json::parse("-9223372036854775808")) == INT64_MIN);
  CHECK(whole_number<uint64_t>(Json::parse("18446744073709551615")) == UINT64_MAX);
  // Made by a program, not parsed: signed, though not negative.
  CHECK(whole_number<uint64_t>(Json(7)) == 7);
}

TEST_CASE("other values of JSON are refused, not converted", "[core]") {
  for (const char* text : {"1e308", "2.0", "null", "\"2\"", "[2]", "2147483648", "-2147483649"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(whole_number<int>(Json::parse(text)), InputError);
  }
  CHECK_THROWS_WITH(whole_number<uint64_t>(Json::parse("-1")),
                    "-1 stands where a whole number from 0 to 18446744073709551615 is allowed");
  CHECK_THROWS_AS(whole_number<int64_t>(Json::parse("9223372036854775808")), InputError);
}
