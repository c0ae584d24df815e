// docs/validation-cases.md must be true: every case once, by a test that exists, and the families
// that ask for the whole simulator through it.
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace {

const std::string kRoot = std::string(THZ_SOURCE_DIR) + "/";

std::string text_of(const std::string& path) {
  std::ifstream file(kRoot + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

struct NamedTest {
  std::string file, name;
};

struct Row {
  std::string id, obtained, through;
  std::vector<NamedTest> tests;
};

std::vector<NamedTest> tests_named_in(const std::string& cell) {
  static const std::regex kTest("`(tests/[^`]+)` \"([^\"]+)\"");
  std::vector<NamedTest> tests;
  for (std::sregex_iterator i(cell.begin(), cell.end(), kTest), end; i != end; ++i) {
    tests.push_back({(*i)[1], (*i)[2]});
  }
  return tests;
}

/// Cells of a table's line; `\|` is a bar within a cell.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  for (std::size_t i = 1; i + 1 < line.size(); ++i) {
    const bool bar = line[i] == '|' && line[i - 1] != '\\';
    if (bar) {
      cells.emplace_back();
    } else {
      cells.back() += line[i];
    }
  }
  for (std::string& cell : cells) {
    cell.erase(0, cell.find_first_not_of(' '));
    cell.erase(cell.find_last_not_of(' ') + 1);
  }
  return cells;
}

/// Rows of the table of cases.
std::vector<Row> ledger(const std::string& text) {
  static const std::regex kId("[A-Z][0-9][0-9]");
  std::vector<Row> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.compare(0, 2, "| ") != 0) continue;
    const auto cells = cells_of(line);
    if (!std::regex_match(cells[0], kId)) continue;
    REQUIRE(cells.size() == 8);
    rows.push_back({cells[0], cells[4], cells[6], tests_named_in(cells[7])});
  }
  return rows;
}

/// Families and how many cases each has: 103.
const std::map<char, int> kFamilies = {{'C', 1},  {'G', 11}, {'P', 2}, {'A', 8}, {'H', 2}, {'R', 9},
                                       {'O', 11}, {'F', 10}, {'N', 4}, {'B', 4}, {'S', 4}, {'M', 8},
                                       {'L', 7},  {'K', 6},  {'T', 7}, {'V', 4}, {'X', 5}};

/// What is wrong with a ledger; empty if nothing.
std::vector<std::string> faults(const std::string& text) {
  std::vector<std::string> wrong;
  std::map<std::string, int> seen;
  for (const Row& row : ledger(text)) {
    ++seen[row.id];
    if (row.tests.empty()) wrong.push_back(row.id + " names no test");
    if (row.obtained.empty()) wrong.push_back(row.id + " has no obtained value");
    const bool whole = std::string("GAROFNSV").find(row.id[0]) != std::string::npos;
    static const std::regex kWays("(scene|probe|raw|beam)(, (scene|probe|raw|beam))*");
    if (whole && !std::regex_match(row.through, kWays)) {
      wrong.push_back(row.id + " is answered by " + row.through);
    }
  }
  for (const auto& [family, count] : kFamilies) {
    for (int i = 1; i <= count; ++i) {
      const std::string id = family + std::string(i < 10 ? "0" : "") + std::to_string(i);
      if (seen[id] != 1) wrong.push_back(id + " is there " + std::to_string(seen[id]) + " times");
    }
  }
  for (const auto& [id, count] : seen) {
    const auto family = kFamilies.find(id[0]);
    if (family == kFamilies.end() || std::stoi(id.substr(1)) > family->second) {
      wrong.push_back(id + " is no case");
    }
  }
  for (const NamedTest& test : tests_named_in(text)) {
    if (text_of(test.file).find("TEST_CASE(\"" + test.name + "\"") == std::string::npos) {
      wrong.push_back(test.file + " has no test \"" + test.name + "\"");
    }
  }
  return wrong;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const auto& line : lines) all += line + "\n";
  return all;
}

std::string without(std::string text, const std::string& part, const std::string& instead = "") {
  const std::size_t at = text.find(part);
  REQUIRE(at != std::string::npos);
  return text.replace(at, part.size(), instead);
}

}  // namespace

TEST_CASE("every tabulated case names tests that exist", "[docs][contract]") {
  const std::string text = text_of("docs/validation-cases.md");
  const auto wrong = faults(text);
  INFO(joined(wrong));
  CHECK(wrong.empty());
  CHECK(ledger(text).size() == 103);
}

TEST_CASE("a ledger with a gap is found out", "[docs][contract]") {
  const std::string text = text_of("docs/validation-cases.md");
  CHECK(joined(faults(without(text, "| M05 |", "| M04 |"))) ==
        "M04 is there 2 times\nM05 is there 0 times\n");
  CHECK(joined(faults(without(text, "\"a tilted mirror\"", "\"a bent mirror\""))) ==
        "tests/sim/target/coupling_test.cpp has no test \"a bent mirror\"\n");
  CHECK(joined(faults(without(text, "| 1e-3 | probe |", "| 1e-3 | kernel |"))) ==
        "R01 is answered by kernel\n");
  CHECK(joined(faults(text + "| X06 | a | b | c | d | e | kernel | `tests/x.cpp` \"y\" |\n")) ==
        "X06 is no case\ntests/x.cpp has no test \"y\"\n");
}
