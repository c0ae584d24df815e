#pragma once

#include "thz/sim/target.h"

namespace thz::sim::internal {

/// Whether map_scatterers can do it: body and cloth (as far as there are any) are patch meshes.
bool can_map(const Target& target);

/// The body's and the cloth's scatterers (points are not its business) from the facets that the
/// pivot sees, tile by tile of the ray grid, in single precision: the frame's way. Same cells, same
/// rules, same numbers of the diffuse lattice as ray by ray; the order is that of the tiles.
/// @param times  "view facets", "ray map" (coherent cells), "lattice" (diffuse elements); or null.
ScatterParts map_scatterers(const Target& target, const RigidPose& world_from_body,
                            const Imager& imager, const Sampling& sampling,
                            const FieldWindow& window, const SpeckleKey& speckle, int threads,
                            StageTimes* times);

}  // namespace thz::sim::internal
