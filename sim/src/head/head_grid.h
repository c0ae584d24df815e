#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "thz/core/mesh.h"

namespace thz::sim::internal {

/// The fixed topology of the parametric head and the featureless mean head it is sculpted from.
///
/// The vertices are the surface lattice of a box of columns x rows x depths cells: a closed quad
/// grid whose eight corners lie under the hair and below the neck. Lengths are in millimetres here
/// and in everything below sim/src/head that says so.
struct HeadGrid {
  std::vector<Vec3> base_mm;                  ///< [V] featureless mean head
  std::vector<Vec3> normals;                  ///< [V] unit outward normals of base_mm, smooth
  std::vector<int32_t> mirror;                ///< [V] the vertex at -x
  std::vector<bool> on_cap;                   ///< [V] strictly inside the flat cut of the neck
  std::vector<std::array<int32_t, 4>> quads;  ///< counter-clockwise seen from outside
};

/// Built on first use; the same object ever after.
const HeadGrid& head_grid();

}  // namespace thz::sim::internal
