#pragma once

#include <cstdint>
#include <string>

#include "thz/core/mesh.h"

namespace thz::sim {

/// The five postures in label order. The subject's left is the imager's right (+x).
enum class Posture : uint8_t {
  kFrontLeft = 0,    ///< yaw +45 deg
  kFrontCenter = 1,  ///< yaw 0
  kFrontRight = 2,   ///< yaw -45 deg
  kFullLeft = 3,     ///< yaw +90 deg
  kFullRight = 4,    ///< yaw -90 deg
};

inline constexpr int kPostureCount = 5;

/// "front-left", "front-center", ... @throws thz::InputError for another text.
std::string posture_name(Posture posture);
Posture parse_posture(const std::string& name);
/// Nominal yaw about +y; positive turns the nose to +x.
double posture_yaw_deg(Posture posture);

/// Standard deviations of the pose of one capture about its posture (normal, redrawn beyond 2.5).
struct PostureJitter {
  double yaw_deg = 4.0;
  double pitch_deg = 3.0;
  double roll_deg = 2.0;
  double x_m = 0.005;
  double y_m = 0.005;
  double z_m = 0.008;
};

/// A pose as its six numbers: rotation = Ry(yaw) Rx(pitch) Rz(roll); positive pitch nods down,
/// positive roll tips the crown towards -x (the subject's right) at yaw 0.
struct PoseParameters {
  double yaw_deg = 0.0;
  double pitch_deg = 0.0;
  double roll_deg = 0.0;
  Vec3 offset_m = Vec3::Zero();  ///< from the standing place, world axes
};

Mat3 pose_rotation(const PoseParameters& pose);

/// Pose numbers of one capture (RngPurpose::kPosture).
PoseParameters sample_pose(Posture posture, uint64_t seed, uint64_t capture_key,
                           const PostureJitter& jitter = {});

/// Where a subject stands: rotation about `pivot_m` (body frame), then a shift that puts the
/// surface point nearest the imager (largest z) at z = 0 and the pivot and the middle of the face
/// at x = 0 and y = 0.
struct StandingFrame {
  Vec3 pivot_m{0.0, 0.0361, 0.0};  ///< fixed axis of the turning head, between the ears
  double face_centre_y_m = 0.020;  ///< body height shown at the middle of the field
};

/// The pose without jitter: world_from_body.
RigidPose stand_pose(const Mesh& mesh, const Mat3& rotation, const StandingFrame& frame = {});

/// stand_pose for the rotation of `pose`, shifted by its offset. Jitter of z is kept.
RigidPose place_head(const Mesh& mesh, const PoseParameters& pose, const StandingFrame& frame = {});

/// Spread of the involuntary motion between the averaged frames of a capture.
struct MicroMotion {
  double rotation_deg = 0.6;  ///< SD about each axis
  double translation_m = 0.001;
};

/// Motion in world axes of frame `frame` against frame 0 (identity), about `centre_m` (world);
/// apply as motion.after(world_from_body). RngPurpose::kMotion.
RigidPose motion_between_frames(uint64_t seed, uint64_t capture_key, int frame,
                                const Vec3& centre_m, const MicroMotion& motion = {});

}  // namespace thz::sim
