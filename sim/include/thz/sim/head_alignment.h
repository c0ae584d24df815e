#pragma once

#include <string>
#include <vector>

#include "thz/core/mesh.h"

namespace thz::sim {

/// A point somebody marked on a scan.
struct NamedPoint {
  std::string name;
  Vec3 position_m = Vec3::Zero();
};

/// Where a scan lies in the head frame (docs/conventions.md) and how well that is known.
struct HeadAlignment {
  RigidPose head_from_scan;
  double residual_m = 0.0;  ///< RMS distance left over
  double worst_m = 0.0;     ///< landmarks: the largest
  std::string worst;        ///< landmarks: its name
  /// Size of the scan over the mean head's, from landmarks; 1 where it is not estimated.
  double scale = 1.0;
};

/// Names a landmark may have: those of the parametric head, and where they lie on the mean head.
const std::vector<NamedPoint>& mean_head_landmarks();

/// Rigid motion that carries marked points onto those of the mean head with the least squares:
///   min sum |R p_i + t - q_i|^2, by singular values (Umeyama, PAMI 13(4), 1991).
/// The scale that would fit best is reported, not applied.
/// @throws InputError: an unknown name, a name given twice, fewer than three points, points on a
/// line.
HeadAlignment align_by_landmarks(const std::vector<NamedPoint>& marked, const std::string& name);

/// The same without landmarks: 60 starting directions (rotations of the icosahedron, at most 45
/// degrees from any), trimmed point-to-plane ICP against the mean head (Chen & Medioni 1992;
/// Chetverikov et al. 2002), the best by the distances both ways, then refined on the face.
/// @param scan  manifold with its outside out, metres; may have holes and no neck.
/// @throws InputError when two different directions fit about equally well.
HeadAlignment align_automatically(const Mesh& scan, const std::string& name);

}  // namespace thz::sim
