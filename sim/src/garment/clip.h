#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "thz/core/mesh.h"

namespace thz::sim::internal {

/// A surface cut along the zero line of a function known at its vertices.
struct ClippedSurface {
  /// An output vertex lies between two input vertices: (1 − weight) first + weight second.
  struct Source {
    int32_t first, second;
    double weight;
  };
  std::vector<Source> vertices;
  std::vector<std::array<int32_t, 3>> triangles;
  std::vector<int32_t> parents;  // [triangles] the input triangle each came from
};

/// Keeps where the function is >= 0; values nearer to 0 than `snap` count as 0, which spares
/// slivers.
ClippedSurface clip_surface(const std::vector<std::array<int32_t, 3>>& triangles,
                            std::vector<double> function, double snap);

}  // namespace thz::sim::internal
