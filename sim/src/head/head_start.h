#pragma once

#include <vector>

namespace thz::sim::internal {

/// Knobs of the mean head as solve_mean_knobs() finds them, so that no program has to search for
/// them again. Only where searches start; after a change of the sculptor solve_mean_knobs() finds
/// new ones.
const std::vector<double>& mean_head_knobs();

}  // namespace thz::sim::internal
