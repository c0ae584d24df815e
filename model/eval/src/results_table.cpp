#include "thz/eval/results_table.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "pairing.h"
#include "scalar_cells.h"

namespace thz::eval {
namespace {

using internal::RowUnits;
using internal::standard_deviation;

/// Sums of each seed, its splits pooled.
std::map<uint64_t, IdentitySums> pooled_by_seed(const RowUnits& units) {
  std::map<uint64_t, IdentitySums> seeds;
  for (const auto& [key, unit] : units) pool(seeds[key.second], unit.sums);
  return seeds;
}

std::map<std::string, IdentitySums> pooled_by_split(const RowUnits& units) {
  std::map<std::string, IdentitySums> splits;
  for (const auto& [key, unit] : units) pool(splits[key.first], unit.sums);
  return splits;
}

template <typename Key>
std::vector<const IdentitySums*> pointers(const std::map<Key, IdentitySums>& sums) {
  std::vector<const IdentitySums*> out;
  for (const auto& [key, one] : sums) out.push_back(&one);
  return out;
}

double plain_value(const Figure& figure, const IdentitySums& sums) {
  const auto found = sums.tables.find(figure.table);
  if (found == sums.tables.end()) return TableCell::kNone;
  std::vector<double> terms;
  for (const MatrixD& term : found->second.terms) terms.push_back(term.sum());
  return figure.value(terms);
}

template <typename Key>
double spread_of(const Figure& figure, const std::map<Key, IdentitySums>& parts) {
  std::vector<double> values;
  for (const auto& [key, sums] : parts) values.push_back(plain_value(figure, sums));
  return standard_deviation(values);
}

/// Whether every seed has the figure's sums; a split too small for them adds nothing.
bool has_table(const Figure& figure, const std::map<uint64_t, IdentitySums>& seeds) {
  return !seeds.empty() && std::all_of(seeds.begin(), seeds.end(), [&](const auto& seed) {
    return seed.second.tables.count(figure.table) > 0;
  });
}

Clusters clusters_of_group(const GroupInput& group, const TableInput& input) {
  Clusters clusters;
  if (!group.cluster_by_split) return clusters;
  std::map<std::string, int32_t> number;
  for (const RowInput& row : input.rows) {
    if (row.group != group.name) continue;
    for (const auto& [key, unit] : row.units) {
      const auto at = number.emplace(key.first, static_cast<int32_t>(number.size())).first->second;
      for (const int32_t identity : unit.sums.identities) clusters[identity] = at;
    }
  }
  return clusters;
}

/// RowUnits that both rows have, so that nothing but the system differs.
RowUnits shared_units(const RowUnits& of, const RowUnits& with) {
  RowUnits out;
  for (const auto& [key, unit] : of) {
    if (with.count(key) > 0) out.emplace(key, unit);
  }
  return out;
}

std::string verdict(const Figure& figure, const Interval& difference, std::size_t seeds) {
  if (seeds < kSeedsForClaim) {
    return fmt::format("{} seed{}: no claim", seeds, seeds == 1 ? "" : "s");
  }
  if (difference.low > 0.0) return figure.higher_is_better ? "better" : "worse";
  if (difference.high < 0.0) return figure.higher_is_better ? "worse" : "better";
  return "not settled";
}

class TableMaker {
 public:
  TableMaker(const TableInput& input, const BootstrapOptions& options)
      : input_(input), options_(options) {
    table_.protocol = input.protocol;
    table_.title = input.title;
    table_.groups = input.groups;
    table_.record = input.record;
    table_.notes = input.notes;
    for (const std::string& name : input.columns) table_.columns.push_back(&find_figure(name));
  }

  ResultsTable make() {
    for (const GroupInput& group : input_.groups) {
      clusters_ = clusters_of_group(group, input_);
      draw_splits_ = group.cluster_by_split;
      std::vector<std::string> tests;
      for (const RowInput& row : input_.rows) {
        if (row.group != group.name) continue;
        add_row(row);
        if (std::find(tests.begin(), tests.end(), row.test) == tests.end()) {
          tests.push_back(row.test);
        }
      }
      for (const std::string& test : tests) {
        add_chance(group.name, test, tests.size() == 1 ? "chance" : "chance, " + test);
      }
    }
    return std::move(table_);
  }

