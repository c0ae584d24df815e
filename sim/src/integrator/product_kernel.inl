// Both halves of the separable product for one instruction set. The including file defines
// THZ_CLASS_KERNEL, THZ_ROW_KERNEL and THZ_COLUMN_KERNEL. Eight lanes everywhere: four complex
// neighbours of a row, eight lines, or half a block of samples; GCC splits them where registers are
// narrower.

#include <math.h>
#include <string.h>

#define THZ_LANES 8

#include "lanes.inl"
#include "product_kernel.h"

namespace thz::sim::internal {
namespace {

// An unaligned view; may_alias, since it is laid over a plain array.
typedef int LooseInts __attribute__((vector_size(32), aligned(4), may_alias));
typedef double PairLanes __attribute__((vector_size(32)));

constexpr int kBatch = 64;
constexpr float kLog2E = 1.44269504f;
constexpr float kTwoPi = 6.28318531f;

/// Scatterers as read, phases reduced.
struct Batch {
  alignas(64) float u[kBatch], v[kBatch], zeta[kBatch], turns[kBatch], depth[kBatch];
  alignas(64) float gamma_re[kBatch], gamma_im[kBatch];
  int node[kBatch];
};

/// The same, ready for the lines: c exp((decay + 2 pi j bend) d^2), d lines from the centre.
struct RowBatch {
  alignas(64) float re[kBatch], im[kBatch], decay[kBatch], bend[kBatch];
  alignas(64) float line[kBatch], reach[kBatch], column[kBatch], shear[kBatch];
  alignas(64) float offset_per_line[kBatch];  // metres; tables only
  alignas(64) float weight[4][kBatch];
};

/// One batch gathered as it came; kept apart from the arithmetic, which then runs in lanes.
struct RawBatch {
  alignas(64) double x[kBatch], y[kBatch], z[kBatch], range_m[kBatch];
  alignas(64) double gamma[2 * kBatch];
};

void gather_batch(const RowInput& input, long first, int size, RawBatch& raw) {
  const long last = input.count - 1;
  for (int i = 0; i < kBatch; ++i) {
    constexpr int ahead = 32;
    const long soon = input.index[first + i + ahead < last ? first + i + ahead : last];
    __builtin_prefetch(input.direction + 3 * soon);
    __builtin_prefetch(input.range_m + soon);
    __builtin_prefetch(input.gamma + 2 * soon);
    // The last batch is filled up with its last scatterer.
    const long n = input.index[first + (i < size ? i : size - 1)];
    raw.x[i] = input.direction[3 * n];
    raw.y[i] = input.direction[3 * n + 1];
    raw.z[i] = input.direction[3 * n + 2];
    raw.range_m[i] = input.range_m[n];
    memcpy(raw.gamma + 2 * i, input.gamma + 2 * n, 2 * sizeof(double));
  }
}

void reduce_batch(const RowGeometry& g, const RawBatch& raw, Batch& b) {
  const double standoff_m = g.standoff_m, turns_per_m = g.turns_per_m;
  const double first_node_m = g.first_node_m, per_node = g.per_node;
  constexpr double round = 6755399441055744.0;  // 1.5 * 2^52
  for (int i = 0; i < kBatch; ++i) {
    const float scale = -1.0f / static_cast<float>(raw.z[i]);
    b.u[i] = static_cast<float>(raw.x[i]) * scale;
    b.v[i] = static_cast<float>(raw.y[i]) * scale;
  }
  for (int i = 0; i < kBatch; ++i) {
    const double zeta = raw.range_m[i] - standoff_m;
    const double turns = zeta * turns_per_m;
    b.zeta[i] = static_cast<float>(zeta);
    b.turns[i] = static_cast<float>(((turns + round) - round) - turns);
  }
  for (int i = 0; i < kBatch; ++i) {
    const double place = (raw.range_m[i] - first_node_m) * per_node;
    const int floor_place = static_cast<int>(place);  // positive: the gate was checked
    b.node[i] = floor_place - 1;
    b.depth[i] = static_cast<float>(place - floor_place);
  }
  for (int i = 0; i < kBatch; ++i) {
    b.gamma_re[i] = static_cast<float>(raw.gamma[2 * i]);
    b.gamma_im[i] = static_cast<float>(raw.gamma[2 * i + 1]);
  }
}

/// Depth weights, place on the grid and the metric of tangents, d e^2 = gx (du - beta dv)^2 + gy
/// dv^2 with gx = (1 + v^2) / n^4, beta = u v / (1 + v^2), gy = 1 / (n^2 (1 + v^2)), n^2 = 1 + u^2
/// + v^2. @return gy dv^2 of one line.
inline Lanes place_lanes(const RowGeometry& g, const ProductSlab& slab, const Batch& b, int i,
                         RowBatch& out) {
  const Lanes u = load(b.u + i), v = load(b.v + i), t = load(b.depth + i);
  const Lanes minus = t - 1.0f, minus2 = t - 2.0f, plus = t + 1.0f;
  store(out.weight[0] + i, t * minus * minus2 * (-1.0f / 6.0f));
  store(out.weight[1] + i, plus * minus * minus2 * 0.5f);
  store(out.weight[2] + i, plus * t * minus2 * -0.5f);
  store(out.weight[3] + i, plus * t * minus * (1.0f / 6.0f));
  store(out.column + i,
        u * g.columns_per_u + (g.column_at - static_cast<float>(slab.first_column)));
  store(out.line + i, g.line_at - v * g.lines_per_v);
  const Lanes v1 = 1.0f + v * v;
  const Lanes gy = 1.0f / ((v1 + u * u) * v1);
  const float line_v = 1.0f / g.lines_per_v;
  store(out.shear + i, u * v / v1 * (-line_v * g.columns_per_u));
  return gy * (line_v * line_v);
}

/// Amplitudes times exp(-2jk zeta), and of the Gaussian beam its depth factor and exponent.
void prepare_gaussian(const RowGeometry& g, const ProductSlab& slab, const Batch& b,
                      RowBatch& out) {
  for (int i = 0; i < kBatch; i += THZ_LANES) {
    const Lanes metric = place_lanes(g, slab, b, i, out);
    const Lanes zeta = load(b.zeta + i);
    const Lanes t = zeta * g.per_rayleigh;
    const Lanes d = 1.0f / (1.0f + t * t);
    const Lanes a = zeta + static_cast<float>(g.standoff_m);
    const Lanes c_re = a * a * d * g.curvature;
    const Lanes c_im = c_re * t - a * g.wavenumber;
    const Lanes decay = c_re * metric;
    store(out.decay + i, decay * -kLog2E);
    store(out.bend + i, c_im * metric * (-1.0f / kTwoPi));
    store(out.reach + i, g.log_cutoff / decay);
    Lanes sine, cosine;
    sin_cos_turns(load(b.turns + i), sine, cosine);
    const Lanes scale = d * d * g.peak;
    const Lanes f_re = (1.0f - t * t) * scale, f_im = 2.0f * t * scale;
    const Lanes p_re = f_re * cosine - f_im * sine, p_im = f_re * sine + f_im * cosine;
    const Lanes g_re = load(b.gamma_re + i), g_im = load(b.gamma_im + i);
    store(out.re + i, g_re * p_re - g_im * p_im);
    store(out.im + i, g_re * p_im + g_im * p_re);
  }
  for (int i = 0; i < kBatch; ++i) out.reach[i] = sqrtf(out.reach[i]);
}

void prepare_tabulated(const RowGeometry& g, const RowTable& table, const ProductSlab& slab,
                       const Batch& b, RowBatch& out) {
  for (int i = 0; i < kBatch; i += THZ_LANES) {
    store(out.reach + i, place_lanes(g, slab, b, i, out));
    Lanes sine, cosine;
    sin_cos_turns(load(b.turns + i), sine, cosine);
    const Lanes g_re = load(b.gamma_re + i), g_im = load(b.gamma_im + i);
    store(out.re + i, g_re * cosine - g_im * sine);
    store(out.im + i, g_re * sine + g_im * cosine);
  }
  for (int i = 0; i < kBatch; ++i) {
    const float range_m = b.zeta[i] + static_cast<float>(g.standoff_m);
    out.offset_per_line[i] = range_m * sqrtf(out.reach[i]);
    out.reach[i] = table.reach_m / out.offset_per_line[i];
  }
}

/// Eight lanes of four taps, each weight twice for the two parts of a complex number.
struct Taps {
  Lanes value, slope;
};

/// Cubic B-spline over columns -1, 0, 1, 2 at t in [0, 1], and its derivative.
inline Taps spline_taps(float t) {
  constexpr float s = 1.0f / 6.0f;
  const Lanes a0 = {s, s, 4 * s, 4 * s, s, s, 0, 0};
  const Lanes a1 = {-3 * s, -3 * s, 0, 0, 3 * s, 3 * s, 0, 0};
  const Lanes a2 = {3 * s, 3 * s, -6 * s, -6 * s, 3 * s, 3 * s, 0, 0};
  const Lanes a3 = {-s, -s, 3 * s, 3 * s, -3 * s, -3 * s, s, s};
  return {((a3 * t + a2) * t + a1) * t + a0, (3.0f * a3 * t + 2.0f * a2) * t + a1};
}

/// Four-point Lagrange weights over samples -1, 0, 1, 2.
inline Lanes lagrange_taps(float t) {
  constexpr float s = 1.0f / 6.0f;
  const Lanes a0 = {0, 0, 1, 1, 0, 0, 0, 0};
  const Lanes a1 = {-2 * s, -2 * s, -0.5f, -0.5f, 1, 1, -s, -s};
  const Lanes a2 = {0.5f, 0.5f, -1, -1, 0.5f, 0.5f, 0, 0};
  const Lanes a3 = {-s, -s, 0.5f, 0.5f, -0.5f, -0.5f, s, s};
  return ((a3 * t + a2) * t + a1) * t + a0;
}

/// Lines that each scatterer of a batch reaches, and its values at eight of them.
struct LineBatch {
  int first[kBatch], count[kBatch];
  alignas(64) float value[THZ_LANES][2 * kBatch];
};

/// First line and number of lines within reach, none where the field is missed.
void find_lines(const RowGeometry& g, const RowBatch& rows, LineBatch& out) {
  const auto bottom = static_cast<float>(g.lines - 1);
  for (int i = 0; i < kBatch; ++i) {
    const float from = ceilf(rows.line[i] - rows.reach[i]);
    const float to = floorf(rows.line[i] + rows.reach[i]);
    const float first = from > 0.0f ? from : 0.0f, last = to < bottom ? to : bottom;
    out.first[i] = static_cast<int>(first);
    out.count[i] = static_cast<int>(last - first) + 1;
    if (last < first) out.count[i] = 0;
  }
}

inline void store_pairs(float* to, Lanes re, Lanes im) {
  const IntLanes low = {0, 8, 1, 9, 2, 10, 3, 11}, high = {4, 12, 5, 13, 6, 14, 7, 15};
  store(to, __builtin_shuffle(re, im, low));
  store(to + THZ_LANES, __builtin_shuffle(re, im, high));
}

struct ComplexLanes {
  Lanes re, im;
};
inline ComplexLanes operator*(const ComplexLanes& a, const ComplexLanes& b) {
  return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
/// 2^octaves exp(2 pi j turns).
inline ComplexLanes exp_lanes(Lanes octaves, Lanes turns) {
  const Lanes magnitude = exp2_lanes(octaves);
  Lanes sine, cosine;
  sin_cos_turns(turns, sine, cosine);
  return {magnitude * cosine, magnitude * sine};
}

/// Gaussians at lines first + skip .. first + skip + 7, eight scatterers at a time: with a = log E
/// at a distance of 1, E(d + 1) = E(d) r(d), r(d + 1) = r(d) exp(2a), r(d) = exp(a (2d + 1)).
void gaussian_values(const RowBatch& rows, int skip, LineBatch& lines) {
  for (int i = 0; i < kBatch; i += THZ_LANES) {
    Lanes first;
    int most = 0;
    for (int n = 0; n < THZ_LANES; ++n) {
      first[n] = static_cast<float>(lines.first[i + n] + skip);
      if (lines.count[i + n] - skip > most) most = lines.count[i + n] - skip;
    }
    if (most > THZ_LANES) most = THZ_LANES;
    const Lanes d = first - load(rows.line + i);
    const Lanes decay = load(rows.decay + i), bend = load(rows.bend + i);
    ComplexLanes value = exp_lanes(decay * d * d, bend * d * d);
    value = value * ComplexLanes{load(rows.re + i), load(rows.im + i)};
    const Lanes d21 = d + d + 1.0f;
    ComplexLanes ratio = exp_lanes(decay * d21, bend * d21);
    const ComplexLanes change = exp_lanes(decay + decay, bend + bend);
    for (int l = 0; l < most; ++l) {
      store_pairs(lines.value[l] + 2 * i, value.re, value.im);
      value = value * ratio;
      ratio = ratio * change;
    }
  }
}

/// One term of a tabulated envelope at the same lines: cubic over offsets, linear over depth.
void table_values(const RowTable& table, int term, const RowBatch& rows, const float* zeta,
                  int skip, LineBatch& lines) {
  const auto deepest = static_cast<float>(table.depths - 1);
  for (int i = 0; i < kBatch; ++i) {
    float depth = table.depth_at + table.per_depth * zeta[i];
    depth = depth < 0.0f ? 0.0f : depth > deepest ? deepest : depth;
    int row = static_cast<int>(depth);
    if (row > table.depths - 2) row = table.depths - 2;
    const float blend = depth - static_cast<float>(row);
    const float* near =
        table.values + 2L * (static_cast<long>(term) * table.depths + row) * table.offsets;
    const float* far = near + 2L * table.offsets;
    for (int l = 0; l < THZ_LANES && l + skip < lines.count[i]; ++l) {
      // Scatterer less beam along +y: lines run down, so a line further down looks further below.
      const float d = static_cast<float>(lines.first[i] + skip + l) - rows.line[i];
      const float place = table.offset_at + table.per_offset * d * rows.offset_per_line[i];
      int at = static_cast<int>(place);
      at = at < 1 ? 1 : at > table.offsets - 3 ? table.offsets - 3 : at;
      const Lanes weight = lagrange_taps(place - static_cast<float>(at));
      const Lanes a = load(near + 2 * (at - 1)), b = load(far + 2 * (at - 1));
      const Lanes sum = (a + (b - a) * blend) * weight;
      const float re = (sum[0] + sum[2]) + (sum[4] + sum[6]);
      const float im = (sum[1] + sum[3]) + (sum[5] + sum[7]);
      lines.value[l][2 * i] = rows.re[i] * re - rows.im[i] * im;
      lines.value[l][2 * i + 1] = rows.re[i] * im + rows.im[i] * re;
    }
  }
}

/// Adds up to eight lines: four nodes of four columns each. `taps` move with the metric's shear by
/// `step` a line. @param value  the scatterer's complex values, a batch apart.
inline void add_lines(const float* value, Lanes taps, Lanes step, const float weight[4], int count,
                      float* sums, long line_stride) {
  constexpr int kNode = 2 * kSlabWidth;
  const Lanes w0 = Lanes{} + weight[0], w1 = Lanes{} + weight[1];
  const Lanes w2 = Lanes{} + weight[2], w3 = Lanes{} + weight[3];
  for (int l = 0; l < count; ++l) {
    double pair;
    memcpy(&pair, value, sizeof pair);
    const PairLanes pairs = {pair, pair, pair, pair};
    const Lanes spread = taps * reinterpret_cast<Lanes>(pairs);
    const Lanes s0 = load(sums), s1 = load(sums + kNode);
    const Lanes s2 = load(sums + 2 * kNode), s3 = load(sums + 3 * kNode);
    store(sums, s0 + spread * w0);
    store(sums + kNode, s1 + spread * w1);
    store(sums + 2 * kNode, s2 + spread * w2);
    store(sums + 3 * kNode, s3 + spread * w3);
    taps += step;
    value += 2 * kBatch;
    sums += line_stride;
  }
}

/// Notes that lines first .. first + count - 1 have something at nodes node .. node + 3.
inline void mark_lines(const ProductSlab& slab, int first, int count, int node) {
  const IntLanes number = {0, 1, 2, 3, 4, 5, 6, 7};
  LooseInts* low = reinterpret_cast<LooseInts*>(slab.low + first);
  LooseInts* high = reinterpret_cast<LooseInts*>(slab.high + first);
  const IntLanes inside = number < count, l = *low, h = *high;
  *low = inside & (l > node) ? IntLanes{} + node : l;
  *high = inside & (h < node + 3) ? IntLanes{} + (node + 3) : h;
}

/// Adds the batch's values at lines first + skip .. first + skip + 7 to one term's sums.
void add_batch(const RowBatch& rows, const Batch& b, const LineBatch& lines, int size, int skip,
               const ProductSlab& slab, float* sums) {
  int marked_line = -1, marked_count = 0, marked_node = 0;
  for (int i = 0; i < size; ++i) {
    const int left = lines.count[i] - skip;
    if (left <= 0) continue;
    const int count = left < THZ_LANES ? left : THZ_LANES;
    const int line = lines.first[i] + skip;
    int column = static_cast<int>(rows.column[i]);
    column = column < 0 ? 0 : column >= kSlabColumns ? kSlabColumns - 1 : column;
    const Taps taps = spline_taps(rows.column[i] - static_cast<float>(column));
    const float shift = (static_cast<float>(line) - rows.line[i]) * rows.shear[i];
    const float weight[4] = {rows.weight[0][i], rows.weight[1][i], rows.weight[2][i],
                             rows.weight[3][i]};
    add_lines(lines.value[0] + 2 * i, taps.value + taps.slope * shift, taps.slope * rows.shear[i],
              weight, count,
              sums + line * slab.line_stride() + 2L * kSlabWidth * (b.node[i] - slab.first_node) +
                  2L * column,
              slab.line_stride());
    // Neighbours mostly mark the same.
    if (line != marked_line || count != marked_count || b.node[i] != marked_node) {
      marked_line = line, marked_count = count, marked_node = b.node[i];
      mark_lines(slab, line, count, b.node[i]);
    }
  }
}

/// One node of one slab onto one block of samples.
inline void add_columns(const float* sums, const float* factors, const int* base, long stride,
                        int first, int last, float* out) {
  Lanes re0 = load(out), re1 = load(out + 8), im0 = load(out + 16), im1 = load(out + 24);
  for (int c = first; c <= last; ++c) {
    const float* f = factors + base[c];
    const Lanes f_re0 = load(f), f_re1 = load(f + 8);
    const Lanes f_im0 = load(f + stride), f_im1 = load(f + stride + 8);
    const float t_re = sums[2 * c], t_im = sums[2 * c + 1];
    re0 += f_re0 * t_re;
    re1 += f_re1 * t_re;
    im0 += f_re0 * t_im;
    im1 += f_re1 * t_im;
    re0 -= f_im0 * t_im;
    re1 -= f_im1 * t_im;
    im0 += f_im0 * t_re;
    im1 += f_im1 * t_re;
  }
  store(out, re0), store(out + 8, re1), store(out + 16, im0), store(out + 24, im1);
}

/// Depth nodes low .. high of one block to three range bins.
inline void add_range(const ColumnTables& t, const float* sums, long node_stride, int bin, int low,
                      int high, float* const* out, int block) {
  Lanes total[3][4] = {};
  const float* p0 = t.response + bin * t.response_stride;
  const float* p1 = p0 + t.response_stride;
  const float* p2 = p1 + t.response_stride;
  for (int node = low; node <= high; ++node, sums += node_stride) {
    for (int part = 0; part < 4; ++part) {
      const Lanes value = load(sums + 8 * part);
      total[0][part] += value * p0[node];
      total[1][part] += value * p1[node];
      total[2][part] += value * p2[node];
    }
  }
  const IntLanes first = {0, 8, 1, 9, 2, 10, 3, 11}, second = {4, 12, 5, 13, 6, 14, 7, 15};
  for (int b = 0; b < 3 && bin + b < t.bins; ++b) {
    float* to = out[bin + b] + 2L * kProductBlock * block;
    for (int half = 0; half < 2; ++half) {
      const Lanes re = total[b][half], im = total[b][2 + half];
      store(to + 16 * half, __builtin_shuffle(re, im, first));
      store(to + 16 * half + 8, __builtin_shuffle(re, im, second));
    }
  }
}

}  // namespace

void THZ_CLASS_KERNEL(const RowGeometry& g, const double* direction, const double* range_m,
                      long count, const ClassBounds& bounds, unsigned short* column_of,
                      unsigned* counts, int* low, int* high) {
  alignas(64) float column[kBatch], line[kBatch];
  alignas(64) int node[kBatch];
  for (long first = 0; first < count; first += kBatch) {
    const int size = count - first < kBatch ? static_cast<int>(count - first) : kBatch;
    const double* e = direction + 3 * first;
    const double* a = range_m + first;
    for (int i = 0; i < size; ++i) {
      const float scale = -1.0f / static_cast<float>(e[3 * i + 2]);
      column[i] = g.column_at + static_cast<float>(e[3 * i]) * scale * g.columns_per_u;
      line[i] = g.line_at - static_cast<float>(e[3 * i + 1]) * scale * g.lines_per_v;
    }
    for (int i = 0; i < size; ++i) {
      const double place = (a[i] - g.first_node_m) * g.per_node;
      const bool inside = (place >= 1.0) & (place < bounds.last_place);
      node[i] = inside ? static_cast<int>(place) - 1 : -1;
    }
    for (int i = 0; i < size; ++i) {
      const bool inside = (column[i] >= 0.0f) & (column[i] < bounds.columns) &
                          (line[i] >= bounds.first_line) & (line[i] <= bounds.last_line) &
                          (node[i] >= 0);
      const int at = inside ? static_cast<int>(column[i]) : bounds.nowhere;
      column_of[first + i] = static_cast<unsigned short>(at);
      ++counts[at];
      if (!inside) continue;
      const int slab = at / kSlabColumns;
      low[slab] = node[i] < low[slab] ? node[i] : low[slab];
      high[slab] = node[i] > high[slab] ? node[i] : high[slab];
    }
  }
}

void THZ_ROW_KERNEL(const RowGeometry& geometry, const RowTable* table, const RowInput& input,
                    const ProductSlab& slab) {
  RawBatch raw;
  Batch batch;
  RowBatch rows;
  LineBatch lines;
  const long term_stride = slab.line_stride() * geometry.lines;
  for (long first = 0; first < input.count; first += kBatch) {
    const int size = input.count - first < kBatch ? static_cast<int>(input.count - first) : kBatch;
    gather_batch(input, first, size, raw);
    reduce_batch(geometry, raw, batch);
    if (table == nullptr) {
      prepare_gaussian(geometry, slab, batch, rows);
    } else {
      prepare_tabulated(geometry, *table, slab, batch, rows);
    }
    find_lines(geometry, rows, lines);
    int most = 0;
    for (const int count : lines.count) most = count > most ? count : most;
    for (int skip = 0; skip < most; skip += THZ_LANES) {
      for (int term = 0; term < (table == nullptr ? 1 : table->terms); ++term) {
        if (table == nullptr) {
          gaussian_values(rows, skip, lines);
        } else {
          table_values(*table, term, rows, batch.zeta, skip, lines);
        }
        add_batch(rows, batch, lines, size, skip, slab, slab.sums + term * term_stride);
      }
    }
  }
}

void THZ_COLUMN_KERNEL(const ColumnTables& t, const ProductSlab* slabs, int slab_count, int line,
                       int line_count, const int* levels, int low, int high, float* sums,
                       float* const* out) {
  constexpr long kBlock = 2 * kProductBlock;
  const long node_stride = kBlock * t.blocks;
  for (const ProductSlab* slab = slabs; slab < slabs + slab_count; ++slab) {
    const int left = slab->first_column - 1;
    for (int term = 0; term < t.terms; ++term) {
      for (int node = slab->low[line]; node <= slab->high[line]; ++node) {
        const float* row = slab->sums +
                           (static_cast<long>(term) * line_count + line) * slab->line_stride() +
                           2L * kSlabWidth * (node - slab->first_node) - 2L * left;
        const int* first = t.first_column + static_cast<long>(node - t.first_node) * t.blocks;
        const int* last = t.last_column + static_cast<long>(node - t.first_node) * t.blocks;
        const float* factors =
            t.factors + term * t.term_stride + (node - t.first_node) * t.node_stride;
        for (int block = 0; block < t.blocks; ++block) {
          const int from = first[block] > left ? first[block] : left;
          const int to = last[block] < left + kSlabWidth - 1 ? last[block] : left + kSlabWidth - 1;
          if (from > to) continue;
          add_columns(row, factors + levels[block] * t.level_stride + kProductBlock * block, t.base,
                      t.stride, from, to, sums + (node - low) * node_stride + kBlock * block);
        }
      }
    }
  }
  for (int block = 0; block < t.blocks; ++block) {
    for (int bin = 0; bin < t.bins; bin += 3) {
      add_range(t, sums + kBlock * block, node_stride, bin, low, high, out, block);
    }
  }
}

}  // namespace thz::sim::internal
