#include <algorithm>
#include <array>

#include "aperture_grid.h"
#include "product_lists.h"
#include "product_tables.h"
#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/core/parallel.h"
#include "thz/core/version.h"
#include "thz/sim/beam_tiles.h"

namespace thz::sim {
namespace {

using namespace internal;

struct ApertureKernels {
  ClassKernel classes;
  SpreadKernel spread;
  TileKernel tile;
  RangeKernel range;
};

ApertureKernels aperture_kernels() {
  const std::string set = instruction_set();
  if (set == "avx512") {
    return {class_kernel_avx512, spread_kernel_avx512, beam_tile_kernel_avx512,
            range_kernel_avx512};
  }
  if (set == "avx2") {
    return {class_kernel_avx2, spread_kernel_avx2, beam_tile_kernel_avx2, range_kernel_avx2};
  }
  return {class_kernel_sse2, spread_kernel_sse2, beam_tile_kernel_sse2, range_kernel_sse2};
}

/// The rows take the place that lines have in the Gaussian product; its beam is not used.
RowGeometry spread_geometry(const BeamTiles& beam, const ApertureGrid& grid,
                            const DepthNodes& nodes) {
  RowGeometry g{};
  g.standoff_m = beam.standoff_m;
  g.turns_per_m = 2.0 * beam.frequency_hz / kSpeedOfLight;
  g.first_node_m = nodes.first_m;
  g.per_node = 1.0 / nodes.step_m;
  g.columns_per_u = static_cast<float>(beam.standoff_m / grid.x.cell_m());
  g.column_at = static_cast<float>(grid.x.cell_at(0.0));
  g.lines_per_v = static_cast<float>(beam.standoff_m / grid.y.cell_m());
  g.line_at = static_cast<float>(grid.y.cell_at(0.0));
  g.lines = grid.y.cells();
  return g;
}

/// The polynomial phi in turns of tangents, highest power of x first.
struct PhaseTurns {
  std::vector<float> turns;
  PhasePolynomial view{};

  explicit PhaseTurns(const BeamTiles& beam) {
    const int degree = beam.phase_degree;
    const auto at = [&](int i, int j) {
      // Coefficients lie by i, then j, without the constant.
      int index = -1;
      for (int n = 0; n < i; ++n) index += degree - n + 1;
      return i + j == 0 ? 0.0 : beam.phase[static_cast<std::size_t>(index + j)];
    };
    for (int i = degree; i >= 0; --i) {
      for (int j = degree - i; j >= 0; --j) {
        turns.push_back(static_cast<float>(at(i, j) / (2.0 * kPi)));
      }
    }
    const auto per_unit = static_cast<float>(beam.standoff_m / BeamTiles::kPhaseScale_m);
    view = {turns.data(), degree, per_unit, per_unit};
  }
};

/// Sums of one slab: rows one after another, each with the nodes that its own scatterers need.
struct SlabRows {
  AlignedFloats floats;
  std::vector<long> at;
  std::vector<int> first, nodes;

  /// @param low, high  least and greatest first node of the scatterers in each row.
  SlabRows(const int* low, const int* high, int rows) {
    long total = 0;
    for (int row = 0; row < rows; ++row) {
      // A scatterer's spline reaches one row up and two down; one more, because the kernels round
      // its place differently.
      int from = 1 << 30, to = -1;
      for (int r = std::max(0, row - 3); r <= std::min(rows - 1, row + 2); ++r) {
        from = std::min(from, low[r]);
        to = std::max(to, high[r]);
      }
      at.push_back(total);
      first.push_back(to < 0 ? 0 : from);
      nodes.push_back(to < 0 ? 0 : to - from + 4);
      total += 2L * kSlabWidth * nodes.back();
    }
    if (total > 0) floats = aligned_floats(static_cast<std::size_t>(total));
  }
  bool empty() const { return floats.empty(); }
};

/// Where the columns of a slab lie between samples.
struct SlabColumns {
  std::array<int, kSlabWidth> base, phase;

  SlabColumns(const GridAxis& x, int slab) {
    const int q = x.per_position();
    for (int c = 0; c < kSlabWidth; ++c) {
      const int fine = x.fine_between(0, ApertureGrid::first_cell(slab) + c);
      const auto i = static_cast<std::size_t>(c);
      phase[i] = ((fine % q) + q) % q;
      base[i] = (fine - phase[i]) / q;
    }
  }
};

std::array<float, kSlabWidth * kTileKnots> column_weights() {
  std::array<float, kSlabWidth * kTileKnots> weights;
  for (std::size_t c = 0; c < kSlabWidth; ++c) {
    const auto w = knot_weights(static_cast<double>(c) / (kSlabWidth - 1));
    for (std::size_t k = 0; k < kTileKnots; ++k) {
      weights[c * kTileKnots + k] = static_cast<float>(w[k]);
    }
  }
  return weights;
}

/// Depth nodes of each depth group, and their weights among its knots.
struct NodeGroups {
  std::vector<int> first, count;
  std::vector<float> weight;  // [node][knot]

