// What both row steps share: scatterers read a batch at a time, phases reduced in double, and the
// weights with which one is spread. Eight lanes everywhere; GCC splits them where registers are
// narrower.

#pragma once

#include <math.h>
#include <string.h>

#define THZ_LANES 8

#include "lanes.inl"
#include "product_kernel.h"

namespace thz::sim::internal {
namespace {

typedef double PairLanes __attribute__((vector_size(32)));

constexpr int kBatch = 64;
constexpr float kTwoPi = 6.28318531f;

/// Sixteen floats re, im, re, im, ... of eight complex numbers.
inline void store_pairs(float* to, Lanes re, Lanes im) {
  store(to, __builtin_shufflevector(re, im, 0, 8, 1, 9, 2, 10, 3, 11));
  store(to + THZ_LANES, __builtin_shufflevector(re, im, 4, 12, 5, 13, 6, 14, 7, 15));
}

/// Scatterers as read, phases reduced.
struct Batch {
  alignas(64) float u[kBatch], v[kBatch], zeta[kBatch], turns[kBatch], depth[kBatch];
  alignas(64) float gamma_re[kBatch], gamma_im[kBatch];
  int node[kBatch];
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

/// Four-point Lagrange weights of eight depths, t in [0, 1] between the middle two.
inline void depth_weights(Lanes t, float (*weight)[kBatch], int i) {
  const Lanes minus = t - 1.0f, minus2 = t - 2.0f, plus = t + 1.0f;
  store(weight[0] + i, t * minus * minus2 * (-1.0f / 6.0f));
  store(weight[1] + i, plus * minus * minus2 * 0.5f);
  store(weight[2] + i, plus * t * minus2 * -0.5f);
  store(weight[3] + i, plus * t * minus * (1.0f / 6.0f));
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

}  // namespace
}  // namespace thz::sim::internal
