#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "thz/core/mesh.h"

namespace thz::sim {

/// One Loop subdivision step of a fixed topology: a sparse matrix from coarse to refined vertices.
///
/// Source: C. Loop, "Smooth subdivision surfaces based on triangles", 1987; boundary rules after
/// Hoppe et al., SIGGRAPH 1994. Interior vertices keep their index: refined vertex v < coarse count
/// is the moved coarse vertex v, the others are edge points. An edge with one triangle, or with
/// more than two, is treated as a boundary: its point is the mid-point, and its end vertices follow
/// the cubic B-spline rule 1/8, 3/4, 1/8 along the boundary (end vertices where other than two
/// boundary edges meet stay fixed).
struct LoopStencil {
  int32_t coarse_vertices = 0;
  /// CSR rows, one a refined vertex: weights row_begin[v] .. row_begin[v + 1].
  std::vector<int32_t> row_begin;
  std::vector<int32_t> column;
  std::vector<double> weight;
  /// Refined triangles; the children of coarse triangle t are 4t .. 4t + 3, 4t + 3 in the middle.
  std::vector<std::array<int32_t, 3>> triangles;

  int32_t refined_vertices() const { return static_cast<int32_t>(row_begin.size()) - 1; }
};

/// Builds the stencil of a triangle list over `vertex_count` vertices.
/// @throws thz::ContractError if a triangle names a vertex outside the range.
LoopStencil make_loop_stencil(const std::vector<std::array<int32_t, 3>>& triangles,
                              int32_t vertex_count);

/// Refined vertices, same frame and unit. @param vertices  [stencil.coarse_vertices].
std::vector<Vec3> refine(const LoopStencil& stencil, const std::vector<Vec3>& vertices);

/// `levels` steps at once, regions inherited; level 0 returns the mesh itself.
Mesh subdivide(const Mesh& mesh, int levels);

/// Where the vertices of a mesh end up on the Loop limit surface, and the unit normals there.
///
/// Interior vertices: limit position mask and the two tangent masks (cosine and sine weights over
/// the one-ring). Boundary vertices: B-spline limit 1/6, 2/3, 1/6 along the boundary and the
/// area-weighted mean of the triangle normals.
struct LimitSurface {
  std::vector<Vec3> positions_m;  ///< [vertices]
  std::vector<Vec3> normals;      ///< [vertices], unit length, outwards
};

LimitSurface limit_surface(const Mesh& mesh);

/// The masks of limit_surface for a fixed topology, as one sparse matrix with three weights an
/// entry; vertices without a smooth mask keep their place.
struct LimitStencil {
  struct Entry {
    int32_t vertex;
    double position, cosine, sine;
  };
  std::vector<int32_t> row_begin;  ///< [vertices + 1]
  std::vector<Entry> entries;
  std::vector<std::array<int32_t, 3>> triangles;
};

LimitStencil make_limit_stencil(const std::vector<std::array<int32_t, 3>>& triangles,
                                int32_t vertex_count);
LimitSurface limit_surface(const LimitStencil& stencil, const std::vector<Vec3>& vertices);

/// Everything about the smoothing of a mesh that depends on its topology alone.
struct SmoothingPlan {
  std::vector<std::array<int32_t, 3>> coarse_triangles;
  std::vector<LoopStencil> steps;
  LimitStencil limit;  ///< of the finest mesh
  /// Finest vertex at each node of the regular grid over a coarse triangle, 2^levels steps along an
  /// edge: [coarse triangle][patch_node_count], rows of constant v, u growing along a row.
  std::vector<int32_t> patch_nodes;
  /// Coarse triangle across the edges of corners (0, 1), (1, 2) and (2, 0); -1 where there is none
  /// or more than one.
  std::vector<std::array<int32_t, 3>> across;
};

/// Nodes of a triangle cut into `side` steps along an edge.
constexpr int patch_node_count(int side) { return (side + 1) * (side + 2) / 2; }
/// Index of the node i steps along u and j along v, i + j <= side.
constexpr int patch_node(int side, int i, int j) { return j * (side + 1) - j * (j - 1) / 2 + i; }

SmoothingPlan make_smoothing_plan(const std::vector<std::array<int32_t, 3>>& triangles,
                                  int32_t vertex_count, int levels);

/// Keeps the plan of the last topology asked for: heads of one model share theirs, and making it
/// costs ten times as much as using it. Safe to call from several threads.
class SmoothingPlanCache {
 public:
  std::shared_ptr<const SmoothingPlan> get(const std::vector<std::array<int32_t, 3>>& triangles,
                                           int32_t vertex_count, int levels);

 private:
  std::mutex mutex_;
  std::shared_ptr<const SmoothingPlan> plan_;
};

}  // namespace thz::sim
