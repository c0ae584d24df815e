#pragma once

#include <vector>

#include "thz/sim/parametric_head.h"

namespace thz::sim::internal {

/// Age the means of the table stand for; ANSUR II's own mean is 29 to 30 years.
inline constexpr double kReferenceAge = 30.0;

/// Rows in the order of head_parameters.h; head_survey.cpp names the source of each.
std::vector<HeadParameterInfo> survey_table();

}  // namespace thz::sim::internal
