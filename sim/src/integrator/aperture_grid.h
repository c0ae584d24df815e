#pragma once

#include <array>
#include <cmath>

#include "aperture_kernel.h"
#include "frame_grid.h"

namespace thz::sim::internal {

/// Scan positions along one direction, and the cells between and around them onto which scatterers
/// are spread: both lie on one fine lattice.
class GridAxis {
 public:
  /// @param first_m, step_m  of the scan positions. @param cell_m  largest distance of cells.
  /// @param reach_m  farthest from a scan position that a scatterer may lie.
  GridAxis(double first_m, double step_m, int positions, double cell_m, double reach_m)
      : first_m_(first_m), positions_(positions) {
    if (step_m > cell_m) {
      per_position_ = static_cast<int>(std::ceil(step_m / cell_m));
    } else {
      per_cell_ = static_cast<int>(cell_m / step_m);
    }
    fine_m_ = step_m / per_position_;
    margin_ = static_cast<int>(std::ceil(reach_m / this->cell_m())) + 3;
    cells_ = static_cast<int>(std::ceil(cell_at(position_m(positions - 1)))) + margin_ + 1;
  }

  int positions() const { return positions_; }
  int per_position() const { return per_position_; }
  int per_cell() const { return per_cell_; }
  int margin() const { return margin_; }
  int cells() const { return cells_; }
  double fine_m() const { return fine_m_; }
  double cell_m() const { return fine_m_ * per_cell_; }
  double position_m(double position) const { return first_m_ + position * fine_m_ * per_position_; }
  double place_m(double cell) const { return first_m_ + (cell - margin_) * cell_m(); }
  double cell_at(double place_m) const { return (place_m - first_m_) / cell_m() + margin_; }
  /// Fine steps from a cell to a scan position.
  int fine_between(int position, int cell) const {
    return per_position_ * position - per_cell_ * (cell - margin_);
  }

 private:
  double first_m_, fine_m_ = 0.0;
  int positions_, per_position_ = 1, per_cell_ = 1, margin_ = 0, cells_ = 0;
};

/// The grid of one raster: x along the lines, y down (the scan's -y).
struct ApertureGrid {
  GridAxis x, y;

  ApertureGrid(const ScanGeometry& scan, double cell_m, double reach_m)
      : x(scan.foot_m(0, 0).x(), scan.foot_m(0, 1).x() - scan.foot_m(0, 0).x(),
          scan.samples_per_line(), cell_m, reach_m),
        y(-scan.foot_m(0, 0).y(), scan.foot_m(0, 0).y() - scan.foot_m(1, 0).y(), scan.lines(),
          cell_m, reach_m) {}

  int slabs() const { return (x.cells() + kSlabColumns - 1) / kSlabColumns; }
  /// First of a slab's kSlabWidth columns as a cell of x.
  static int first_cell(int slab) { return slab * kSlabColumns - 1; }
  /// Half width of a reach on the fine lattices.
  static int fine_half(const GridAxis& axis, double reach_m) {
    return static_cast<int>(reach_m / axis.fine_m());
  }
};

/// Weights of a function's values at 0, 1/2 and 1.
inline std::array<double, kTileKnots> knot_weights(double t) {
  return {(2.0 * t - 1.0) * (t - 1.0), 4.0 * t * (1.0 - t), t * (2.0 * t - 1.0)};
}

/// How a tile's factors along the lines are laid out: [term][knot][phase][re, im][stride], each
/// phase from -reach to reach in units of its own.
struct AlongLayout {
  int reach, stride;
  AlongLayout(int half, int phases)
      : reach(half / phases + 1), stride((2 * reach + 1 + 7) / 8 * 8) {}
  std::size_t floats(int terms, int phases) const {
    return static_cast<std::size_t>(2 * kTileKnots * terms) * static_cast<std::size_t>(phases) *
           static_cast<std::size_t>(stride);
  }
};

/// And those across them: [line][knot][term][re, im][stride], from -half.
struct AcrossLayout {
  int stride;
  explicit AcrossLayout(int half) : stride((2 * half + 1 + 7) / 8 * 8) {}
  std::size_t floats(int terms, int lines) const {
    return static_cast<std::size_t>(2 * kTileKnots * terms) * static_cast<std::size_t>(lines) *
           static_cast<std::size_t>(stride);
  }
};

}  // namespace thz::sim::internal
