#pragma once

#include <set>

#include "mesh_edges.h"

namespace thz::sim::internal {

/// Pairs of points of a loop, low index first, that an edge of the mesh joins already.
using TakenChords = std::set<std::array<int32_t, 2>>;

/// Triangles over a closed loop of points with the least area in all, found by dynamic programming
/// over chords (Barequet & Sharir, CAGD 12(2), 1995); indices into the loop. O(n^3). Empty if every
/// triangulation needs a chord that is taken.
TriangleList least_area_triangles(const std::vector<Vec3>& loop, const TakenChords& taken);

/// Splits and swaps until the patch is about as fine as its rim (Liepa 2003, section 4). The first
/// `rim` points are the loop and stay; new ones are appended.
void refine_patch(std::vector<Vec3>& points, TriangleList& triangles, std::size_t rim,
                  const TakenChords& taken);

}  // namespace thz::sim::internal
