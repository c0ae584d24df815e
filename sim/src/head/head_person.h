#pragma once

#include "head_landmarks.h"
#include "head_shape.h"
#include "head_warp.h"
#include "thz/sim/parametric_head.h"

namespace thz::sim::internal {

/// The shape of one person before the warps, from the parameters that act on relief.
HeadShape shape_of(const HeadIdentity& identity);

/// The warp that gives `sculpted` landmarks (mm) the sizes of a person.
HeadWarp solve_warp(const HeadIdentity& identity, const LandmarkPoints& sculpted);

/// Neck circumference of the head before the warps, mm.
double base_neck_circumference_mm();

/// The points moved by a warp.
LandmarkPoints warped(const LandmarkPoints& points, const HeadWarp& warp);

}  // namespace thz::sim::internal
