#pragma once

#include <complex>
#include <functional>
#include <vector>

#include "frame_grid.h"
#include "product_kernel.h"

namespace thz::sim::internal {

/// The columns onto which scatterers are spread before the product goes on to samples: as far apart
/// as the beam allows, on the lattice of the samples.
class ProductGrid {
 public:
  /// @param column_m  largest spacing of columns in the plane z = 0.
  /// @param reach_m   farthest from a sample's foot point that a scatterer may lie there.
  ProductGrid(const ScanGeometry& scan, double column_m, double reach_m);

  int fine_per_sample() const { return fine_per_sample_; }
  int fine_per_column() const { return fine_per_column_; }
  double fine_m() const { return fine_m_; }
  double column_m() const { return fine_m_ * fine_per_column_; }
  int margin() const { return margin_; }
  int columns() const { return columns_; }
  int slabs() const { return (columns_ + kSlabColumns - 1) / kSlabColumns; }
  int blocks() const { return blocks_; }
  /// Column of a foot point x, as a real number.
  double column(double x_m) const { return (x_m - first_x_m_) / column_m() + margin_; }
  double line(double y_m) const { return (first_y_m_ - y_m) / line_m_; }
  double line_m() const { return line_m_; }
  /// Fine lattice steps from column to sample.
  int fine_between(int sample, int column) const {
    return fine_per_sample_ * sample - fine_per_column_ * (column - margin_);
  }

 private:
  double first_x_m_, first_y_m_, line_m_, fine_m_;
  int fine_per_sample_, fine_per_column_, margin_, columns_, blocks_;
};

/// One factor along the line: E(offset on the sphere of the node's range, zeta of the node).
using LineFactor = std::function<std::complex<double>(double offset_m, double zeta_m)>;

/// Everything the column kernel reads.
class ProductTables {
 public:
  /// @param reach_m  [node from first to last] half width of the factors in the plane z = 0.
  ProductTables(const ProductGrid& grid, const ScanGeometry& scan, const DepthNodes& nodes,
                const RangeAxis& axis, int first_node, int last_node, const LineFactor& factor,
                const std::vector<double>& reach_m, int threads);

  const ColumnTables& view() const { return view_; }
  /// Metric level of every block of samples of a line.
  std::vector<int> levels(int line) const;

 private:
  void lay_out(const std::vector<double>& reach_m);
  void fill_node(const ScanGeometry& scan, const LineFactor& factor, int node, double zeta_m);
  double metric(int line, double sample) const;

  ProductGrid grid_;
  ScanGeometry scan_;
  double least_metric_;
  int levels_, nodes_, widest_, pad_;
  std::vector<int> base_, first_column_, last_column_;
  std::vector<float> factors_, response_;
  ColumnTables view_;
};

/// Coefficients of the cubic spline through `samples`, which vanish at both ends; in place.
/// M. Unser, IEEE Signal Processing Magazine 16(6), 22 (1999).
void spline_coefficients(std::vector<std::complex<double>>& samples);

/// Weights of depth nodes in range bins, [bin padded to threes][node]: the Hann response, sharpened
/// by what the mean of four-point Lagrange interpolation takes away.
std::vector<float> node_responses(const RangeAxis& axis, const DepthNodes& nodes);

}  // namespace thz::sim::internal
