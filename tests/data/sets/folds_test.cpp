#include "thz/data/folds.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>

#include "thz/core/error.h"

using Catch::Matchers::Contains;
using thz::InputError;
using namespace thz::data;
namespace io = thz::io;

namespace {

/// Labels of a full design: identities x 5 postures x 2 conditions x captures.
SplitRows design(int identities, int captures) {
  SplitRows rows{"the data", "abc", {}};
  for (int identity = 0; identity < identities; ++identity) {
    for (int posture = 0; posture < 5; ++posture) {
      for (int concealed = 0; concealed < 2; ++concealed) {
        for (int capture = 0; capture < captures; ++capture) {
          rows.labels.identity.push_back(identity);
          rows.labels.posture.push_back(posture);
          rows.labels.concealed.push_back(static_cast<uint8_t>(concealed));
          ++rows.labels.rows;
        }
      }
    }
  }
  return rows;
}

std::set<int32_t> identities_of(const std::vector<uint64_t>& part, const SplitRows& rows) {
  std::set<int32_t> found;
  for (const uint64_t row : part) found.insert(rows.labels.identity[row]);
  return found;
}

/// How often each row is tested over all splits.
std::vector<int> tested(const std::vector<NamedSplit>& splits, const SplitRows& rows) {
  std::vector<int> count(rows.labels.rows, 0);
  for (const NamedSplit& s : splits) {
    for (const uint64_t row : s.split.test) ++count[row];
  }
  return count;
}

bool all_are(const std::vector<int>& values, int wanted) {
  return std::all_of(values.begin(), values.end(), [&](int v) { return v == wanted; });
}

}  // namespace

TEST_CASE("image-disjoint folds test every image once and keep pairs together", "[data][split]") {
  const SplitRows rows = design(4, 4);
  const auto splits = make_protocol_splits("image-disjoint-folds", rows, {}, 7);
  REQUIRE(splits.size() == 6);
  CHECK(splits[2].name == "fold-3");
  CHECK(all_are(tested(splits, rows), 1));
  for (const NamedSplit& s : splits) {
    CHECK(s.split.train.size() + s.split.validation.size() + s.split.test.size() ==
          rows.labels.rows);
    CHECK(identities_of(s.split.train, rows).size() == 4);
    CHECK(identities_of(s.split.test, rows).size() == 4);
    // 20 pairs an identity in 6 folds: 3 or 4 in each, both conditions of a pair together.
    std::map<std::pair<int, int>, int> balance;
    for (const uint64_t row : s.split.test) {
      balance[{rows.labels.identity[row], rows.labels.posture[row]}] +=
          rows.labels.concealed[row] != 0 ? 1 : -1;
    }
    for (const auto& [cell, surplus] : balance) CHECK(surplus == 0);
    CHECK(s.split.test.size() >= 4 * 3 * 2);
    CHECK(s.split.test.size() <= 4 * 4 * 2);
  }
}

TEST_CASE("the published folds share the bare images and nothing else", "[data][split]") {
  const SplitRows rows = design(3, 2);
  const auto splits = make_protocol_splits("paper-anchor-folds", rows, {}, 7);
  REQUIRE(splits.size() == 6);
  const auto count = tested(splits, rows);
  for (uint64_t row = 0; row < rows.labels.rows; ++row) {
    CHECK(count[row] == (rows.labels.concealed[row] != 0 ? 1 : 0));
  }
  CHECK(splits[0].split.shared.size() == rows.labels.rows / 2);
}

TEST_CASE("two subjects out test every person once, seen by nobody", "[data][split]") {
  for (const int identities : {8, 9}) {  // an odd one joins the first group
    const SplitRows rows = design(identities, 2);
    const auto splits = make_protocol_splits("two-subjects-out", rows, {}, 7);
    REQUIRE(splits.size() == 4);
    CHECK(all_are(tested(splits, rows), 1));
    for (const NamedSplit& s : splits) {
      const auto left_out = identities_of(s.split.test, rows);
      CHECK(left_out.size() == (&s == &splits[0] && identities == 9 ? 3 : 2));
      for (const int32_t identity : identities_of(s.split.train, rows)) {
        CHECK(left_out.count(identity) == 0);
      }
      // 10 pairs an identity, 15 % of them: 1.5, shared out to 1 or 2.
      const auto others = static_cast<std::size_t>(identities) - left_out.size();
      CHECK(s.split.validation.size() >= others * 2);
      CHECK(s.split.validation.size() <= others * 4);
    }
  }
  CHECK(tests_other_persons("two-subjects-out"));
}

