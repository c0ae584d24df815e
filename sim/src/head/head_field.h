#pragma once

#include <cstddef>
#include <vector>

namespace thz::sim::internal {

/// Numbers of coefficients of the two smooth random fields, and of the sideways lean of the nose
/// that ends the second.
inline constexpr std::size_t kResidualCount = 96;
inline constexpr std::size_t kAsymmetryCount = 65;

/// Displacement along the base normal, mm, at every vertex of head_grid(): a sum of fixed cosine
/// and sine waves over the mean head with a Gaussian spectrum. The symmetric part has 0.9 mm RMS
/// and the correlation exp(-d^2 / (2 (20 mm)^2)), the antisymmetric part 0.6 mm and 26 mm.
std::vector<double> smooth_field_mm(const std::vector<float>& residual,
                                    const std::vector<float>& asymmetry);

}  // namespace thz::sim::internal
