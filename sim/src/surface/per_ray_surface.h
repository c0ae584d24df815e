#pragma once

#include "thz/sim/surface.h"

namespace thz::sim::internal {

/// The slow and obvious mesh surface: every ray is traced against the finest triangles by Embree
/// and moved to the patch over the triangle it met, all in double. Tests hold the fast one against
/// it; it is also the one for faceted meshes.
std::unique_ptr<Surface> make_per_ray_surface(const Mesh& mesh,
                                              const std::vector<int32_t>& triangle_material,
                                              const MeshSurfaceOptions& options);

}  // namespace thz::sim::internal
