#pragma once

#include <complex>
#include <vector>

#include "aperture_grid.h"
#include "thz/core/progress.h"
#include "thz/sim/beam_tiles.h"

namespace thz::sim::internal {

/// Depth knots: Chebyshev points and the polynomial through them.
class DepthKnots {
 public:
  DepthKnots(double first_m, double last_m);
  int count() const { return static_cast<int>(zeta_m.size()); }
  /// Weights of the knots at a depth.
  std::vector<double> weights(double at_m) const;

  std::vector<double> zeta_m;
};

/// Two-way envelopes of a coarse grid of scan positions at all offsets of the fine lattice, with
/// the polynomial phase taken out, turned into spline coefficients over the cells.
class ScanBeams {
 public:
  ScanBeams(const Gregorian& optics, double frequency_hz, const ScanGeometry& scan,
            const ApertureGrid& grid, const DepthKnots& depths, const BeamTileOptions& options,
            double reach_m, const ProgressFn& progress, const CancelToken& cancel);

  int cols() const { return cols_; }
  int rows() const { return rows_; }
  int half_x() const { return half_x_; }
  int half_y() const { return half_y_; }
  /// Node numbers, as real numbers, of a place among the scan positions.
  double col_at(double x_m) const { return (x_m - x0_m_) / dx_m_; }
  double row_at(double down_m) const { return (down_m - y0_m_) / dy_m_; }
  /// Values at one depth knot of a node: [fine x + half][fine y + half].
  const std::complex<float>* values(int row, int col, int knot) const {
    return values_.data() + (static_cast<std::size_t>(row * cols_ + col) *
                                 static_cast<std::size_t>(depths_.count()) +
                             static_cast<std::size_t>(knot)) *
                                plane();
  }
  std::size_t plane() const {
    return static_cast<std::size_t>(2 * half_x_ + 1) * static_cast<std::size_t>(2 * half_y_ + 1);
  }
  const std::vector<double>& phase() const { return phase_; }

  static constexpr int kPhaseDegree = 8;

 private:
  void compute(const Gregorian& optics, double frequency_hz, const PupilSampling& sampling,
               std::size_t node);
  void fit_phase();
  void prepare(std::size_t node);
  Vec2 node_m(std::size_t node) const {
    return {x0_m_ + dx_m_ * static_cast<double>(node % static_cast<std::size_t>(cols_)),
            -(y0_m_ + dy_m_ * static_cast<double>(node / static_cast<std::size_t>(cols_)))};
  }
  /// The point that fine offsets (x, down) from a node stand for.
  Vec2 place_m(const Vec2& node, int i, int j) const {
    return {node.x() - i * grid_.x.fine_m(), node.y() + j * grid_.y.fine_m()};
  }

  const ApertureGrid& grid_;
  DepthKnots depths_;
  double standoff_m_;
  int cols_, rows_, half_x_, half_y_;
  double x0_m_, y0_m_, dx_m_, dy_m_;  // down is -y
  std::vector<double> phase_;
  std::vector<std::complex<float>> values_;
};

/// The monomials (x/s)^i (y/s)^j, 1 <= i + j <= degree, by i, then j, and their derivatives.
struct PhaseTerms {
  std::vector<double> value, by_x, by_y;
  PhaseTerms(const Vec2& foot_m, int degree);
};

}  // namespace thz::sim::internal