 private:
  const RowInput* reference_of(const RowInput& row) const {
    if (row.reference.empty() || row.reference == row.name) return nullptr;
    for (const RowInput& other : input_.rows) {
      if (other.group == row.group && other.test == row.test && other.kind == row.kind &&
          other.name == row.reference) {
        return &other;
      }
    }
    return nullptr;
  }

  void add_row(const RowInput& row) {
    ResultsRow out{row.kind, row.group, row.name, row.test, row.title, "", {}, row.record};
    const RowInput* reference = reference_of(row);
    if (reference != nullptr) out.reference = reference->title;
    const auto seeds = pooled_by_seed(row.units);
    const auto splits = pooled_by_split(row.units);
    for (const Figure* figure : table_.columns) {
      TableCell cell;
      if (figure->table.empty()) {
        internal::fill_scalar(*figure, row.units, draw_splits_, options_, cell);
      } else if (has_table(*figure, seeds)) {
        cell.figure = pooled_interval(*figure, pointers(seeds), clusters_, options_);
        cell.seed_sd = spread_of(*figure, seeds);
        cell.fold_sd = spread_of(*figure, splits);
      }
      if (reference != nullptr) fill_difference(*figure, row.units, reference->units, cell);
      const auto paper = row.paper.find(figure->name);
      if (paper != row.paper.end()) {
        cell.paper = paper->second.value;
        cell.paper_spread = paper->second.spread;
      }
      out.cells.push_back(cell);
    }
    // A ceiling that no test image allows says nothing.
    const bool empty = std::all_of(out.cells.begin(), out.cells.end(), [](const TableCell& cell) {
      return !std::isfinite(cell.figure.value);
    });
    if (!empty || row.kind == "variant") table_.rows.push_back(std::move(out));
  }

  void fill_difference(const Figure& figure, const RowUnits& all_a, const RowUnits& all_b,
                       TableCell& cell) const {
    const RowUnits a = shared_units(all_a, all_b), b = shared_units(all_b, all_a);
    std::size_t seeds = 0;
    if (figure.table.empty()) {
      seeds = internal::fill_scalar_difference(figure, a, b, draw_splits_, options_, cell);
      if (seeds == 0) return;
    } else {
      const auto x = pooled_by_seed(a), y = pooled_by_seed(b);
      if (!has_table(figure, x) || !has_table(figure, y)) return;
      seeds = x.size();
      cell.difference = paired_difference(figure, pointers(x), pointers(y), clusters_, options_);
    }
    cell.verdict = verdict(figure, cell.difference, seeds);
  }

  /// Chance of rank k: k over the candidates a probe is held against.
  double chance_of(const Figure& figure, const RowInput& row) const {
    if (std::isfinite(figure.chance)) return figure.chance;
    if (row.units.empty()) return TableCell::kNone;
    const bool rank_1 = figure.name.rfind("rank_1", 0) == 0;
    const bool retrieval = figure.name.find("_retrieval_5") != std::string::npos;
    double candidates = 0.0;
    for (const auto& [key, unit] : row.units) {
      const auto found = unit.sums.tables.find(figure.table);
      if (retrieval) {
        candidates += static_cast<double>(unit.sums.identities.size());
      } else if ((rank_1 || figure.name.rfind("rank_5", 0) == 0) &&
                 found != unit.sums.tables.end()) {
        candidates += found->second.terms[3].sum() / found->second.terms[0].sum();
      } else {
        return TableCell::kNone;
      }
    }
    candidates /= static_cast<double>(row.units.size());
    return std::min(1.0, (rank_1 ? 1.0 : 5.0) / candidates);
  }

  void add_chance(const std::string& group, const std::string& test, const std::string& title) {
    ResultsRow out{"chance", group, "chance", test, title, "", {}, {}};
    const auto row = std::find_if(input_.rows.begin(), input_.rows.end(), [&](const RowInput& r) {
      return r.group == group && r.test == test && r.kind == "variant" && !r.units.empty();
    });
    for (const Figure* figure : table_.columns) {
      TableCell cell;
      if (row != input_.rows.end()) cell.figure.value = chance_of(*figure, *row);
      out.cells.push_back(cell);
    }
    table_.rows.push_back(std::move(out));
  }

  const TableInput& input_;
  const BootstrapOptions& options_;
  Clusters clusters_;
  bool draw_splits_ = false;  // each split tests other persons
  ResultsTable table_;
};

}  // namespace

ResultsTable make_results_table(const TableInput& input, const BootstrapOptions& options) {
  return TableMaker(input, options).make();
}

}  // namespace thz::eval
