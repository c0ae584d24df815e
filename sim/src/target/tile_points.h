#pragma once

#include <complex>
#include <vector>

#include "foot_grid.h"
#include "thz/sim/target.h"
#include "view_facets.h"

namespace thz::sim::internal {

/// A patch mesh and what the pivot sees of it.
struct MappedSurface {
  const PatchMesh* mesh;
  ViewFacets facets;
  PatchView patches;
};

/// The kernel of thz::instruction_set().
const TileKernel& tile_kernel();
RayFrame ray_frame(const RigidPose& world_from_body, double standoff_m);

/// Coherent reflection times the taper of steep facets, tabulated from the taper's end to normal
/// incidence (1024 nodes, linear: below 1e-5 of the reflection).
class TaperedReflection {
 public:
  TaperedReflection(const ScatterTable& material, const Sampling& sampling);
  std::complex<float> operator()(float cos_incidence) const;

 private:
  float cos_end_, scale_;
  std::vector<std::complex<float>> nodes_;
};

/// exp(e (x - x0)) for x within bounds, from a table of nodes with two terms of the series between
/// them: |e| times the nodes' distance below 0.043 leaves 1.6e-6.
class PropagationTable {
 public:
  PropagationTable(std::complex<double> exponent, double x0, double low, double high, int nodes);
  std::complex<float> operator()(float x) const;

 private:
  float low_, per_x_;
  std::complex<float> per_node_;
  std::vector<std::complex<float>> nodes_;
};

/// What the cloth's local thickness and water change of its transmission, one way,
///   exp((factor - 1) thickness excess + water damp).
class ClothPhase {
 public:
  explicit ClothPhase(const WornCloth& cloth);
  std::complex<float> operator()(float factor, float water_kg_m2) const {
    const std::complex<float> dry = thickness_(factor);
    return water_kg_m2 > 0.0f ? dry * water_(water_kg_m2) : dry;
  }

 private:
  PropagationTable thickness_, water_;
};

/// Points of one tile on their way to scatterers, and the memory they need on it.
class TilePoints {
 public:
  TilePoints(const TileKernel& kernel, const RayFrame& rays, const FootGrid& grid,
             const Sampling& sampling, const Imager& imager);

  void clear();
  std::size_t size() const { return x_.size(); }

  /// A point that is known already. @param x, y  in cells.
  void add(float x, float y, float nearness);
  /// All cells of the tile on the surface within the taper, with the parts of those that are cut.
  /// @param cloth  in front of the surface, whose rim cuts cells, or null.
  void add_cells(const MappedSurface& surface, const MappedSurface* cloth, std::size_t tile,
                 const TileGrid& tiles, float cos_end);
  /// Marks points that the surface hides.
  void hide(const MappedSurface& surface, std::size_t tile);
  /// Sets the factors of points behind the cloth.
  void pass_cloth(const WornCloth& cloth, const ClothPhase& phase, const MappedSurface& surface,
                  std::size_t tile);

  bool hidden(std::size_t i) const { return hidden_[i] != 0; }
  int material(std::size_t i) const { return material_[i]; }
  float facing(std::size_t i) const { return facing_[i]; }
  float weight(std::size_t i) const { return weight_[i]; }
  std::complex<float> factor(std::size_t i) const { return factor_[i]; }
  /// Range and direction from the pivot, world.
  double place(std::size_t i, Vec3& direction) const;

 private:
  /// Facet hits to be moved to the smooth surface.
  struct Pending {
    float x, y;
    int facet;
    int cell;  ///< of the tile, or -1
  };

  /// Calls use(run, first, count) for runs of `pending_` on the smooth surface.
  template <typename Use>
  void on_surface(const MappedSurface& surface, int steps, Use&& use);
  void trace_cells(const MappedSurface& surface, std::size_t tile, const TileGrid& tiles,
                   float cos_end);
  void cover_cells(const MappedSurface* cloth, std::size_t tile, const TileGrid& tiles);
  void choose_cells(float cos_end, const TileGrid& tiles, std::size_t tile);
  bool is_curved(int cell) const;
  void keep_whole_cells(const TileGrid& tiles, std::size_t tile);
  void keep_parts(const MappedSurface& surface, std::size_t tile, const TileGrid& tiles,
                  float cos_end);
  /// Makes room for more points and returns the number of those there were.
  std::size_t grow(std::size_t more);
  void shrink(std::size_t count);
  void keep(std::size_t at, const PatchRun& run, int i, float nearness, int material);
  void cover(const MappedSurface& surface, std::size_t tile, std::vector<float>& x,
             std::vector<float>& y);

  const TileKernel& kernel_;
  RayFrame rays_;
  FootGrid grid_;
  const Sampling& sampling_;
  float wavenumber_;

  std::vector<float> x_, y_, near_;  // cells, nearness
  std::vector<float> zeta_, facing_, weight_;
  std::vector<int> material_;
  std::vector<uint8_t> hidden_;
  std::vector<std::complex<float>> factor_;

  std::vector<Pending> pending_;
  std::vector<float> part_x_, part_y_, part_near_;
  std::vector<int> part_facet_;

  struct Cells {
    alignas(64) float nearness[kTileCells];
    alignas(64) int facet[kTileCells];
    alignas(64) float cloth_nearness[kTileCells];
    alignas(64) int cloth_facet[kTileCells];
    bool covered[kTileCells];
    float zeta[kTileCells], facing[kTileCells], normal_x[kTileCells], normal_y[kTileCells];
    int material[kTileCells];
    bool row_faces[kTileSide];  ///< whether any cell of the row lies within the taper
  };
  std::vector<int> whole_, cut_;  ///< cells of the tile that count as they are, and in parts

  std::unique_ptr<Cells> cells_;
  std::unique_ptr<PatchRun> run_;
};

}  // namespace thz::sim::internal
