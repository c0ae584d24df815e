#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "thz/core/mesh.h"

namespace thz::sim::internal {

/// Levels of the face in the space the head is sculpted in, mm; head_warp moves them to a person's.
namespace level {
inline constexpr double kEye = 36.1;
inline constexpr double kSellion = 43.0;
inline constexpr double kSubnasale = -12.0;
inline constexpr double kLabraleSuperius = -25.0;
inline constexpr double kStomion = -33.5;
inline constexpr double kLabraleInferius = -43.0;
inline constexpr double kSublabiale = -49.5;
inline constexpr double kPogonion = -62.0;
inline constexpr double kMenton = -76.0;
}  // namespace level

/// Centre depth and radius of the eyeballs, mm.
inline constexpr double kEyeDepthMm = 79.9;
inline constexpr double kEyeRadiusMm = 12.0;

/// Where the features lie before the warps, distance from the mid-line, mm.
inline constexpr double kEyeXMm = 31.4;
inline constexpr double kAlaXMm = 12.0;
inline constexpr double kMouthHalfWidthMm = 25.5;

/// Everything the sculptor may vary; the defaults make the mean head. Lengths in mm, before the
/// warps of head_warp.h.
struct HeadShape {
  // Brow and forehead.
  double brow_projection = 3.2;
  double brow_y = 60.0;
  double brow_tilt = -0.02;  ///< rise per mm outwards
  double glabella_projection = 1.8;
  double forehead_slope = 0.0;    ///< extra recession, tangent
  double forehead_lateral = 0.0;  ///< bosses at the sides of the forehead
  // Eyes.
  double orbit_depth = 6.5;
  double fissure_half_length = 13.8;
  double fissure_half_height = 5.2;
  double canthal_rise = 0.068;  ///< tangent of the canthal tilt
  // Nose.
  double root_z = 106.0;
  double root_half_width = 7.5;
  double bridge_half_width = 10.0;
  double bridge_curvature = 0.145;  ///< 1/mm, across the ridge
  double hump = 0.0;
  double tip_z = 130.7;
  double tip_y = 3.0;
  double tip_radius = 11.0;
  double ala_radius = 7.2;
  double nostril_rise = 0.0;  ///< base of the nose up at the tip
  // Mouth.
  double upper_lip = 3.4;
  double lower_lip = 4.4;
  double lip_base = 0.0;  ///< dental protrusion under both lips
  double philtrum_depth = 1.3;
  double philtrum_half_width = 5.6;
  // Chin, cheeks.
  double mentolabial_depth = 3.6;
  double chin_projection = 5.0;
  double chin_half_width = 15.0;
  double chin_cleft = 0.0;
  double cheekbone_projection = 2.4;
  double cheekbone_x = 46.0;
  double cheekbone_y = 10.0;
  double cheek_fullness = 0.0;
  double nasolabial_depth = 1.2;
  double larynx = 1.5;
  // Ears.
  double ear_length = 62.0;
  double ear_breadth = 35.0;
  double ear_protrusion = 21.0;
};

/// What covers a point, as weights in [0, 1]; the mesh takes the strongest.
struct SurfaceMarks {
  float eye = 0.0f;
  float lips = 0.0f;
  float ear = 0.0f;
  float near_ear = 0.0f;  ///< 1 on the ear, fading to 0 a centimetre off: hair thins out there
};

struct SculptedHead {
  std::vector<Vec3> vertices_mm;    ///< [V] of head_grid()
  std::vector<SurfaceMarks> marks;  ///< [V]
};

/// The head of `shape` on the fixed topology.
SculptedHead sculpt_head(const HeadShape& shape);

/// The triangles of every head: the quads of head_grid() cut along the diagonal that is shorter on
/// the mean head.
const std::vector<std::array<int32_t, 3>>& head_triangles();

}  // namespace thz::sim::internal
