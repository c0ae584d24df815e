// The column step: columns of one slab onto blocks of samples, depth nodes onto range bins.

#pragma once

#include "product_batch.inl"

namespace thz::sim::internal {
namespace {

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
  for (int b = 0; b < 3 && bin + b < t.bins; ++b) {
    float* to = out[bin + b] + 2L * kProductBlock * block;
    for (int half = 0; half < 2; ++half) {
      store_pairs(to + 2 * THZ_LANES * half, total[b][half], total[b][2 + half]);
    }
  }
}

/// All blocks and bins of one line.
inline void add_bins(const ColumnTables& t, const float* sums, int low, int high,
                     float* const* out) {
  constexpr long kBlock = 2 * kProductBlock;
  for (int block = 0; block < t.blocks; ++block) {
    for (int bin = 0; bin < t.bins; bin += 3) {
      add_range(t, sums + kBlock * block, kBlock * t.blocks, bin, low, high, out, block);
    }
  }
}

}  // namespace
}  // namespace thz::sim::internal
