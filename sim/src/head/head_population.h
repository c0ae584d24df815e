#pragma once

#include <vector>

#include "thz/core/rng.h"

namespace thz::sim::internal {

/// Standard scores of one person's parameters, [P]: correlated as in the population, each of unit
/// variance.
std::vector<double> draw_scores(Rng& rng, bool female);

}  // namespace thz::sim::internal
