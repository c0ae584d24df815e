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
  double ala_x = 0.0;
  double mouth_x = 0.0;
  double chin_x = 0.0;
  double cheekbone_x = 0.0;
  double temple_x = 0.0;
  double cranium_x = 0.0;
  double zygion_x = 0.0;
  double gonion_x = 0.0;
  double back_z = 0.0;
  double top_y = 0.0;
  double neck_scale = 1.0;
  std::array<double, kLevels> level_y{};  ///< displacement of each level
};

/// Moves points; holds the splines of one warp.
class HeadWarper {
 public:
  explicit HeadWarper(const HeadWarp& warp);
  Vec3 operator()(const Vec3& p) const;

 private:
  double face_shift(double y) const;

  HeadWarp warp_;
  std::array<double, kLevels + 1> slope_{};  ///< monotone cubic through the levels
};

}  // namespace thz::sim::internal
