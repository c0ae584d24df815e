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

/// The lids' opening before the warps: height of its axis, half length and half height, mm.
inline constexpr double kLidAxisMm = 34.9;
inline constexpr double kFissureHalfLengthMm = 14.6;
inline constexpr double kFissureHalfHeightMm = 5.2;
/// The ear before the warps: centre and half sizes, mm.
inline constexpr double kEarCentreYMm = 8.5;
inline constexpr double kEarCentreZMm = 1.0;
inline constexpr double kEarHalfLengthMm = 31.0;
inline constexpr double kEarHalfBreadthMm = 17.5;

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
  double lid_crease = 1.1;
  double eye_bag = 0.55;
  // Nose.
  double root_z = 106.0;
  double root_half_width = 3.0;
  double bridge_half_width = 10.0;
  double bridge_curvature = 0.145;  ///< 1/mm, across the ridge
  double hump = 0.0;
  double tip_cleft = 0.2;
  double wing_y = -3.5;
  double columella = 0.0;  ///< how far it hangs below the wings
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
  double jowl = 0.4;
  // Ears.
  double ear_protrusion = 21.0;
  double ear_lobe = 0.0;
  double helix_roll = 2.8;
};

/// What covers a point, as weights in [0, 1]; the mesh takes the strongest.
struct SurfaceMarks {
  float eye = 0.0f;
  float lash = 0.0f;     ///< edge of the upper lid
  float nostril = 0.0f;  ///< dark opening
  float lips = 0.0f;
  float ear = 0.0f;
  float near_ear = 0.0f;  ///< 1 on the ear, fading to 0 a centimetre off: hair thins out there
};

struct SculptedHead {
  std::vector<Vec3> vertices_mm;    ///< [V] of head_grid()
  std::vector<SurfaceMarks> marks;  ///< [V]
};

class NoseShape;

/// One point of the left half of the featureless head, sculpted.
Vec3 sculpt_point(const HeadShape& shape, const NoseShape& nose, const Vec3& base,
                  SurfaceMarks& marks);

/// The head of `shape` on the fixed topology.
SculptedHead sculpt_head(const HeadShape& shape);

/// The triangles of every head: the quads of head_grid() cut along the diagonal that is shorter on
/// the mean head.
const std::vector<std::array<int32_t, 3>>& head_triangles();

}  // namespace thz::sim::internal
