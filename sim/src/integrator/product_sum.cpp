#include <algorithm>
#include <array>
#include <cstdint>

#include "frame_grid.h"
#include "product_kernel.h"
#include "product_lists.h"
#include "product_tables.h"
#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/core/parallel.h"
#include "thz/core/version.h"

namespace thz::sim::internal {
namespace {

using Complex = std::complex<double>;

struct ProductKernels {
  ClassKernel classes;
  RowKernel rows;
  ColumnKernel columns;
};

ProductKernels product_kernels() {
  const std::string set = instruction_set();
  if (set == "avx512") return {class_kernel_avx512, row_kernel_avx512, column_kernel_avx512};
  if (set == "avx2") return {class_kernel_avx2, row_kernel_avx2, column_kernel_avx2};
  return {class_kernel_sse2, row_kernel_sse2, column_kernel_sse2};
}

/// C of the Gaussian beam, E^2 = A exp(-C |de|^2) at range a.
Complex chord_curvature(const BeamOptions& beam, double standoff_m, double zeta_m) {
  const double a = standoff_m + zeta_m;
  const Complex defocus = 1.0 / Complex(1.0, -zeta_m / beam.rayleigh_range_m());
  return 2.0 * a * a / (beam.waist_m * beam.waist_m) * defocus -
         Complex(0.0, beam.wavenumber() * a);
}

RowGeometry row_geometry(const BeamOptions& beam, const ScanGeometry& scan, const ProductGrid& grid,
                         const DepthNodes& nodes, double cutoff) {
  const double standoff_m = scan.standoff_m();
  RowGeometry g{};
  g.standoff_m = standoff_m;
  g.turns_per_m = beam.wavenumber() / kPi;
  g.first_node_m = nodes.first_m;
  g.per_node = 1.0 / nodes.step_m;
  g.wavenumber = static_cast<float>(beam.wavenumber());
  g.curvature = static_cast<float>(2.0 / (beam.waist_m * beam.waist_m));
  g.per_rayleigh = static_cast<float>(1.0 / beam.rayleigh_range_m());
  g.peak = static_cast<float>(2.0 / (kPi * beam.waist_m * beam.waist_m));
  g.columns_per_u = static_cast<float>(standoff_m / grid.column_m());
  g.column_at = static_cast<float>(grid.column(0.0));
  g.lines_per_v = static_cast<float>(standoff_m / grid.line_m());
  g.line_at = static_cast<float>(grid.line(0.0));
  g.log_cutoff = static_cast<float>(std::log(1.0 / cutoff));
  g.lines = scan.lines();
  return g;
}

/// Sums of all slabs, each over the nodes that its own scatterers need.
struct SlabSums {
  std::vector<AlignedFloats> floats;
  std::vector<int> low, high;  // [slab][lines + 8]
  std::vector<ProductSlab> slabs;

  SlabSums(const SlabLists& lists, int lines, int threads) {
    const std::size_t count = lists.low.size();
    const auto stride = static_cast<std::size_t>(lines + 8);
    floats.resize(count);
    low.assign(count * stride, 1 << 30);
    high.assign(count * stride, -1);
    slabs.resize(count);
    parallel_for(count, threads, [&](std::size_t s) {
      ProductSlab& slab = slabs[s];
      slab.first_column = static_cast<int>(s) * kSlabColumns;
      slab.first_node = lists.low[s];
      // Odd: a power of two between lines would put them all in the same sets of the cache.
      slab.nodes = std::max(0, lists.high[s] - lists.low[s] + 4) | 1;
      slab.low = low.data() + s * stride;
      slab.high = high.data() + s * stride;
      if (lists.high[s] < 0) return;
      floats[s] = aligned_floats(static_cast<std::size_t>(lines) *
                                 static_cast<std::size_t>(slab.line_stride()));
      slab.sums = internal::floats(floats[s]);
    });
  }
};

/// Half widths in z = 0 of the factors at nodes first .. last.
class Reach {
 public:
  Reach(const BeamOptions& beam, const ScanGeometry& scan, double cutoff)
      : beam_(beam), scan_(scan), log_cutoff_(std::log(1.0 / cutoff)) {}

  /// In z = 0 a chord is stretched by at most 1 / cos^2 of the field's corner.
  double operator()(double range_m) const {
    const double corner = scan_.foot_m(0, 0).norm() / scan_.standoff_m();
    const double stretch = (1.0 + corner * corner) * scan_.standoff_m();
    const double zeta = range_m - scan_.standoff_m();
    const double chord =
        std::sqrt(log_cutoff_ / chord_curvature(beam_, scan_.standoff_m(), zeta).real());
    return stretch * chord;
  }

