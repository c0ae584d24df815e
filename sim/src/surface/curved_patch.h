#pragma once

#include "thz/core/mesh.h"

namespace thz::sim::internal {

/// Quadratic patch over a triangle: Phong tessellation with alpha = 1/2, which reproduces the
/// sagitta of a sphere between vertices (Boubekeur & Alexa 2008, SIGGRAPH Asia, with limit
/// normals).
inline void evaluate_patch(const Vec3 p[3], const Vec3 n[3], double u, double v, Vec3& point,
                           Vec3& normal) {
  const double w[3] = {1.0 - u - v, u, v};
  const Vec3 flat = w[0] * p[0] + w[1] * p[1] + w[2] * p[2];
  Vec3 projected = Vec3::Zero();
  normal = Vec3::Zero();
  for (int i = 0; i < 3; ++i) {
    projected += w[i] * (flat - (flat - p[i]).dot(n[i]) * n[i]);
    normal += w[i] * n[i];
  }
  point = 0.5 * (flat + projected);
  normal.normalize();
}

}  // namespace thz::sim::internal
