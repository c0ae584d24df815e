#include "thz/sim/posture.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <array>
#include <limits>

#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/core/rng.h"

namespace thz::sim {
namespace {

constexpr std::array<const char*, kPostureCount> kNames = {
    "front-left", "front-center", "front-right", "full-left", "full-right"};
constexpr std::array<double, kPostureCount> kYawDeg = {45.0, 0.0, -45.0, 90.0, -90.0};
/// Poses farther out than this are not the posture any more.
constexpr double kJitterLimit = 2.5;

}  // namespace

std::string posture_name(Posture posture) { return kNames[static_cast<std::size_t>(posture)]; }

Posture parse_posture(const std::string& name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (name == kNames[i]) return static_cast<Posture>(i);
  }
  throw_input(
      "unknown posture '{}'; allowed are front-left, front-center, front-right, full-left, "
      "full-right",
      name);
}

double posture_yaw_deg(Posture posture) { return kYawDeg[static_cast<std::size_t>(posture)]; }

Mat3 pose_rotation(const PoseParameters& pose) {
  return (Eigen::AngleAxisd(deg_to_rad(pose.yaw_deg), Vec3::UnitY()) *
          Eigen::AngleAxisd(deg_to_rad(pose.pitch_deg), Vec3::UnitX()) *
          Eigen::AngleAxisd(deg_to_rad(pose.roll_deg), Vec3::UnitZ()))
      .toRotationMatrix();
}

PoseParameters sample_pose(Posture posture, uint64_t seed, uint64_t capture_key,
                           const PostureJitter& jitter) {
  Rng rng(seed, RngPurpose::kPosture, capture_key);
  const auto draw = [&](double sd) { return rng.truncated_normal(0.0, sd, kJitterLimit); };
  PoseParameters pose;
  pose.yaw_deg = posture_yaw_deg(posture) + draw(jitter.yaw_deg);
  pose.pitch_deg = draw(jitter.pitch_deg);
  pose.roll_deg = draw(jitter.roll_deg);
  pose.offset_m.x() = draw(jitter.x_m);
  pose.offset_m.y() = draw(jitter.y_m);
  pose.offset_m.z() = draw(jitter.z_m);
  return pose;
}

RigidPose stand_pose(const Mesh& mesh, const Mat3& rotation, const StandingFrame& frame) {
  THZ_REQUIRE(!mesh.vertices.empty(), "an empty mesh cannot stand");
  double nearest = -std::numeric_limits<double>::infinity();
  for (const Vec3& v : mesh.vertices) {
    nearest = std::max(nearest, rotation.row(2).dot((v - frame.pivot_m).transpose()));
  }
  // The pivot goes to x = 0 and to the height that leaves the face centre at y = 0 when upright.
  const Vec3 pivot_world(0.0, frame.pivot_m.y() - frame.face_centre_y_m, -nearest);
  return {rotation, pivot_world - rotation * frame.pivot_m};
}

RigidPose place_head(const Mesh& mesh, const PoseParameters& pose, const StandingFrame& frame) {
  RigidPose placed = stand_pose(mesh, pose_rotation(pose), frame);
  placed.translation_m += pose.offset_m;
  return placed;
}

RigidPose motion_between_frames(uint64_t seed, uint64_t capture_key, int frame,
                                const Vec3& centre_m, const MicroMotion& motion) {
  THZ_REQUIRE(frame >= 0, "frames count from 0");
  if (frame == 0) return {};
  Rng rng(seed, RngPurpose::kMotion, capture_key, static_cast<uint32_t>(frame));
  PoseParameters turn;
  turn.yaw_deg = rng.truncated_normal(0.0, motion.rotation_deg, kJitterLimit);
  turn.pitch_deg = rng.truncated_normal(0.0, motion.rotation_deg, kJitterLimit);
  turn.roll_deg = rng.truncated_normal(0.0, motion.rotation_deg, kJitterLimit);
  Vec3 shift;
  for (int axis = 0; axis < 3; ++axis) {
    shift[axis] = rng.truncated_normal(0.0, motion.translation_m, kJitterLimit);
  }
  const Mat3 rotation = pose_rotation(turn);
  return {rotation, centre_m - rotation * centre_m + shift};
}

}  // namespace thz::sim
