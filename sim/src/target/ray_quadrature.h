#pragma once

#include <functional>

#include "thz/sim/scene.h"
#include "thz/sim/surface.h"
#include "thz/sim/target.h"

namespace thz::sim::internal {

/// A cell of the ray grid that hit: everything its contribution needs.
struct RayCell {
  Vec3 direction;  ///< unit, world, from the pivot
  double range_m;
  double cos_incidence;
  double projected_m2;  ///< a^2 dOmega
  double linear_phase;  ///< product of the two sincs, the cell's own linear-phase integral
  int32_t material;
};

/// Cells of a surface within the taper's reach, refined where phase is curved or depth jumps, in an
/// order that does not depend on the number of threads. The window is widened by the beam's reach.
/// @param cover  what may lie in front, or null; cells are cut at its rim.
std::vector<RayCell> ray_cells(const Surface& surface, const Surface* cover,
                               const RigidPose& world_from_body, const Imager& imager,
                               const Sampling& sampling, const FieldWindow& window, int threads);

/// Smooth weight of the coherent part of a facet: 1 up to the taper's begin, 0 from its end on
/// (cosine-squared between). A facet returns coherently only within about two degrees of normal
/// incidence; steeper cells sum to nothing in truth and to aliasing on a grid.
double coherent_taper(const Sampling& sampling, double cos_incidence);

}  // namespace thz::sim::internal
