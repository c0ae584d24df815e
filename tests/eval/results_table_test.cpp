#include "thz/eval/results_table.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "thz/core/error.h"

using namespace thz::eval;
using Catch::Matchers::Contains;

namespace {

/// One unit: 12 persons, each with ten decisions of which `right` (out of ten) are right.
UnitFigures unit(double right, double cka) {
  UnitFigures u;
  SumTable table{true, std::vector<MatrixD>(6, MatrixD::Zero(12, 12))};
  for (int i = 0; i < 12; ++i) {
    u.sums.identities.push_back(i);
    for (int j = 0; j < 12; ++j) {
      if (i == j) continue;
      table.terms[0](i, j) = 10.0;
      table.terms[1](i, j) = right + 0.05 * (i % 3);
    }
  }
  u.sums.tables["triplets"] = table;
  u.scalars["projection_cka"] = cka;
  return u;
}

TableInput sample(std::size_t seeds) {
  TableInput input;
  input.protocol = "sample";
  input.title = "A sample, 50 % & more";
  input.columns = {"verification", "projection_cka", "w_ssim"};
  input.groups = {{"folds", "Six folds", false}};
  RowInput plain{"variant", "folds", "plain", "test", "plain", "", {}, {}, {{"units", "2 of 2"}}};
  RowInput taught{"variant", "folds", "taught", "test", "taught, \"B\"", "plain", {}, {}, {}};
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    const double step = 0.1 * static_cast<double>(seed);
    for (const char* fold : {"a", "b"}) {
      plain.units[{fold, seed}] = unit(8.0 + step, 0.5 + 0.01 * static_cast<double>(seed));
      taught.units[{fold, seed}] = unit(8.5 + step, 0.5);
    }
  }
  plain.paper["verification"] = {99.43, 0.76};
  input.rows = {plain, taught};
  input.record = {{"dataset_sha256", "abc"}};
  input.notes = {"A note."};
  return input;
}

const BootstrapOptions kFew = [] {
  BootstrapOptions options;
  options.resamples = 200;
  return options;
}();

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("a table has figures, spreads, differences and chance", "[eval][table]") {
  const ResultsTable table = make_results_table(sample(5), kFew);
  REQUIRE(table.rows.size() == 3);
  const TableCell& plain = table.rows[0].cells[0];
  // 0.80 + 0.005 for a third of the persons each 0, 1, 2; seeds add 0.01 each, mean 0.03.
  CHECK(plain.figure.value == Approx(0.80 + 0.005 + 0.03));
  CHECK(plain.figure.low < plain.figure.value);
  CHECK(plain.seed_sd == Approx(0.01 * std::sqrt(2.5)));
  CHECK(plain.fold_sd == Approx(0.0).margin(1e-12));
  CHECK(plain.paper == 99.43);
  const TableCell& taught = table.rows[1].cells[0];
  CHECK(taught.difference.value == Approx(0.05));
  CHECK(taught.verdict == "better");
  // The plain number is lower by 0.01 to 0.05.
  const TableCell& cka = table.rows[1].cells[1];
  CHECK(cka.difference.value == Approx(-0.03));
  CHECK(cka.difference.high < 0.0);
  CHECK(cka.verdict == "worse");
  CHECK(std::isnan(table.rows[1].cells[2].figure.value));
  CHECK(table.rows[2].kind == "chance");
  CHECK(table.rows[2].cells[0].figure.value == 0.5);
  CHECK(make_results_table(sample(2), kFew).rows[1].cells[0].verdict == "2 seeds: no claim");
}

