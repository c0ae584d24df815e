#include "icp.h"

#include <Eigen/Cholesky>
#include <Eigen/Geometry>
#include <cmath>

#include "mesh_edges.h"

namespace thz::sim::internal {
namespace {

double plane_gap(const IcpPair& pair, const IcpTarget& target) {
  return target.normals[static_cast<std::size_t>(pair.target)].dot(target.tree.point(pair.target) -
                                                                   pair.moved_m);
}

/// The small motion (about the pairs' centre) that closes the gaps along the normals best.
RigidPose best_step(const std::vector<IcpPair>& pairs, const IcpTarget& target) {
  Vec3 centre = Vec3::Zero();
  for (const IcpPair& pair : pairs) centre += pair.moved_m / static_cast<double>(pairs.size());
  Eigen::Matrix<double, 6, 6> matrix = Eigen::Matrix<double, 6, 6>::Zero();
  Eigen::Matrix<double, 6, 1> right = Eigen::Matrix<double, 6, 1>::Zero();
  for (const IcpPair& pair : pairs) {
    const Vec3& n = target.normals[static_cast<std::size_t>(pair.target)];
    Eigen::Matrix<double, 6, 1> row;
    row << (pair.moved_m - centre).cross(n), n;
    matrix += row * row.transpose();
    right += plane_gap(pair, target) * row;
  }
  // A sphere leaves its turning open; a hair of damping keeps it from spinning.
  matrix.diagonal().array() += 1e-6 * matrix.trace();
  const Eigen::Matrix<double, 6, 1> step = matrix.ldlt().solve(right);
  return small_motion(step.head<3>(), step.tail<3>(), centre);
}

}  // namespace

Samples sample_surface(const Mesh& mesh, std::size_t count) {
  double area = 0.0;
  for (const auto& t : mesh.triangles) area += area_vector(mesh, t).norm();
  const double share = area / static_cast<double>(count);
  Samples samples;
  double passed = -0.5 * share;
  for (const auto& t : mesh.triangles) {
    const Vec3 normal = area_vector(mesh, t);
    passed += normal.norm();
    for (; passed >= 0.0; passed -= share) {
      samples.points_m.push_back((corner(mesh, t, 0) + corner(mesh, t, 1) + corner(mesh, t, 2)) /
                                 3);
      samples.normals.push_back(normal.normalized());
    }
  }
  return samples;
}

std::vector<IcpPair> find_pairs(const Samples& samples, const IcpTarget& target,
                                const RigidPose& pose, const IcpOptions& options) {
  std::vector<IcpPair> pairs;
  for (std::size_t i = 0; i < samples.points_m.size(); ++i) {
    const Vec3 p = pose * samples.points_m[i];
    const int32_t q = target.tree.nearest(p);
    const auto index = static_cast<std::size_t>(q);
    if (!target.used[index]) continue;
    if ((pose.rotation * samples.normals[i]).dot(target.normals[index]) < options.least_normal_cos)
      continue;
    pairs.push_back({p, q, (p - target.tree.point(q)).norm()});
  }
  const auto kept = static_cast<std::size_t>(options.share * static_cast<double>(pairs.size()));
  std::nth_element(pairs.begin(), pairs.begin() + static_cast<std::ptrdiff_t>(kept), pairs.end(),
                   [](const IcpPair& a, const IcpPair& b) { return a.distance_m < b.distance_m; });
  pairs.resize(kept);
  return pairs;
}

RigidPose small_motion(const Vec3& turn, const Vec3& shift_m, const Vec3& centre_m) {
  RigidPose motion;
  if (turn.norm() > 0.0) {
    motion.rotation =
        Eigen::AngleAxisd(std::min(turn.norm(), 0.5), turn.normalized()).toRotationMatrix();
  }
  motion.translation_m = shift_m + centre_m - motion.rotation * centre_m;
  return motion;
}

RigidPose run_icp(const Samples& samples, const IcpTarget& target, RigidPose start,
                  const IcpOptions& options) {
  constexpr std::size_t kFewestPairs = 20;
  for (int i = 0; i < options.iterations; ++i) {
    const std::vector<IcpPair> pairs = find_pairs(samples, target, start, options);
    if (pairs.size() < kFewestPairs) break;
    const RigidPose step = best_step(pairs, target);
    start = step.after(start);
    const double moved = step.translation_m.norm() + (step.rotation - Mat3::Identity()).norm();
    if (moved < 1e-7) break;
  }
  // Products of many rotations drift from being one.
  start.rotation = Eigen::Quaterniond(start.rotation).normalized().toRotationMatrix();
  return start;
}

double icp_residual_m(const Samples& samples, const IcpTarget& target, const RigidPose& pose,
                      const IcpOptions& options) {
  const std::vector<IcpPair> pairs = find_pairs(samples, target, pose, options);
  double sum = 0.0;
  for (const IcpPair& pair : pairs) sum += plane_gap(pair, target) * plane_gap(pair, target);
  return pairs.empty() ? 1.0 : std::sqrt(sum / static_cast<double>(pairs.size()));
}

}  // namespace thz::sim::internal
