#pragma once

#include <vector>

#include "head_person.h"

namespace thz::sim::internal {

/// The form whose measures, random relief included, equal the parameters of a person: damped
/// Gauss-Newton from the mean head with its Jacobian, corrected by Broyden's rank-one rule.
HeadForm solve_form(const HeadIdentity& identity, const PersonRelief& relief);

/// Knobs of the mean head, in their scales, by Gauss-Newton with a fresh Jacobian every few steps.
/// @param from  where to start; empty: the sculptor's defaults.
std::vector<double> solve_mean_knobs(const std::vector<double>& from, int rounds);

}  // namespace thz::sim::internal
