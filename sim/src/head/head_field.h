#pragma once

#include <cstddef>
#include <vector>

#include "thz/sim/parametric_head.h"

namespace thz::sim::internal {

/// Numbers of coefficients of the smooth random fields, and of the sideways lean of the nose
/// that ends the antisymmetric one.
inline constexpr std::size_t kResidualCount = 96;
inline constexpr std::size_t kAsymmetryCount = 65;
/// Of the fine relief that folds and wrinkles leave, 8 mm long; it grows with age.
inline constexpr std::size_t kMesoCount = 96;

/// Displacement along the base normal, mm, at every vertex of head_grid(): a sum of fixed cosine
/// and sine waves over the mean head with a Gaussian spectrum. The symmetric part has 0.9 mm RMS
/// and the correlation exp(-d^2 / (2 (20 mm)^2)), the antisymmetric part 0.6 mm and 26 mm, the fine
/// relief 0.08 mm at 20 years and 0.2 mm at 70, 4.5 mm.
std::vector<double> smooth_field_mm(const HeadIdentity& identity);

}  // namespace thz::sim::internal