 private:
  const BeamOptions& beam_;
  const ScanGeometry& scan_;
  double log_cutoff_;
};

/// E along the lines.
LineFactor line_factor(const BeamOptions& beam, double standoff_m) {
  return [&beam, standoff_m](double offset_m, double zeta_m) {
    const double angle = offset_m / (standoff_m + zeta_m);
    return std::exp(-chord_curvature(beam, standoff_m, zeta_m) * (angle * angle));
  };
}

/// One line's range bins from the sums of all slabs.
void finish_line(const ProductTables& tables, const SlabSums& sums, ColumnKernel kernel, int line,
                 RangeFrame& frame) {
  int low = 1 << 30, high = -1;
  for (const ProductSlab& slab : sums.slabs) {
    low = std::min(low, slab.low[line]);
    high = std::max(high, slab.high[line]);
  }
  if (high < 0) return;
  const ColumnTables& view = tables.view();
  const auto padded = static_cast<std::size_t>(view.blocks * kProductBlock);
  AlignedFloats work = aligned_floats(2 * padded * static_cast<std::size_t>(high - low + 1));
  const std::vector<int> levels = tables.levels(line);
  write_bins(frame, line, 2 * padded, [&](float* const* out) {
    kernel(view, sums.slabs.data(), static_cast<int>(sums.slabs.size()), line, levels.data(), low,
           high, floats(work), out);
  });
}

}  // namespace

RangeFrame sum_product(const BeamOptions& beam, const ScanGeometry& scan,
                       const Scatterers& scatterers, const RangeAxis& axis,
                       const FrameSumOptions& options) {
  THZ_REQUIRE(axis.bins > 0 && axis.cell_m > 0.0, "the range axis is empty");
  THZ_REQUIRE(scatterers.size() < 0xFFFFFFFFu, "too many scatterers for one frame");
  RangeFrame frame;
  frame.bins.assign(static_cast<std::size_t>(axis.bins),
                    ImageC(scan.lines(), scan.samples_per_line()));
  const DepthNodes nodes = depth_nodes(axis);
  const Reach reach(beam, scan, options.cutoff);
  const double widest = std::max(reach(nodes.first_m), reach(nodes.node_m(nodes.count - 1)));
  // Four columns a waist radius: the cubic spline's error is below -75 dB on a random surface, and
  // -60 dB where only slopes of 2 degrees return anything.
  const ProductGrid grid(scan, 0.25 * beam.waist_m, widest);
  const RowGeometry geometry = row_geometry(beam, scan, grid, nodes, options.cutoff);
  THZ_REQUIRE(grid.columns() < 0xFFF0, "too many columns for one frame");
  const ProductKernels kernels = product_kernels();
  const auto reach_lines = static_cast<float>(widest / grid.line_m());
  const ClassBounds bounds{static_cast<float>(grid.columns()),
                           -reach_lines,
                           static_cast<float>(geometry.lines - 1) + reach_lines,
                           nodes.count - 2.0,
                           grid.slabs() * kSlabColumns,
                           1};
  const SlabLists lists =
      make_lists(scatterers, geometry, bounds, nodes.count, kernels.classes, options.threads);
  if (lists.index.empty()) return frame;

  SlabSums sums(lists, scan.lines(), options.threads);
  parallel_for(sums.slabs.size(), options.threads, [&](std::size_t s) {
    const RowInput input{scatterers.direction.data()->data(), scatterers.range_m.data(),
                         reinterpret_cast<const double*>(scatterers.gamma.data()),
                         lists.index.data() + lists.start[s],
                         static_cast<long>(lists.start[s + 1] - lists.start[s])};
    kernels.rows(geometry, input, sums.slabs[s]);
  });

  const int first_node = *std::min_element(lists.low.begin(), lists.low.end());
  const int last_node = *std::max_element(lists.high.begin(), lists.high.end()) + 3;
  std::vector<double> node_reach;
  for (int m = first_node; m <= last_node; ++m) node_reach.push_back(reach(nodes.node_m(m)));
  const ProductTables tables(grid, scan, nodes, axis, first_node, last_node,
                             line_factor(beam, scan.standoff_m()), node_reach, options.threads);
  parallel_for(static_cast<std::size_t>(scan.lines()), options.threads, [&](std::size_t line) {
    finish_line(tables, sums, kernels.columns, static_cast<int>(line), frame);
  });
  return frame;
}

}  // namespace thz::sim::internal