  NodeGroups(const BeamTiles& beam, const DepthNodes& nodes)
      : first(static_cast<std::size_t>(beam.depth_groups), 0),
        count(static_cast<std::size_t>(beam.depth_groups), 0) {
    for (int m = 0; m < nodes.count; ++m) {
      const double place =
          (nodes.node_m(m) - beam.standoff_m - beam.first_depth_m) / beam.tile_depth_m;
      const int group = std::clamp(static_cast<int>(place), 0, beam.depth_groups - 1);
      const auto g = static_cast<std::size_t>(group);
      if (count[g]++ == 0) first[g] = m;
      for (const double w : knot_weights(std::clamp(place - group, 0.0, 1.0))) {
        weight.push_back(static_cast<float>(w));
      }
    }
  }
};

/// Everything that the second step reads.
struct ApertureSums {
  const BeamTiles& beam;
  const ApertureGrid& grid;
  const ApertureKernels& kernels;
  NodeGroups groups;
  std::vector<SlabRows> slabs;
  ColumnTables range{};  // its range part only
  std::vector<float> response;

  /// Nodes that the rows near a group of lines hold.
  std::pair<int, int> node_range(int first_line, int lines) const {
    const GridAxis& y = grid.y;
    const int half = ApertureGrid::fine_half(y, beam.half_width_m);
    int low = 1 << 30, high = -1;
    for (int row = 0; row < y.cells(); ++row) {
      if (y.fine_between(first_line + lines - 1, row) < -half ||
          y.fine_between(first_line, row) > half) {
        continue;
      }
      for (const SlabRows& slab : slabs) {
        const auto r = static_cast<std::size_t>(row);
        if (slab.nodes[r] == 0) continue;
        low = std::min(low, slab.first[r]);
        high = std::max(high, slab.first[r] + slab.nodes[r] - 1);
      }
    }
    return {low, high};
  }

