// The tiled product of aperture-level beams for one instruction set. The including file defines
// THZ_SPREAD_KERNEL, THZ_TILE_KERNEL and THZ_RANGE_KERNEL.

#include "aperture_kernel.h"
#include "product_columns.inl"

namespace thz::sim::internal {
namespace {

/// Scatterers ready to be spread.
struct SpreadBatch {
  alignas(64) float re[kBatch], im[kBatch], row[kBatch], column[kBatch];
  alignas(64) float depth_weight[4][kBatch], row_weight[4][kBatch];
  int row_index[kBatch], column_index[kBatch];
};

inline Lanes phase_lanes(const PhasePolynomial& phase, Lanes u, Lanes v) {
  const Lanes x = u * phase.per_u, y = v * phase.per_v;
  const float* c = phase.turns;
  Lanes sum = {};
  for (int i = phase.degree; i >= 0; --i) {
    Lanes inner = Lanes{} + *c++;
    for (int j = phase.degree - i; j > 0; --j) inner = inner * y + *c++;
    sum = sum * x + inner;
  }
  return sum;
}

/// Amplitudes times exp(-2jk zeta - j phi), places on the grid and weights along rows and depth.
void prepare_spread(const RowGeometry& g, const PhasePolynomial& phase, int first_column,
                    const Batch& b, SpreadBatch& out) {
  constexpr float s = 1.0f / 6.0f;
  for (int i = 0; i < kBatch; i += THZ_LANES) {
    const Lanes u = load(b.u + i), v = load(b.v + i);
    Lanes sine, cosine;
    sin_cos_turns(load(b.turns + i) - phase_lanes(phase, u, v), sine, cosine);
    const Lanes g_re = load(b.gamma_re + i), g_im = load(b.gamma_im + i);
    store(out.re + i, g_re * cosine - g_im * sine);
    store(out.im + i, g_re * sine + g_im * cosine);
    depth_weights(load(b.depth + i), out.depth_weight, i);
    store(out.column + i, u * g.columns_per_u + (g.column_at - static_cast<float>(first_column)));
    store(out.row + i, g.line_at - v * g.lines_per_v);
  }
  for (int i = 0; i < kBatch; ++i) {
    int column = static_cast<int>(out.column[i]);
    column = column < 0 ? 0 : column >= kSlabColumns ? kSlabColumns - 1 : column;
    out.column_index[i] = column;
    out.column[i] -= static_cast<float>(column);
    out.row_index[i] = static_cast<int>(out.row[i]);
    const float t = out.row[i] - static_cast<float>(out.row_index[i]), r = 1.0f - t;
    out.row_weight[0][i] = s * r * r * r;
    out.row_weight[1][i] = s * (4.0f + (3.0f * t - 6.0f) * t * t);
    out.row_weight[2][i] = s * (4.0f + (3.0f * r - 6.0f) * r * r);
    out.row_weight[3][i] = s * t * t * t;
  }
}

void spread_batch(const SpreadBatch& batch, const Batch& b, int size, const SpreadSlab& slab) {
  constexpr long kNode = 2 * kSlabWidth;
  for (int i = 0; i < size; ++i) {
    const double pair = [&] {
      const float parts[2] = {batch.re[i], batch.im[i]};
      double both;
      memcpy(&both, parts, sizeof both);
      return both;
    }();
    const PairLanes pairs = {pair, pair, pair, pair};
    const Lanes spread = spline_taps(batch.column[i]).value * reinterpret_cast<Lanes>(pairs);
    const int first_row = batch.row_index[i] - 1;
    for (int r = 0; r < 4; ++r) {
      const int row = first_row + r;
      float* to = slab.sums + slab.row_at[row] + kNode * (b.node[i] - slab.row_first[row]) +
                  2L * batch.column_index[i];
      const Lanes part = spread * batch.row_weight[r][i];
      for (int n = 0; n < 4; ++n, to += kNode) {
        store(to, load(to) + part * batch.depth_weight[n][i]);
      }
    }
  }
}

/// Factors of all the tile's terms at every column of the slab, on samples, with room for a block
/// on either side: [term][column][re, im][stride].
void expand_columns(const TileJob& job, long stride, float* to) {
  const long knot = 2L * job.along_stride * job.phases;
  memset(to, 0, sizeof(float) * static_cast<unsigned long>(2 * stride * kSlabWidth * job.terms));
  for (int term = 0; term < job.terms; ++term) {
    for (int c = 0; c < kSlabWidth; ++c) {
      const float* weight = job.column_weight + kTileKnots * c;
      const float* from =
          job.along + kTileKnots * knot * term + 2L * job.along_stride * job.column_phase[c];
      for (int part = 0; part < 2; ++part, from += job.along_stride, to += stride) {
        for (int i = 0; i < job.along_stride; i += THZ_LANES) {
          store(to + kProductBlock + i, load(from + i) * weight[0] +
                                            load(from + knot + i) * weight[1] +
                                            load(from + 2 * knot + i) * weight[2]);
        }
      }
    }
  }
}

/// One line's factors across at one node: [term][re, im][stride].
void blend_rows(const TileJob& job, int line, const float* weight, float* to) {
  const long knot = 2L * job.terms * job.across_stride;
  const float* from = job.across + kTileKnots * knot * line;
  for (long i = 0; i < knot; i += THZ_LANES) {
    store(to + i, load(from + i) * weight[0] + load(from + knot + i) * weight[1] +
                      load(from + 2 * knot + i) * weight[2]);
  }
}

/// Rows of one node in reach of one line, and the line's place among them.
struct RowWindow {
  int first, last;  ///< rows
  int fine;         ///< of row 0: steps of the fine lattice from row to line
};

RowWindow row_window(const TileJob& job, int line) {
  const int at = job.row_phases * line + job.row_step * job.row_margin;
  const int from = at - job.across_half, to = (at + job.across_half) / job.row_step;
  return {from > 0 ? (from + job.row_step - 1) / job.row_step : 0,
          to < job.rows ? to : job.rows - 1, at};
}

/// Sums one term of one node over rows, 16 complex columns.
inline bool sum_rows(const TileJob& job, const RowWindow& window, int node, const float* factor,
                     float* out) {
  constexpr long kNode = 2 * kSlabWidth;
  Lanes re[4] = {}, im[4] = {};
  bool any = false;
  for (int row = window.first; row <= window.last; ++row) {
    const int at = node - job.row_first[row];
    if (at < 0 || at >= job.row_nodes[row]) continue;
    any = true;
    const float* from = job.sums + job.row_at[row] + kNode * at;
    const float* f = factor + (window.fine - job.row_step * row + job.across_half);
    const float f_re = f[0], f_im = f[job.across_stride];
    for (int part = 0; part < 4; ++part) {
      const Lanes t = load(from + THZ_LANES * part);
      re[part] += t * f_re;
      im[part] += t * f_im;
    }
  }
  if (!any) return false;
  const Lanes sign = {-1.0f, 1.0f, -1.0f, 1.0f, -1.0f, 1.0f, -1.0f, 1.0f};
  for (int part = 0; part < 4; ++part) {
    store(out + THZ_LANES * part, re[part] + __builtin_shufflevector(im[part], im[part], 1, 0, 3, 2, 5, 4, 7, 6) * sign);
  }
  return true;
}

/// Whether a column of the slab reaches the block that begins at a sample.
inline bool reaches(const TileJob& job, int column, int sample) {
  const int m = sample + job.column_base[column];
  return m >= -job.along_reach - (kProductBlock - 1) && m <= job.along_reach;
}

/// Columns that each block of samples in the slab's reach needs.
struct BlockColumns {
  int first = 0, count = 0;
  int from[kTileBlocks], to[kTileBlocks];
};

void find_blocks(const TileJob& job, BlockColumns& out) {
  for (int block = 0; block < job.blocks; ++block) {
    const int sample = kProductBlock * block;
    int from = 0, to = kSlabWidth - 1;
    while (from < kSlabWidth && !reaches(job, from, sample)) ++from;
    while (to > from && !reaches(job, to, sample)) --to;
    if (from == kSlabWidth || out.count == kTileBlocks) {
      if (out.count > 0) return;
      continue;
    }
    if (out.count == 0) out.first = block;
    out.from[out.count] = from;
    out.to[out.count++] = to;
  }
}

}  // namespace

void THZ_SPREAD_KERNEL(const RowGeometry& geometry, const PhasePolynomial& phase,
                       const RowInput& input, const SpreadSlab& slab) {
  RawBatch raw;
  Batch batch;
  SpreadBatch spread;
  for (long first = 0; first < input.count; first += kBatch) {
    const int size = input.count - first < kBatch ? static_cast<int>(input.count - first) : kBatch;
    gather_batch(input, first, size, raw);
    reduce_batch(geometry, raw, batch);
    prepare_spread(geometry, phase, slab.first_column, batch, spread);
    spread_batch(spread, batch, size, slab);
  }
}

void THZ_TILE_KERNEL(const TileJob& job) {
  const long stride = job.along_stride + 2L * kProductBlock;
  const long term_stride = 2 * stride * kSlabWidth;
  float* factors = job.work;
  float* rows = job.work + term_stride * job.terms;
  expand_columns(job, stride, factors);
  int base[kSlabWidth];
  for (int c = 0; c < kSlabWidth; ++c) {
    base[c] =
        static_cast<int>(2 * stride * c) + job.column_base[c] + job.along_reach + kProductBlock;
  }
  BlockColumns blocks;
  find_blocks(job, blocks);
  alignas(64) float columns[2 * kSlabWidth];
  for (int line = 0; line < job.lines; ++line) {
    const RowWindow window = row_window(job, job.first_line + line);
    for (int n = 0; n < job.nodes; ++n) {
      const int node = job.first_node + n;
      blend_rows(job, line, job.node_weight + kTileKnots * n, rows);
      float* out = job.out[line] + 2L * kProductBlock * job.blocks * (node - job.low_node);
      for (int term = 0; term < job.terms; ++term) {
        if (!sum_rows(job, window, node, rows + 2L * job.across_stride * term, columns)) break;
        for (int i = 0; i < blocks.count; ++i) {
          const int block = blocks.first + i;
          add_columns(columns, factors + term_stride * term + kProductBlock * block, base, stride,
                      blocks.from[i], blocks.to[i], out + 2L * kProductBlock * block);
        }
      }
    }
  }
}

void THZ_RANGE_KERNEL(const ColumnTables& t, const float* sums, int low, int high,
                      float* const* out) {
  add_bins(t, sums, low, high, out);
}

}  // namespace thz::sim::internal
