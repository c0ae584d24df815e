#pragma once

#include "mesh_edges.h"
#include "thz/sim/mesh_repair.h"

namespace thz::sim::internal {

/// Joins vertices within `tolerance_m`; returns how many went.
std::size_t weld_vertices(Mesh& mesh, double tolerance_m);
/// Drops triangles with two equal corners, then those of the same three corners as another.
void drop_useless_triangles(Mesh& mesh, MeshRepairReport& report);
/// Leaves at most two triangles at every edge. @throws InputError where a sheet is too large.
void cut_fins(Mesh& mesh, const std::string& name, const MeshRepairOptions& options,
              MeshRepairReport& report);
/// Gives every fan of triangles around a vertex a vertex of its own.
std::size_t split_touching_fans(Mesh& mesh);

}  // namespace thz::sim::internal
