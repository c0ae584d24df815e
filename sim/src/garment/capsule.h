#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "thz/core/mesh.h"

namespace thz::sim::internal {

/// Coordinates in which a head and neck are one-valued: rays from a centre inside the head above
/// it, horizontal rays from the axis of the neck below. An icosphere spreads the rays evenly,
/// without a pole on the crown; its southern cap, below the collar, is left out.
struct Capsule {
  Vec3 centre_m = Vec3::Zero();
  double depth_m = 0.0;          // height of the cylinder from the centre to the missing pole
  std::vector<Vec3> origins_m;   // [vertices] where the vertex' ray starts
  std::vector<Vec3> directions;  // [vertices] unit, outward
  std::vector<std::array<int32_t, 3>> triangles;
  std::vector<int32_t> neighbour_start;  // [vertices + 1] into neighbours
  std::vector<int32_t> neighbours;

  std::size_t size() const { return directions.size(); }
};

/// @param collar_y_m  height that lies at kCollarSine of the sphere's southern half.
Capsule make_capsule(const Vec3& centre_m, double collar_y_m, int subdivision);

/// Unit normals of the vertices, area-weighted.
std::vector<Vec3> vertex_normals(const std::vector<Vec3>& positions_m,
                                 const std::vector<std::array<int32_t, 3>>& triangles);

}  // namespace thz::sim::internal
