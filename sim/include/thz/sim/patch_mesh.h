#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "thz/core/mesh.h"
#include "thz/sim/subdivision.h"

namespace thz::sim {

/// The smooth surface of a mesh in its body frame: over every triangle of the mesh a regular grid
/// of points and normals of the Loop limit surface, and between them quadratic patches (Phong
/// tessellation with alpha = 1/2; Boubekeur & Alexa 2008, SIGGRAPH Asia). Coarse triangles say what
/// is seen, patches say exactly where it is and how it is turned.
///
/// Single precision: a head is 0.3 m across, so that a place has 1e-8 m, 1e-4 rad of two-way phase
/// at 340 GHz.
class PatchMesh {
 public:
  /// A vertex of the limit surface; its size makes two of them a cache line.
  struct alignas(32) Node {
    float position_m[3];
    float unused_a;
    float normal[3];
    float unused_b;
  };

  /// @param plan  for the topology of `mesh`.
  PatchMesh(const Mesh& mesh, const std::vector<int32_t>& triangle_material,
            std::shared_ptr<const SmoothingPlan> plan);

  std::size_t triangles() const { return plan_->coarse_triangles.size(); }
  /// Fine triangles along an edge of a coarse one.
  int side() const { return side_; }
  const std::array<int32_t, 3>& corners(std::size_t triangle) const {
    return plan_->coarse_triangles[triangle];
  }
  int32_t material(std::size_t triangle) const { return material_[triangle]; }
  /// Material at parameters of a triangle, which may have slid over an edge into its neighbour.
  int32_t material_at(std::size_t triangle, float u, float v) const {
    const float share[3] = {v, 1.0f - u - v, u};  // zero on the edges (0, 1), (1, 2), (2, 0)
    if (share[0] >= 0.0f && share[1] >= 0.0f && share[2] >= 0.0f) return material_[triangle];
    const std::size_t least =
        share[0] < share[1] ? (share[0] < share[2] ? 0 : 2) : (share[1] < share[2] ? 1 : 2);
    const int32_t next = plan_->across[triangle][least];
    return material_[next < 0 ? triangle : static_cast<std::size_t>(next)];
  }
  /// Triangle across the edges of corners (0, 1), (1, 2) and (2, 0); -1 where there is none or more
  /// than one.
  const std::array<int32_t, 3>& across(std::size_t triangle) const {
    return plan_->across[triangle];
  }
  /// Vertices of the coarse mesh, the first of `nodes()`: no subdivision moves them.
  std::size_t coarse_vertices() const { return coarse_vertices_; }
  const std::vector<Node>& nodes() const { return nodes_; }
  /// Nodes of every triangle, [triangle][patch_node_count(side)]; see SmoothingPlan::patch_nodes.
  const std::vector<int32_t>& patch_nodes() const { return plan_->patch_nodes; }

  Vec3 corner_m(std::size_t triangle, std::size_t corner) const;
  Vec3 corner_normal(std::size_t triangle, std::size_t corner) const;

  /// All normals over a triangle lie within this cone.
  struct NormalCone {
    float axis[3];
    float cos_half, sin_half;
  };
  const NormalCone& cone(std::size_t triangle) const { return cones_[triangle]; }

  /// Closed, with its outside out: what turns away from the beam is hidden by what faces it.
  bool closed() const { return closed_; }

  struct Point {
    Vec3 position_m;
    Vec3 normal;     ///< unit, outwards
    Vec3 along_u_m;  ///< change of place for a unit of u, on the fine triangle
    Vec3 along_v_m;
  };
  /// The surface at parameters of a coarse triangle; a little outside of it the outermost patch is
  /// continued.
  Point at(std::size_t triangle, double u, double v) const;
  /// Area of the fine triangles of a coarse one, m^2.
  double area_m2(std::size_t triangle) const;

  /// A sphere around the nodes.
  Vec3 center_m() const { return center_m_; }
  double radius_m() const { return radius_m_; }

 private:
  const Node& node(std::size_t triangle, int i, int j) const;
  NormalCone make_cone(std::size_t triangle) const;
  bool find_closed() const;

  std::shared_ptr<const SmoothingPlan> plan_;
  std::vector<int32_t> material_;
  std::size_t coarse_vertices_;
  int side_;
  std::vector<Node> nodes_;
  std::vector<NormalCone> cones_;
  bool closed_;
  Vec3 center_m_;
  double radius_m_;
};

}  // namespace thz::sim
