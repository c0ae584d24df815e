#pragma once

#include <string>

#include "thz/core/progress.h"
#include "thz/data/dataset_rows.h"
#include "thz/data/plan.h"

/// A plan's rows as a table that anyone can read and edit, and what making them will take.
namespace thz::data {

/// CSV with a line a row, in order: identity, posture, condition, capture, fabric (empty when
/// bare), visible (1: this (identity, posture, condition) has a visible picture), and a column for
/// each knob of the plan.
std::string plan_table_csv(const Plan& plan);

/// Takes the rows of such a file into the plan in place of what its numbers say. The random draws
/// of a capture depend on its identity, posture, condition and capture number alone: lines may be
/// removed, added, sorted and changed, and the rest stays what it was.
/// @throws InputError with the line: unknown names, values out of range, a capture that is there
/// twice, lines of one (identity, posture, condition) that differ in `visible`, an empty table.
void read_plan_table(const std::string& path, Plan& plan);

/// The plan as a file of its own whose rows lie in `rows_file` beside it.
std::string plan_with_rows_toml(const Plan& plan, const std::string& rows_file);

/// The fewest captures of any (identity, posture, condition).
int fewest_planned_captures(const Plan& plan);

/// What a plan takes on this machine.
struct PlanEstimate {
  double prepare_s = 0.0;  ///< scene and grey mapping, measured
  double bare_s = 0.0;     ///< of one thread for a row, measured; 0 where the plan has none
  double concealed_s = 0.0;
  double visible_s = 0.0;  ///< a visible picture
  double minutes = 0.0;    ///< in all on `threads` threads of an otherwise idle machine
  double gigabytes = 0.0;  ///< of the finished file; while it is joined, twice that
};

/// Makes two rows of each kind and one picture, times them by the processor's clock, and scales.
/// @throws InputError, Cancelled as RowMaker.
PlanEstimate estimate_plan(const Plan& plan, int threads, const CancelToken* cancel = nullptr);

}  // namespace thz::data
