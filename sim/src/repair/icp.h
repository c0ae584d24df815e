#pragma once

#include <vector>

#include "point_tree.h"
#include "thz/core/mesh.h"

namespace thz::sim::internal {

/// Points of a surface with their outward normals.
struct Samples {
  std::vector<Vec3> points_m;
  std::vector<Vec3> normals;
};

/// `count` triangle centres spread evenly over the area, in the order of the triangles.
Samples sample_surface(const Mesh& mesh, std::size_t count);

/// What is aligned to: a surface's vertices with their normals.
struct IcpTarget {
  PointTree tree;
  std::vector<Vec3> normals;
  std::vector<uint8_t> used;  ///< pairs with other vertices are left out
};

struct IcpOptions {
  int iterations = 20;
  double share = 0.8;             ///< of the pairs, the nearest ones
  double least_normal_cos = 0.3;  ///< pairs whose normals disagree more are left out
};

struct IcpPair {
  Vec3 moved_m;
  int32_t target;
  double distance_m;
};

/// Each sample with the target's nearest vertex, as far as the options allow, unordered.
std::vector<IcpPair> find_pairs(const Samples& samples, const IcpTarget& target,
                                const RigidPose& pose, const IcpOptions& options);

/// Rotation by `turn` (radians, at most 0.5) about `centre`, then the shift.
RigidPose small_motion(const Vec3& turn, const Vec3& shift_m, const Vec3& centre_m);

/// Trimmed point-to-plane ICP from `start`; the motion is linearised afresh in every step.
RigidPose run_icp(const Samples& samples, const IcpTarget& target, RigidPose start,
                  const IcpOptions& options);

/// The same while the target is let deform by a few smooth changes of a face's proportions, held
/// back by how much people differ: without them a short face is shifted until its chin fits.
/// @param face  undeformed; pairs with vertices that are not `used` are left out.
RigidPose run_morphing_icp(const Samples& samples, const IcpTarget& face, RigidPose start,
                           const IcpOptions& options);

/// RMS distance to the target's tangent planes over the pairs that ICP would use.
double icp_residual_m(const Samples& samples, const IcpTarget& target, const RigidPose& pose,
                      const IcpOptions& options);

}  // namespace thz::sim::internal
