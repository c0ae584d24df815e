#pragma once

#include <vector>

#include "capsule.h"

namespace thz::sim::internal {

/// A membrane under tension that may rest on the obstacle but not enter it: projected successive
/// over-relaxation of Laplace's equation. It touches what bulges and bridges what is hollow.
/// Pinned vertices stay where they are.
/// @param obstacle  [vertices] smallest radius, 0 where there is none.
/// @param radius    [vertices] in: first guess, > 0; out: the membrane.
void stretch_over(const Capsule& capsule, const std::vector<double>& obstacle,
                  const std::vector<char>& pinned, std::vector<double>& radius);

}  // namespace thz::sim::internal
