#pragma once

#include <memory>
#include <vector>

#include "foot_grid.h"
#include "thz/sim/patch_mesh.h"
#include "tile_kernel.h"

namespace thz::sim::internal {

/// The tiles of a grid of rays: squares of kTileSide cells, of which the outermost ring belongs to
/// the neighbours (a cell is judged by its four neighbours).
struct TileGrid {
  static constexpr int kInner = kTileSide - 2;

  explicit TileGrid(const FootGrid& grid)
      : columns((grid.nx + kInner - 1) / kInner), rows((grid.ny + kInner - 1) / kInner) {}

  std::size_t count() const {
    return static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows);
  }
  /// Cell of the ring's corner.
  int first_x(std::size_t tile) const {
    return static_cast<int>(tile % static_cast<std::size_t>(columns)) * kInner - 1;
  }
  int first_y(std::size_t tile) const {
    return static_cast<int>(tile / static_cast<std::size_t>(columns)) * kInner - 1;
  }

  int columns, rows;
};

/// The facets that the patch of a triangle consists of, rows of constant v, and which of them lie
/// along its edges.
struct PatchPattern {
  static constexpr int kMostFacets = 64;  ///< of a side of 8

  explicit PatchPattern(int side);

  int facets;
  int corner[kMostFacets][3];  ///< nodes of the patch
  float u0[kMostFacets], v0[kMostFacets], turn[kMostFacets];
  /// Bit f stands for facet f: all of them, those along the edges of corners (0, 1), (1, 2), (2,
  /// 0).
  uint64_t all, along[3];
};

/// A patch mesh seen from the pivot: its triangles flattened to facets in the cells of a ray grid
/// and listed by tile. All rays share the pivot, so that a grid of tiles is all the tree they need.
///
/// A triangle is one facet, but where the surface turns away from the beam or folds, an outline
/// drawn with coarse facets would show or hide what it should not: such triangles, unless they are
/// as good as flat, are as many facets as their patch has. Their neighbours get the row of fine
/// facets along the common edge, so that no ray slips between.
class ViewFacets {
 public:
  /// @param cos_least  facets that can face the beam with more than this cosine are `facing`.
  ViewFacets(const PatchMesh& mesh, const RigidPose& world_from_body, double standoff_m,
             const FootGrid& grid, const TileGrid& tiles, double cos_least, int threads);

  const Facet* facets() const { return facets_.get(); }
  /// Numbers of the facets that overlap a tile, ascending.
  const int* begin(std::size_t tile) const { return list_.get() + first_[tile]; }
  long count(std::size_t tile) const { return first_[tile + 1] - first_[tile]; }
  /// False if no facet of the tile may face the beam within the cone that was asked for.
  bool may_face(std::size_t tile) const { return tile_may_face_[tile] != 0; }

 private:
  std::unique_ptr<Facet[]> facets_;  ///< chunk by chunk of triangles, with room left between
  std::vector<long> first_;
  std::unique_ptr<int[]> list_;
  std::vector<uint8_t> tile_may_face_;
};

}  // namespace thz::sim::internal
