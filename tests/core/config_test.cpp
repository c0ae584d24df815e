#include "thz/core/config.h"

#include <catch2/catch.hpp>

#include "thz/core/error.h"

using Catch::Matchers::Contains;
using thz::ConfigTable;
using thz::InputError;

TEST_CASE("values are read with their defaults", "[core][config]") {
  auto root = ConfigTable::parse("a = 2\n[b]\nlist = [1, 2.5]\n", "x.toml");
  CHECK(root.number("a", 0.0, {0, 10}) == 2.0);
  CHECK(root.number("absent", 4.0, {0, 10}) == 4.0);
  CHECK(root.table("b").numbers("list", {}, 2, {0, 10}) == std::vector<double>{1.0, 2.5});
  CHECK(root.table("c").boolean("flag", true));
  CHECK_NOTHROW(root.finish());
}

TEST_CASE("an unknown key is refused with file, line and what is allowed", "[core][config]") {
  auto root = ConfigTable::parse("a = 1\n[b]\nwasit_m = 3\n", "scene.toml");
  root.number("a", 0.0, {0, 10});
  root.table("b").number("waist_m", 1.0, {0, 10});
  CHECK_THROWS_WITH(root.finish(),
                    Contains("scene.toml:3") && Contains("wasit_m") && Contains("waist_m"));
}

TEST_CASE("wrong types and ranges name key, value and what is allowed", "[core][config]") {
  auto root = ConfigTable::parse("a = 'x'\nb = 20\nc = nan\nd = [1]\ne = 'z'\nf = 1.5\n", "s.toml");
  CHECK_THROWS_WITH(root.number("a", 0, {0, 1}), Contains("s.toml:1") && Contains("number"));
  CHECK_THROWS_WITH(root.number("b", 0, {0, 1}), Contains("20") && Contains("between 0 and 1"));
  CHECK_THROWS_AS(root.number("c", 0, {0, 1}), InputError);
  CHECK_THROWS_WITH(root.numbers("d", {}, 2, {0, 1}), Contains("list of 2 numbers"));
  CHECK_THROWS_WITH(root.choice("e", "x", {"x", "y"}), Contains("one of: x, y"));
  CHECK_THROWS_WITH(root.integer("f", 0, 0, 5), Contains("whole number"));
  CHECK_THROWS_WITH(root.required_number("g", {0, 1}), Contains("g is missing"));
}

TEST_CASE("broken TOML gives line and column", "[core][config]") {
  CHECK_THROWS_WITH(ConfigTable::parse("a = \n", "bad.toml"), Contains("bad.toml:1"));
  CHECK_THROWS_WITH(ConfigTable::parse_file("/nowhere/x.toml"), Contains("cannot be read"));
}

TEST_CASE("one document laid over another replaces and adds keys, table by table",
          "[core][config]") {
  auto merged = ConfigTable::parse(
      thz::lay_over("a = 1\n[b]\nx = 1\ny = 2\n", "base", "c = 3\n[b]\ny = 5\n", "over"), "merged");
  CHECK(merged.number("a", 0, {0, 10}) == 1.0);
  CHECK(merged.number("c", 0, {0, 10}) == 3.0);
  auto b = merged.table("b");
  CHECK(b.number("x", 0, {0, 10}) == 1.0);
  CHECK(b.number("y", 0, {0, 10}) == 5.0);
  CHECK_THROWS_WITH(thz::lay_over("", "base", "= 1", "over"), Contains("over:1"));
}
