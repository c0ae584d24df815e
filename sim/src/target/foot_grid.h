#pragma once

#include "thz/core/mesh.h"
#include "thz/sim/scene.h"
#include "thz/sim/surface.h"
#include "thz/sim/target.h"

namespace thz::sim::internal {

/// A regular grid of foot points in the plane z = 0, snapped to multiples of its pitch.
struct FootGrid {
  double x0_m, y0_m, pitch_m;
  int nx, ny;

  Vec2 foot(int ix, int iy) const { return {x0_m + ix * pitch_m, y0_m + iy * pitch_m}; }
};

/// The part of the field (with a margin of the beam's reach) that the surface can fill.
FootGrid make_grid(const Surface& surface, const RigidPose& pose, const Imager& imager,
                   const FieldWindow& window, double pitch_m);

/// The smallest grid that holds both, which must have the same pitch.
FootGrid join(const FootGrid& a, const FootGrid& b);

}  // namespace thz::sim::internal
