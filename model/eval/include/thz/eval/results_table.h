#pragma once

#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "thz/eval/figures.h"
#include "thz/eval/person_draws.h"

namespace thz::eval {

/// Fewer seeds than this support no claim that one system is better than another.
inline constexpr std::size_t kSeedsForClaim = 5;

/// A published figure as printed (percent where the column is), with its spread if one is given.
struct PaperFigure {
  double value = 0.0;
  double spread = std::numeric_limits<double>::quiet_NaN();
};

/// What one trained network (or a baseline) made of one test.
struct UnitFigures {
  IdentitySums sums;
  std::map<std::string, double> scalars;  ///< figures without sums, by name
  FigureDraws draws;  ///< of those; a figure without draws has no interval over persons
};

/// A row before its figures: one system on one test of one group of splits.
struct RowInput {
  std::string kind;   ///< "variant", "baseline", "ceiling"
  std::string group;  ///< of splits
  std::string name;
  std::string test;
  std::string title;
  std::string reference;  ///< name of the row it is compared with; empty: none
  /// By split and seed.
  std::map<std::pair<std::string, uint64_t>, UnitFigures> units;
  std::map<std::string, PaperFigure> paper;                 ///< by figure
  std::vector<std::pair<std::string, std::string>> record;  ///< what was run
};

struct GroupInput {
  std::string name;
  std::string title;
  /// Whether persons of one split are drawn together: where each split tests other persons.
  bool cluster_by_split = false;
};

struct TableInput {
  std::string protocol;
  std::string title;
  std::vector<std::string> columns;  ///< names of figures
  std::vector<GroupInput> groups;
  std::vector<RowInput> rows;
  std::vector<std::pair<std::string, std::string>> record;  ///< of all rows
  std::vector<std::string> notes;
};

/// One figure of a row, unscaled; what does not apply is NaN.
struct TableCell {
  Interval figure{kNone, kNone, kNone};
  double seed_sd = kNone;  ///< from seed to seed
  double fold_sd = kNone;  ///< from split to split, as the paper has it
  double paper = kNone;    ///< as printed
  double paper_spread = kNone;
  Interval difference{kNone, kNone, kNone};  ///< from the reference, paired
  std::string verdict;  ///< "better", "worse", "not settled", "N seeds: no claim"

  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
};

struct ResultsRow {
  std::string kind, group, name, test, title, reference;
  std::vector<TableCell> cells;  ///< one a column
  std::vector<std::pair<std::string, std::string>> record;
};

struct ResultsTable {
  std::string protocol;
  std::string title;
  std::vector<const Figure*> columns;
  std::vector<GroupInput> groups;
  std::vector<ResultsRow> rows;  ///< by group; chance last
  std::vector<std::pair<std::string, std::string>> record;
  std::vector<std::string> notes;
};

/// Figures, intervals, spreads and paired differences of all rows, and a row of chance levels a
/// group and test (docs/protocols.md, "How a table is judged").
/// @throws InputError for an unknown column.
ResultsTable make_results_table(const TableInput& input, const BootstrapOptions& options);

/// One line a row, all numbers in the printed unit (columns in percent end in _pct).
std::string to_csv(const ResultsTable& table);
/// Under each variant the paper's figures and the difference from its reference.
std::string to_markdown(const ResultsTable& table);
/// A booktabs tabular a group, with the record as comments.
std::string to_latex(const ResultsTable& table);

}  // namespace thz::eval