TEST_CASE("across generators nobody is tested who was trained or validated on", "[data][split]") {
  const SplitRows rows = design(10, 1);
  std::vector<int> generator(rows.labels.rows, 0);
  std::fill(generator.begin() + static_cast<std::ptrdiff_t>(rows.labels.rows / 2), generator.end(),
            1);
  const auto splits = make_protocol_splits("cross-generator", rows, {}, 7, generator);
  REQUIRE(splits.size() == 2);
  CHECK(splits[0].group == "trained-on-first");
  for (int which = 0; which < 2; ++which) {
    const io::Split& s = splits[static_cast<std::size_t>(which)].split;
    for (const auto* part : {&s.train, &s.validation}) {
      for (const uint64_t row : *part) CHECK(generator[row] == which);
    }
    std::set<int> tested_generators;
    for (const uint64_t row : s.test) tested_generators.insert(generator[row]);
    CHECK(tested_generators.size() == 2);
  }
  CHECK(splits[0].split.test == splits[1].split.test);
  CHECK_THROWS_WITH(make_protocol_splits("cross-generator", rows, {}, 7),
                    Contains("two data sets"));
}

TEST_CASE("splits of a protocol follow from labels and seed alone", "[data][split]") {
  const SplitRows rows = design(10, 3);
  for (const std::string& rule : protocol_split_rules()) {
    if (rule == "cross-generator") continue;
    CAPTURE(rule);
    const auto hashes = [&](uint64_t seed) {
      std::string all;
      for (const NamedSplit& s : make_protocol_splits(rule, rows, {}, seed)) {
        all += io::split_sha256(s.split);
      }
      return all;
    };
    CHECK(hashes(1) == hashes(1));
    CHECK(hashes(1) != hashes(2));
  }
}

TEST_CASE("a split that leaks is found", "[data][split]") {
  const SplitRows rows = design(10, 2);
  const auto of = [&](const char* rule) {
    return make_protocol_splits(rule, rows, {}, 3).front().split;
  };
  const auto labels = rows.labels;
  for (const char* rule : {"image-disjoint-folds", "identity-disjoint", "two-subjects-out"}) {
    CAPTURE(rule);
    io::Split leaking = of(rule);
    CHECK_NOTHROW(io::require_no_leak(leaking, labels));
    leaking.train.push_back(leaking.test.front());
    CHECK_THROWS_WITH(io::require_no_leak(leaking, labels), Contains("listed twice"));
  }
  for (const char* rule : {"identity-disjoint", "two-subjects-out"}) {
    CAPTURE(rule);
    // The row moves: it is nowhere twice, but its person is.
    io::Split leaking = of(rule);
    leaking.train.push_back(leaking.test.back());
    leaking.test.pop_back();
    CHECK_THROWS_WITH(io::require_no_leak(leaking, labels),
                      Contains("both in training and in test"));
  }
  io::Split validated = of("identity-disjoint");
  validated.train.push_back(validated.validation.back());
  validated.validation.pop_back();
  CHECK_THROWS_WITH(io::require_no_leak(validated, labels), Contains("validation"));
  io::Split sharing = of("image-disjoint-folds");
  sharing.shared.push_back(sharing.test.back());
  sharing.test.pop_back();
  CHECK_THROWS_WITH(io::require_no_leak(sharing, labels), Contains("only paper-anchor-folds may"));
  io::Split concealed = of("paper-anchor-folds");
  concealed.shared.push_back(concealed.test.back());
  concealed.test.pop_back();
  CHECK_THROWS_WITH(io::require_no_leak(concealed, labels), Contains("concealed"));
}

TEST_CASE("data too small for a split are refused with what is needed", "[data][split]") {
  const auto refuses = [](const std::string& rule, const SplitRows& rows, const char* part,
                          const FoldOptions& options = {}) {
    CAPTURE(rule);
    CHECK_THROWS_WITH(make_protocol_splits(rule, rows, options, 1), Contains(part));
  };
  refuses("image-disjoint-folds", design(3, 1), "identity 0 has 5 pairs");
  refuses("image-disjoint-folds", design(3, 1), "6 folds need at least 6");
  refuses("two-subjects-out", design(3, 1), "has 3 identities");
  refuses("two-subjects-out", design(3, 1), "at least 4");
  refuses("identity-disjoint", design(2, 1), "at least 3");
  // Three identities: one each, so nobody else is in the test.
  refuses("identity-disjoint", design(3, 1), "no triplet");
  FoldOptions two;
  two.folds = 2;
  refuses("image-disjoint-folds", design(3, 4), "3 to 1000", two);
  refuses("at-random", design(3, 4), "allowed are image-disjoint-folds, paper-anchor-folds");
}
