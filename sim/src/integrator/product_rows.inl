// The row step of the Gaussian product: every scatterer onto the lines that it reaches.

#pragma once

#include "product_batch.inl"

namespace thz::sim::internal {
namespace {

// An unaligned view; may_alias, since it is laid over a plain array.
typedef int LooseInts __attribute__((vector_size(32), aligned(4), may_alias));

constexpr float kLog2E = 1.44269504f;

/// The same, ready for the lines: c exp((decay + 2 pi j bend) d^2), d lines from the centre.
struct RowBatch {
  alignas(64) float re[kBatch], im[kBatch], decay[kBatch], bend[kBatch];
  alignas(64) float line[kBatch], reach[kBatch], column[kBatch], shear[kBatch];
  alignas(64) float weight[4][kBatch];
};

/// Depth weights, place on the grid and the metric of tangents, d e^2 = gx (du - beta dv)^2 + gy
/// dv^2 with gx = (1 + v^2) / n^4, beta = u v / (1 + v^2), gy = 1 / (n^2 (1 + v^2)), n^2 = 1 + u^2
/// + v^2. @return gy dv^2 of one line.
inline Lanes place_lanes(const RowGeometry& g, const ProductSlab& slab, const Batch& b, int i,
                         RowBatch& out) {
  const Lanes u = load(b.u + i), v = load(b.v + i);
  depth_weights(load(b.depth + i), out.weight, i);
  store(out.column + i,
        u * g.columns_per_u + (g.column_at - static_cast<float>(slab.first_column)));
  store(out.line + i, g.line_at - v * g.lines_per_v);
  const Lanes v1 = 1.0f + v * v;
  const Lanes gy = 1.0f / ((v1 + u * u) * v1);
  const float line_v = 1.0f / g.lines_per_v;
  store(out.shear + i, u * v / v1 * (-line_v * g.columns_per_u));
  return gy * (line_v * line_v);
}

/// Amplitudes times exp(-2jk zeta), depth factor and exponent of the Gaussian beam.
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

/// Adds the batch's values at lines first + skip .. first + skip + 7.
void add_batch(const RowBatch& rows, const Batch& b, const LineBatch& lines, int size, int skip,
               const ProductSlab& slab) {
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
              slab.sums + line * slab.line_stride() +
                  2L * kSlabWidth * (b.node[i] - slab.first_node) + 2L * column,
              slab.line_stride());
    // Neighbours mostly mark the same.
    if (line != marked_line || count != marked_count || b.node[i] != marked_node) {
      marked_line = line, marked_count = count, marked_node = b.node[i];
      mark_lines(slab, line, count, b.node[i]);
    }
  }
}

}  // namespace
}  // namespace thz::sim::internal
