#include <Eigen/Cholesky>
#include <cmath>

#include "icp.h"

namespace thz::sim::internal {
namespace {

constexpr Eigen::Index kMorphs = 8;
using MorphVector = Eigen::Matrix<double, kMorphs, 1>;

/// Changes of a face's proportions that leave the mid-point between the eyes, which defines the
/// frame, where it is; columns are shifts for a coefficient of one standard deviation: 6 % in each
/// axis and 5-6 mm at chin, jaw and nose, rounded up from the spreads of the population's sizes.
Eigen::Matrix<double, 3, kMorphs> face_morphs(const Vec3& p) {
  const Vec3 eyes(0.0, 0.0361, 0.0799), nose_tip(0.0, 0.006, 0.13);
  const double below = std::max(0.0, -0.005 - p.y()) / 0.07;  // 1 at the chin
  const double behind = std::max(0.0, 0.06 - p.z()) / 0.06;   // 1 above the ears
  const double nose = std::exp(-(p - nose_tip).squaredNorm() / (2.0 * 0.015 * 0.015));
  const double side = std::min(1.0, std::abs(p.x()) / 0.04);
  Eigen::Matrix<double, 3, kMorphs> morphs;
  morphs.col(0) = Vec3(0.06 * p.x(), 0.0, 0.0);
  morphs.col(1) = Vec3(0.0, 0.06 * (p.y() - eyes.y()), 0.0);
  morphs.col(2) = Vec3(0.0, 0.0, 0.06 * (p.z() - eyes.z()));
  morphs.col(3) = Vec3(0.0, -0.006 * below, 0.0);
  morphs.col(4) = Vec3(0.0, 0.0, 0.004 * below);
  morphs.col(5) = Vec3(0.08 * below * p.x(), 0.0, 0.0);
  morphs.col(6) = Vec3(0.0, -0.003 * nose, 0.005 * nose);
  morphs.col(7) = Vec3(0.06 * behind * p.x(), 0.0, 0.003 * side);
  return morphs;
}

IcpTarget deformed(const IcpTarget& face, const MorphVector& weights) {
  std::vector<Vec3> points;
  points.reserve(face.normals.size());
  for (std::size_t v = 0; v < face.normals.size(); ++v) {
    const Vec3& p = face.tree.point(static_cast<int32_t>(v));
    points.push_back(p + face_morphs(p) * weights);
  }
  // Changes of some percent turn normals by as little.
  return {PointTree(std::move(points)), face.normals, face.used};
}

}  // namespace

RigidPose run_morphing_icp(const Samples& samples, const IcpTarget& face, RigidPose start,
                           const IcpOptions& options) {
  constexpr double kFeature_m = 1.5e-3;   // what people differ by beside the morphs
  constexpr double kIndependent = 150.0;  // places on a face that differ on their own
  constexpr std::size_t kFewestPairs = 50;
  constexpr Eigen::Index kAll = 6 + kMorphs;
  MorphVector weights = MorphVector::Zero();
  for (int i = 0; i < options.iterations; ++i) {
    const IcpTarget target = deformed(face, weights);
    const std::vector<IcpPair> pairs = find_pairs(samples, target, start, options);
    if (pairs.size() < kFewestPairs) break;
    Vec3 centre = Vec3::Zero();
    for (const IcpPair& pair : pairs) centre += pair.moved_m / static_cast<double>(pairs.size());
    Eigen::Matrix<double, kAll, kAll> matrix = Eigen::Matrix<double, kAll, kAll>::Zero();
    Eigen::Matrix<double, kAll, 1> right = Eigen::Matrix<double, kAll, 1>::Zero();
    const double scale =
        kIndependent / (static_cast<double>(pairs.size()) * kFeature_m * kFeature_m);
    for (const IcpPair& pair : pairs) {
      const Vec3& n = target.normals[static_cast<std::size_t>(pair.target)];
      Eigen::Matrix<double, kAll, 1> row;
      row << (pair.moved_m - centre).cross(n), n,
          -face_morphs(face.tree.point(pair.target)).transpose() * n;
      // The row's morph part counts from the undeformed face, so that the prior can.
      const double gap =
          n.dot(target.tree.point(pair.target) - pair.moved_m) + row.tail<kMorphs>().dot(weights);
      matrix += scale * row * row.transpose();
      right += scale * gap * row;
    }
    matrix.diagonal().tail<kMorphs>().array() += 1.0;
    matrix.diagonal().head<6>().array() += 1e-9 * matrix.trace();
    const Eigen::Matrix<double, kAll, 1> step = matrix.ldlt().solve(right);
    start = small_motion(step.head<3>(), step.segment<3>(3), centre).after(start);
    weights = step.tail<kMorphs>();
    if (step.head<6>().norm() < 1e-6) break;
  }
  return start;
}

}  // namespace thz::sim::internal
