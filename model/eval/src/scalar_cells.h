#pragma once

#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "thz/eval/results_table.h"

/// Cells of figures that are plain numbers: equal error rates and alignments.
namespace thz::eval::internal {

/// By split and seed.
using RowUnits = std::map<std::pair<std::string, uint64_t>, UnitFigures>;

/// Of a sample; NaN for fewer than two.
inline double standard_deviation(const std::vector<double>& values) {
  if (values.size() < 2) return TableCell::kNone;
  double mean = 0.0, squares = 0.0;
  for (const double v : values) mean += v / static_cast<double>(values.size());
  for (const double v : values) squares += (v - mean) * (v - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

/// The mean over units with its interval over persons and its spreads; nothing where a unit lacks
/// the figure. Where each split tests other persons, splits are drawn; else the units' own draws,
/// if all have them, of the same persons; else there is no interval.
void fill_scalar(const Figure& figure, const RowUnits& units, bool draw_splits,
                 const BootstrapOptions& options, TableCell& cell);

/// Paired difference a - b over units of the same splits and seeds. Without draws of the same
/// persons on both sides the seeds alone are drawn. Returns the number of seeds; 0: no difference.
std::size_t fill_scalar_difference(const Figure& figure, const RowUnits& a, const RowUnits& b,
                                   bool draw_splits, const BootstrapOptions& options,
                                   TableCell& cell);

}  // namespace thz::eval::internal