  void add_slab(int slab, int line_group, int low, int high, const std::vector<float*>& out,
                std::vector<float>& work) const;
  void finish_group(int line_group, RangeFrame& frame) const;
};

void ApertureSums::add_slab(int slab, int line_group, int low, int high,
                            const std::vector<float*>& out, std::vector<float>& work) const {
  static const auto weights = column_weights();
  const SlabRows& rows = slabs[static_cast<std::size_t>(slab)];
  const SlabColumns columns(grid.x, slab);
  const int phases = grid.x.per_position();
  TileJob job{};
  job.sums = floats(rows.floats);
  job.row_at = rows.at.data();
  job.row_first = rows.first.data();
  job.row_nodes = rows.nodes.data();
  job.rows = grid.y.cells();
  job.column_base = columns.base.data();
  job.column_phase = columns.phase.data();
  job.column_weight = weights.data();
  job.phases = phases;
  job.first_line = line_group * beam.lines_per_group;
  job.lines = static_cast<int>(out.size());
  job.row_phases = grid.y.per_position();
  job.row_step = grid.y.per_cell();
  job.row_margin = grid.y.margin();
  job.blocks = range.blocks;
  job.low_node = low;
  job.out = out.data();
  for (int group = 0; group < beam.depth_groups; ++group) {
    const auto g = static_cast<std::size_t>(group);
    const int first = std::max(low, groups.first[g]);
    const int last = std::min(high, groups.first[g] + groups.count[g] - 1);
    if (groups.count[g] == 0 || first > last) continue;
    const BeamTiles::Tile& tile = beam.tiles[static_cast<std::size_t>(
        (slab * beam.line_groups + line_group) * beam.depth_groups + group)];
    if (tile.terms == 0) continue;
    const AlongLayout along(tile.along_half, phases);
    job.along = beam.values.data() + tile.along_at;
    job.across = beam.values.data() + tile.across_at;
    job.terms = tile.terms;
    job.along_reach = along.reach;
    job.along_stride = along.stride;
    job.across_half = tile.across_half;
    job.across_stride = AcrossLayout(tile.across_half).stride;
    job.first_node = first;
    job.nodes = last - first + 1;
    job.node_weight = groups.weight.data() + kTileKnots * first;
    work.resize(std::max(work.size(), static_cast<std::size_t>(tile_work_floats(
                                          job.terms, job.along_stride, job.across_stride))));
    job.work = work.data();
    kernels.tile(job);
  }
}

/// All range bins of a group of lines.
void ApertureSums::finish_group(int line_group, RangeFrame& frame) const {
  const int first_line = line_group * beam.lines_per_group;
  const int lines = std::min(beam.lines_per_group, beam.lines - first_line);
  const auto reached = node_range(first_line, lines);
  const int low = reached.first, high = reached.second;
  if (high < 0) return;
  const auto padded = static_cast<std::size_t>(2 * kProductBlock * range.blocks);
  const std::size_t line_floats = padded * static_cast<std::size_t>(high - low + 1);
  AlignedFloats sums = aligned_floats(line_floats * static_cast<std::size_t>(lines));
  std::vector<float*> out;
  for (int line = 0; line < lines; ++line) {
    out.push_back(floats(sums) + line_floats * static_cast<std::size_t>(line));
  }
  std::vector<float> work;
  for (int slab = 0; slab < beam.slabs; ++slab) {
    if (!slabs[static_cast<std::size_t>(slab)].empty()) {
      add_slab(slab, line_group, low, high, out, work);
    }
  }
  for (int line = 0; line < lines; ++line) {
    write_bins(frame, first_line + line, padded, [&](float* const* bins) {
      kernels.range(range, out[static_cast<std::size_t>(line)], low, high, bins);
    });
  }
}

}  // namespace

RangeFrame sum_aperture(const BeamTiles& beam, const ScanGeometry& scan,
                        const Scatterers& scatterers, const RangeAxis& axis, int threads) {
  THZ_REQUIRE(axis.bins > 0 && axis.cell_m > 0.0, "the range axis is empty");
  THZ_REQUIRE(scatterers.size() < 0xFFFFFFFFu, "too many scatterers for one frame");
  if (!beam.fits(scan, axis)) {
    throw_input("the aperture-level tables were made for another raster or range than the frame's");
  }
  RangeFrame frame;
  frame.bins.assign(static_cast<std::size_t>(axis.bins),
                    ImageC(scan.lines(), scan.samples_per_line()));
  const DepthNodes nodes = depth_nodes(axis);
  const ApertureGrid grid(scan, beam.cell_m, beam.half_width_m);
  const RowGeometry geometry = spread_geometry(beam, grid, nodes);
  const ApertureKernels kernels = aperture_kernels();
  const int rows = grid.y.cells();
  const ClassBounds bounds{static_cast<float>(grid.x.cells()), 1.0f,
                           static_cast<float>(rows - 3),       nodes.count - 2.0,
                           grid.slabs() * kSlabColumns,        rows};
  const SlabLists lists =
      make_lists(scatterers, geometry, bounds, nodes.count, kernels.classes, threads);
  if (lists.index.empty()) return frame;
  ApertureSums sums{beam, grid, kernels, NodeGroups(beam, nodes), {}, {}, {}};
  sums.response = node_responses(axis, nodes);
  sums.range.blocks = (scan.samples_per_line() + kProductBlock - 1) / kProductBlock;
  sums.range.response = sums.response.data();
  sums.range.response_stride = nodes.count;
  sums.range.bins = axis.bins;
  const PhaseTurns phase(beam);
  for (int slab = 0; slab < beam.slabs; ++slab) {
    const std::size_t at = static_cast<std::size_t>(slab) * static_cast<std::size_t>(rows);
    sums.slabs.emplace_back(lists.low.data() + at, lists.high.data() + at, rows);
  }
  parallel_for(sums.slabs.size(), threads, [&](std::size_t s) {
    SlabRows& slab = sums.slabs[s];
    if (slab.empty()) return;
    const RowInput input{scatterers.direction.data()->data(), scatterers.range_m.data(),
                         reinterpret_cast<const double*>(scatterers.gamma.data()),
                         lists.index.data() + lists.start[s],
                         static_cast<long>(lists.start[s + 1] - lists.start[s])};
    kernels.spread(geometry, phase.view, input,
                   {floats(slab.floats), slab.at.data(), slab.first.data(),
                    static_cast<int>(s) * kSlabColumns});
  });
  parallel_for(static_cast<std::size_t>(beam.line_groups), threads,
               [&](std::size_t group) { sums.finish_group(static_cast<int>(group), frame); });
  return frame;
}

}  // namespace thz::sim
