#pragma once

#include <vector>

#include "capsule.h"

namespace thz::sim::internal {

/// Thickness of the worn cloth over its mean, [vertices], by the girth it has to go round: a pulled
/// knit glides until its tension is even, and then its mass an area goes as 1/girth,
///   f = girth^-exponent over the mean of that,
/// with the girth of the ring at the vertex' height. Above the widest ring the crown is shaped, not
/// stretched less: the girth stays the widest.
/// @param membrane_m  the worn cloth on the capsule's vertices.
std::vector<double> stretch_factors(const Capsule& capsule, const std::vector<Vec3>& membrane_m,
                                    double exponent);

}  // namespace thz::sim::internal