TEST_CASE("plain numbers have intervals where all units have draws of the same persons",
          "[eval][table]") {
  TableInput input = sample(5);
  input.columns = {"projection_cka"};
  // Draws of a unit lie evenly 0.1 about its value; both systems see the same ones.
  for (RowInput& row : input.rows) {
    for (auto& [key, unit] : row.units) {
      PersonDraws& draws = unit.draws["projection_cka"];
      draws.value = unit.scalars.at("projection_cka");
      draws.persons = unit.sums.identities;
      for (int b = 0; b <= 200; ++b) draws.draws.push_back(draws.value - 0.1 + 0.001 * b);
    }
  }
  BootstrapOptions options = kFew;
  options.resamples = 201;
  const ResultsTable table = make_results_table(input, options);
  // Twelve persons: Student's 2.20 times sqrt(12 / 11) is 2.30, whose tail is 1.07 %.
  const TableCell& plain = table.rows[0].cells[0];
  CHECK(plain.figure.value == Approx(0.53));
  CHECK(plain.figure.low == Approx(0.53 - 0.1 + 0.2 * 0.0107).margin(1e-4));
  CHECK(plain.figure.high == Approx(0.53 + 0.1 - 0.2 * 0.0107).margin(1e-4));
  // What both drew cancels; seeds differ by 0.01 to 0.05 and stay below zero however drawn.
  const TableCell& taught = table.rows[1].cells[0];
  CHECK(taught.difference.value == Approx(-0.03));
  CHECK(taught.difference.high < 0.0);
  CHECK(taught.difference.low >= -0.05 - 1e-12);
  CHECK(taught.verdict == "worse");
  // A unit of before there were draws: a mean without an interval.
  input.rows[0].units.begin()->second.draws.clear();
  const ResultsTable old = make_results_table(input, options);
  CHECK(old.rows[0].cells[0].figure.value == Approx(0.53));
  CHECK(std::isnan(old.rows[0].cells[0].figure.low));
  CHECK(old.rows[1].cells[0].difference.value == Approx(-0.03));
  // Other persons in one unit: their draws do not fit together.
  input.rows[0].units.begin()->second.draws["projection_cka"] = {
      0.5, {1, 2}, std::vector<double>(201, 0.5)};
  CHECK(std::isnan(make_results_table(input, options).rows[0].cells[0].figure.low));
}

TEST_CASE("where splits test other persons, splits are drawn for plain numbers", "[eval][table]") {
  TableInput input = sample(5);
  input.columns = {"projection_cka"};
  input.groups[0].cluster_by_split = true;
  // Split a has 0.1 more than split b in both systems.
  for (RowInput& row : input.rows) {
    for (auto& [key, unit] : row.units) {
      if (key.first == "a") unit.scalars["projection_cka"] += 0.1;
    }
  }
  const ResultsTable table = make_results_table(input, kFew);
  const TableCell& plain = table.rows[0].cells[0];
  CHECK(plain.figure.value == Approx(0.58));
  CHECK(plain.figure.low == Approx(0.53));
  CHECK(plain.figure.high == Approx(0.63));
  CHECK(table.rows[1].cells[0].difference.value == Approx(-0.03));
  CHECK(table.rows[1].cells[0].difference.high < 0.0);
}

TEST_CASE("units that one side lacks are left out of a difference", "[eval][table]") {
  TableInput input = sample(5);
  // Were it counted, the difference would be larger.
  input.rows[0].units.erase({"a", 5});
  const ResultsTable table = make_results_table(input, kFew);
  CHECK(table.rows[1].cells[0].difference.value == Approx(0.05));
}

TEST_CASE("a table is written as CSV, Markdown and LaTeX", "[eval][table]") {
  const ResultsTable table = make_results_table(sample(5), kFew);
  const std::string csv = to_csv(table);
  CHECK(count(csv, "\n") == 4);
  CHECK_THAT(csv, Contains("verification_pct,verification_pct_low") &&
                      Contains("verification_pct_paper") && Contains("w_ssim_difference_high"));
  CHECK_THAT(csv, Contains("\"taught, \"\"B\"\"\",plain,") && Contains(",99.43,0.76,"));
  CHECK_THAT(csv, Contains("dataset_sha256") && Contains(",abc\n"));
  const std::string markdown = to_markdown(table);
  CHECK_THAT(markdown, Contains("## Six folds") && Contains("| verification, % |") &&
                           Contains("| *the paper* | 99.43 ± 0.76 | - | - |") &&
                           Contains("| *less plain* | +5.00 [") && Contains("better") &&
                           Contains("| chance | 50.00 | - | - |") && Contains("- A note."));
  // Every row of the table has as many cells as its head.
  for (auto at = markdown.find("\n| "); at != std::string::npos;
       at = markdown.find("\n| ", at + 1)) {
    CHECK(count(markdown.substr(at, markdown.find('\n', at + 1) - at), " |") == 4);
  }
  const std::string latex = to_latex(table);
  CHECK_THAT(latex, Contains("\\begin{tabular}{llll}") && Contains("verification, \\%") &&
                        Contains("99.43 \\textpm{} 0.76") && Contains("\\quad less plain") &&
                        Contains("% dataset_sha256: abc"));
  CHECK(count(latex, "\\begin{tabular}") == count(latex, "\\end{tabular}"));
}
