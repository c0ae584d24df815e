#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "thz/sim/integrator.h"

namespace thz::sim::internal {

/// Floats on a cache line's boundary.
struct alignas(64) LaneBlock {
  float value[16] = {};
};
using AlignedFloats = std::vector<LaneBlock>;

inline AlignedFloats aligned_floats(std::size_t count) { return AlignedFloats((count + 15) / 16); }
inline float* floats(AlignedFloats& blocks) { return blocks.front().value; }
inline const float* floats(const AlignedFloats& blocks) { return blocks.front().value; }

/// Depth nodes on which returns are gathered, four for each by Lagrange weights.
struct DepthNodes {
  double first_m;
  double step_m;
  int count;

  double node_m(int node) const { return first_m + step_m * node; }
  /// Whether the four nodes around a range are all there.
  bool holds(double range_m) const {
    const double place = (range_m - first_m) / step_m;
    return place >= 1.0 && place < count - 2;
  }
};

inline DepthNodes depth_nodes(const RangeAxis& axis) {
  if (axis.at_nodes) return {axis.first_m, axis.spacing_m, axis.bins};
  // The Hann response is below -31 dB past 2.4 cells and falls with the third power; five cells
  // outside the bins keep what could leak in, and two nodes more the interpolation.
  const double step = axis.cell_m / axis.nodes_per_cell;
  const double first = axis.first_m - 5.0 * axis.cell_m - 2.0 * step;
  const double last = axis.bin_m(axis.bins - 1) + 5.0 * axis.cell_m + 2.0 * step;
  return {first, step, static_cast<int>(std::ceil((last - first) / step)) + 1};
}

/// Lets `write` fill all bins of a line, each `padded` floats long.
template <typename Write>
void write_bins(RangeFrame& frame, int line, std::size_t padded, Write&& write) {
  const auto samples = static_cast<std::size_t>(frame.bins[0].cols);
  const bool whole = 2 * samples == padded;
  AlignedFloats spare;
  std::vector<float*> out;
  if (!whole) spare = aligned_floats(padded * frame.bins.size());
  for (std::size_t b = 0; b < frame.bins.size(); ++b) {
    out.push_back(whole ? reinterpret_cast<float*>(frame.bins[b].row(line))
                        : floats(spare) + padded * b);
  }
  write(out.data());
  for (std::size_t b = 0; !whole && b < frame.bins.size(); ++b) {
    const auto* from = reinterpret_cast<const std::complex<float>*>(out[b]);
    std::copy(from, from + samples, frame.bins[b].row(line));
  }
}

/// sum_frame by the separable product.
RangeFrame sum_product(const BeamOptions& beam, const ScanGeometry& scan,
                       const Scatterers& scatterers, const RangeAxis& range_axis,
                       const FrameSumOptions& options);

}  // namespace thz::sim::internal
