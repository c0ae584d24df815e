#include "thz/sim/posture.h"

#include <Eigen/Geometry>
#include <catch2/catch.hpp>
#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/sim/parametric_head.h"

using namespace thz;
using namespace thz::sim;

TEST_CASE("postures have names, an order and a yaw", "[sim][head][posture]") {
  for (int i = 0; i < kPostureCount; ++i) {
    const auto posture = static_cast<Posture>(i);
    CHECK(parse_posture(posture_name(posture)) == posture);
  }
  CHECK(posture_name(Posture::kFrontLeft) == "front-left");
  CHECK(posture_yaw_deg(Posture::kFullRight) == -90.0);
  CHECK_THROWS_WITH(parse_posture("left"), Catch::Contains("front-center"));
}

TEST_CASE("positive yaw turns the nose to +x, pitch down, roll the crown to -x",
          "[sim][head][posture]") {
  const Vec3 nose(0, 0, 1);
  const Vec3 crown(0, 1, 0);
  PoseParameters pose;
  pose.yaw_deg = 90.0;
  CHECK((pose_rotation(pose) * nose - Vec3(1, 0, 0)).norm() < 1e-12);
  pose = {};
  pose.pitch_deg = 30.0;
  CHECK((pose_rotation(pose) * nose).y() == Approx(-0.5));
  pose = {};
  pose.roll_deg = 30.0;
  CHECK((pose_rotation(pose) * crown).x() == Approx(-0.5));
}

TEST_CASE("a standing head has its nearest point at z = 0 whatever its turn",
          "[sim][head][posture]") {
  const Mesh mesh = build_parametric_head(mean_head_identity());
  for (double yaw : {-90.0, -45.0, 0.0, 45.0, 90.0}) {
    PoseParameters parameters;
    parameters.yaw_deg = yaw;
    const RigidPose pose = stand_pose(mesh, pose_rotation(parameters));
    double nearest = -1.0;
    for (const Vec3& v : mesh.vertices) nearest = std::max(nearest, (pose * v).z());
    CHECK(std::abs(nearest) < 1e-12);
    // The axis of the turning head stays in the middle of the field.
    const StandingFrame frame;
    CHECK(std::abs((pose * frame.pivot_m).x()) < 1e-12);
    CHECK((pose * frame.pivot_m).y() == Approx(frame.pivot_m.y() - frame.face_centre_y_m));
    parameters.offset_m = Vec3(0.004, -0.003, 0.01);
    CHECK((place_head(mesh, parameters) * mesh.vertices[0] - pose * mesh.vertices[0] -
           parameters.offset_m)
              .norm() < 1e-12);
  }
}

TEST_CASE("the whole head stays in the 45 cm field in every posture", "[sim][head][posture]") {
  const Mesh mesh = build_parametric_head(mean_head_identity());
  const int32_t tip = parametric_head_landmark("pronasale");
  const int32_t menton = parametric_head_landmark("menton");
  for (int i = 0; i < kPostureCount; ++i) {
    PoseParameters parameters;
    parameters.yaw_deg = posture_yaw_deg(static_cast<Posture>(i));
    const RigidPose pose = stand_pose(mesh, pose_rotation(parameters));
    for (const Vec3& v : mesh.vertices) CHECK(std::abs((pose * v).x()) < 0.225);
    CHECK(std::abs((pose * mesh.vertices[static_cast<std::size_t>(tip)]).y()) < 0.03);
    CHECK(std::abs((pose * mesh.vertices[static_cast<std::size_t>(menton)]).y()) < 0.12);
  }
}

TEST_CASE("the jitter has the stated spread and is keyed by capture", "[sim][head][posture]") {
  constexpr int kDraws = 4000;
  const PostureJitter jitter;
  double yaw2 = 0.0;
  double z2 = 0.0;
  for (uint64_t i = 0; i < kDraws; ++i) {
    const PoseParameters p = sample_pose(Posture::kFrontLeft, 3, i, jitter);
    yaw2 += std::pow(p.yaw_deg - 45.0, 2);
    z2 += std::pow(p.offset_m.z(), 2);
    CHECK(std::abs(p.yaw_deg - 45.0) <= 2.5 * jitter.yaw_deg);
  }
  // A normal cut at 2.5 SD keeps 0.9545 of its SD; 4000 draws know an SD to 1.1 %, times 4.
  CHECK(std::sqrt(yaw2 / kDraws) == Approx(0.955 * jitter.yaw_deg).epsilon(0.045));
  CHECK(std::sqrt(z2 / kDraws) == Approx(0.955 * jitter.z_m).epsilon(0.045));
  CHECK(sample_pose(Posture::kFullLeft, 3, 9).yaw_deg ==
        sample_pose(Posture::kFullLeft, 3, 9).yaw_deg);
  CHECK(sample_pose(Posture::kFullLeft, 3, 9).yaw_deg !=
        sample_pose(Posture::kFullLeft, 3, 10).yaw_deg);
}

TEST_CASE("frame 0 does not move; later frames turn by about a degree about the head",
          "[sim][head][posture]") {
  const Vec3 centre(0.0, 0.02, -0.1);
  const RigidPose still = motion_between_frames(1, 2, 0, centre);
  CHECK(still.rotation == Mat3::Identity());
  CHECK(still.translation_m == Vec3::Zero());
  double turn2 = 0.0;
  double shift2 = 0.0;
  constexpr int kDraws = 2000;
  for (uint64_t i = 0; i < kDraws; ++i) {
    const RigidPose m = motion_between_frames(1, i, 1, centre);
    turn2 += std::pow(rad_to_deg(Eigen::AngleAxisd(m.rotation).angle()), 2);
    shift2 += (m * centre - centre).squaredNorm();
    CHECK((m.rotation.transpose() * m.rotation - Mat3::Identity()).norm() < 1e-12);
  }
  // Three axes: sqrt(3) times the SD of one, times 0.955 for the cut at 2.5.
  const MicroMotion motion;
  CHECK(std::sqrt(turn2 / kDraws) ==
        Approx(std::sqrt(3.0) * 0.955 * motion.rotation_deg).epsilon(0.05));
  CHECK(std::sqrt(shift2 / kDraws) ==
        Approx(std::sqrt(3.0) * 0.955 * motion.translation_m).epsilon(0.05));
  CHECK(motion_between_frames(1, 5, 1, centre).translation_m !=
        motion_between_frames(1, 5, 2, centre).translation_m);
}
