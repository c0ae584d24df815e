#pragma once

#include <array>
#include <vector>

#include "thz/core/mesh.h"

namespace thz::sim::internal {

/// Levels of the mid-line that a person's face moves: subnasale, labrale superius, stomion, labrale
/// inferius, sublabiale, menton; see head_shape.h for their places before the warp.
inline constexpr std::size_t kLevels = 6;

/// Smooth displacement of the sculpted head that gives it a person's sizes; all zero does nothing.
/// Lengths in mm; the x entries move one side outwards.
struct HeadWarp {
  double eye_x = 0.0;
  double eye_z = 0.0;  ///< eyes and orbits forwards
  double canthus_in_x = 0.0;
  double canthus_out_x = 0.0;
  double canthus_y = 0.0;  ///< outer corner up, inner down
  double lid_y = 0.0;      ///< lids apart
  double ala_x = 0.0;
  double ala_z = 0.0;
  double mouth_x = 0.0;
  double chin_x = 0.0;
  double cheekbone_x = 0.0;
  double temple_x = 0.0;
  double cranium_x = 0.0;
  double zygion_x = 0.0;
  double gonion_x = 0.0;
  double gonion_y = 0.0;
  double back_z = 0.0;
  double top_y = 0.0;
  double midface_z = 0.0;
  double jaw_z = 0.0;
  double neck_scale = 0.0;                ///< growth of the neck's radius
  double neck_base = 0.0;                 ///< further growth at the cut
  double ear_y = 0.0;                     ///< growth of the ear's length
  double ear_z = 0.0;                     ///< growth of its breadth
  double ear_tilt = 0.0;                  ///< tangent, top backwards
  std::array<double, kLevels> level_y{};  ///< displacement of each level
};

/// Moves points; holds the splines of one warp.
class HeadWarper {
 public:
  explicit HeadWarper(const HeadWarp& warp);
  Vec3 operator()(const Vec3& p) const;

 private:
  double face_shift(double y) const;
  double even_shift(double y) const;
  void warp_eye(const Vec3& at, Vec3& out) const;
  void warp_face(const Vec3& at, Vec3& out) const;
  void warp_ear(const Vec3& at, Vec3& out) const;

  HeadWarp warp_;
  std::array<double, kLevels + 1> slope_{};  ///< monotone cubic through the levels
};

}  // namespace thz::sim::internal
