#pragma once

#include <vector>

#include "thz/core/mesh.h"

namespace thz::sim::internal {

/// A closed surface around a path: rings of eight vertices carried along without twist, with round
/// ends on an open path. Loop subdivision brings the tube to `radius_m`.
/// @param path  three points or more; a closed path does not repeat its first.
Mesh make_tube(const std::vector<Vec3>& path, double radius_m, bool closed);

/// Adds the vertices and triangles of `part`.
void append_mesh(Mesh& mesh, const Mesh& part);

}  // namespace thz::sim::internal
