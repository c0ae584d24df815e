#pragma once

#include <algorithm>
#include <complex>
#include <vector>

#include "foot_grid.h"
#include "thz/sim/target.h"
#include "view_facets.h"

namespace thz::sim::internal {

/// Points of a kernel come in multiples of 16.
inline int padded_to_lanes(int count) { return (count + 15) / 16 * 16; }

/// A patch mesh and what the pivot sees of it.
struct MappedSurface {
  const PatchMesh* mesh;
  ViewFacets facets;
  PatchView patches;
};

RayFrame ray_frame(const RigidPose& world_from_body, double standoff_m);

/// The taper of steep facets from its end to normal incidence, the same for all materials.
struct TaperNodes {
  explicit TaperNodes(const Sampling& sampling);

  double cos_end;
  std::vector<double> cos_incidence, weight;
};

/// Coherent reflection times the taper of steep facets, tabulated from the taper's end to normal
/// incidence (1024 nodes, linear: below 1e-5 of the reflection).
class TaperedReflection {
 public:
  TaperedReflection(const ScatterTable& material, const TaperNodes& taper);
  std::complex<float> operator()(float cos_incidence) const {
    const float position = std::max(0.0f, (cos_incidence - cos_end_) * scale_);
    const std::size_t i = std::min(static_cast<std::size_t>(position), nodes_.size() - 2);
    const float w = position - static_cast<float>(i);
    return nodes_[i] + w * (nodes_[i + 1] - nodes_[i]);
  }
  /// Whether the material returns anything coherently.
  bool reflects() const { return reflects_; }

 private:
  bool reflects_;
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

  bool hidden(std::size_t i) const { return !hidden_.empty() && hidden_[i] != 0; }
  int material(std::size_t i) const { return material_[i]; }
  float facing(std::size_t i) const { return facing_[i]; }
  float weight(std::size_t i) const { return weight_[i]; }
  /// Whether any factors differ from one.
  bool under_cloth() const { return !factor_.empty(); }
  std::complex<float> factor(std::size_t i) const { return factor_.empty() ? 1.0f : factor_[i]; }
  float x(std::size_t i) const { return x_[i]; }
  float y(std::size_t i) const { return y_[i]; }
  /// Range less the stand-off distance.
  float zeta_m(std::size_t i) const { return zeta_[i]; }

 private:
  /// Calls use(run, first, count) for runs of `hits` on the smooth surface.
  template <typename Use>
  void on_surface(const MappedSurface& surface, const std::vector<FacetHit>& hits, int steps,
                  Use&& use) {
    for (std::size_t first = 0; first < hits.size(); first += kRun) {
      const auto count = static_cast<int>(std::min<std::size_t>(kRun, hits.size() - first));
      const int whole = padded_to_lanes(count);
      kernel_.start_on_facets(surface.facets.facets(), &hits[first], count, whole, frame_, *run_);
      kernel_.to_surface(surface.patches, rays_, steps, whole, *run_);
      use(*run_, first, count);
    }
  }
  void trace_cells(const MappedSurface& surface, std::size_t tile);
  void cover_cells(const MappedSurface& cloth, std::size_t tile);
  void choose_cells(float cos_end, bool under_cloth);
  void keep_whole_cells();
  /// Parts of cells all around which the surface goes on: from the cell's own place, one step away.
  /// Those that lie over another triangle are left in `part_x_` and `part_y_`.
  void keep_curved_parts(const MappedSurface& surface, float cos_end);
  /// Those of `pending_`, of which the run holds the first guess.
  void keep_started_parts(const MappedSurface& surface, float cos_end);
  /// Parts of cells where something ends, and those left over: each looks for its own facet.
  void keep_edge_parts(const MappedSurface& surface, std::size_t tile, float cos_end);
  /// Point i of the run becomes point `at`; counted if it lies within the taper.
  void keep_part(const MappedSurface& surface, int i, float x, float y, float nearness, int cell,
                 float cos_end, std::size_t& at);
  float part_pitch_m() const { return frame_.pitch_m / static_cast<float>(sampling_.refine); }
  /// A cell of the tile on the grid.
  float cell_x(int cell) const { return corner_x_ + static_cast<float>(cell % kTileSide); }
  float cell_y(int cell) const { return corner_y_ + static_cast<float>(cell / kTileSide); }
  /// Makes room for more points and returns the number of those there were.
  std::size_t grow(std::size_t more);
  void shrink(std::size_t count);
  /// Sets `pending_` to the hits on the cloth in front of the points.
  void cover_by_cloth(const MappedSurface& surface, std::size_t tile);
  void cover(const MappedSurface& surface, std::size_t tile, std::vector<float>& x,
             std::vector<float>& y);

  const TileKernel& kernel_;
  RayFrame rays_;
  FootGrid grid_;
  const Sampling& sampling_;
  float wavenumber_;
  CellFrame frame_;
  float corner_x_ = 0.0f, corner_y_ = 0.0f;  // of the tile whose cells were added
  std::vector<float> part_dx_, part_dy_;     // cells from a cell's middle to those of its parts

  std::vector<float> x_, y_, near_;  // cells, nearness
  std::vector<float> zeta_, facing_, weight_;
  std::vector<int> material_;
  std::vector<int> cell_;                    // that the point is (a part of, no edge near), or -1
  std::vector<uint8_t> hidden_;              // empty: none
  std::vector<std::complex<float>> factor_;  // empty: one

  std::vector<FacetHit> pending_;
  std::vector<float> part_x_, part_y_, part_near_;
  std::vector<int> part_facet_;
  std::vector<int> alone_;  ///< points that look for their own facet of the cloth

  struct Cells {
    alignas(64) float nearness[kTileCells];
    alignas(64) int facet[kTileCells];
    alignas(64) float cloth_nearness[kTileCells];
    alignas(64) int cloth_facet[kTileCells];
    alignas(64) int covered[kTileCells];
    alignas(64) float zeta[kTileCells];
    alignas(64) float facing[kTileCells];
    alignas(64) int material[kTileCells];
    float weight[kTileCells], u[kTileCells], v[kTileCells];
  };
  std::vector<int> whole_, curved_, edge_;  ///< cells of the tile, as CellMarks sorts them

  std::unique_ptr<Cells> cells_;
  std::unique_ptr<PatchRun> run_;
};

}  // namespace thz::sim::internal
