#pragma once

#include <vector>

namespace thz::sim::internal {

/// Knobs of the mean head as solve_mean_knobs() finds them, so that no program has to search for
/// them again. Only where searches start: a person's measures do not depend on it. The hidden test
/// "the starting point of the heads" prints them after a change of the sculptor.
const std::vector<double>& mean_head_knobs();

}  // namespace thz::sim::internal
