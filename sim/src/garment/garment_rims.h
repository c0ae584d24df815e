#pragma once

#include <array>
#include <vector>

#include "thz/sim/garment.h"

namespace thz::sim::internal {

/// Where the cloth of one capture ends: the rims of its opening and its collar.
struct GarmentRims {
  const GarmentOptions& options;
  std::array<Vec3, 2> eyes_m;
  double collar_y_m;
  double front_z_m;  ///< openings are cut in front of this plane
  GarmentDraw draw;

  /// Zero on the rims, > 0 on the cloth, < 0 where there is none; metres near a rim.
  double cut_function(const Vec3& point_m) const;
};

/// Distance of every vertex to the nearest rim of the mesh (edges of one triangle only), or
/// `reach_m` if none is nearer.
/// @param on_rim  [vertices] whether a rim may run through it.
std::vector<double> rim_distances(const Mesh& mesh, const std::vector<char>& on_rim,
                                  double reach_m);

}  // namespace thz::sim::internal
