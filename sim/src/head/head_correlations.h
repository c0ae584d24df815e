#pragma once

#include <array>

#include "head_parameters.h"

namespace thz::sim::internal {

extern const std::array<int, kSurveyed*(kSurveyed - 1) / 2> kSurveyMenPercent;
extern const std::array<int, kSurveyed*(kSurveyed - 1) / 2> kSurveyWomenPercent;
extern const std::array<int, kCorrelated*(kCorrelated - 1) / 2 - kSurveyed*(kSurveyed - 1) / 2>
    kScanPercent;

}  // namespace thz::sim::internal
