#pragma once

#include <Eigen/Core>

#include "thz/sim/camera.h"

namespace thz::sim::internal {

using Vec3f = Eigen::Vector3f;

inline Vec3f to_vec(const Rgb& c) { return {c[0], c[1], c[2]}; }

/// What a point of a surface does with light.
struct Surface {
  Vec3f normal = Vec3f::UnitZ();  ///< unit, on the viewer's side
  Vec3f albedo = Vec3f::Zero();
  float roughness = 1.0F;  ///< GGX alpha
  float f0 = 0.0F;         ///< 0: no specular part at all
  VisibleKind kind = VisibleKind::kMatte;
};

/// Cook-Torrance lobe D F G / (4 (n.l)(n.v)) with GGX D, Schlick F and the Schlick-GGX
/// G1 = c / (c (1 - k) + k), k = alpha / 2 (Walter et al., EGSR 2007, eq. (33); Karis, SIGGRAPH
/// 2013 course). Cosines in (0, 1].
float specular_lobe(float alpha, float f0, float n_h, float n_l, float n_v, float v_h);

/// Share of the incident light that the specular part takes, for light from all around: Schlick's
/// F with its grazing value lowered to 1 - alpha, since a rough surface has no mirror edge.
float specular_share(const Surface& surface, float n_v);

/// Radiance towards `to_viewer` per irradiance (on a plane facing the light) from `to_light`: the
/// reflectance times (n.l), or times the wrapped cosine for skin.
Vec3f reflected(const Surface& surface, const Vec3f& to_viewer, const Vec3f& to_light);

}  // namespace thz::sim::internal
