// The pair kernel for one instruction set. The including file defines THZ_LANES and THZ_KERNEL_NAME.
// GCC vector extensions: the same arithmetic, lane by lane, at 4, 8 or 16 lanes.

#include "pair_kernel.h"

namespace thz::sim::internal {
namespace {

typedef float Lanes __attribute__((vector_size(4 * THZ_LANES)));
typedef int IntLanes __attribute__((vector_size(4 * THZ_LANES)));

inline Lanes load(const float* p) {
  Lanes v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

inline void store(float* p, Lanes v) { __builtin_memcpy(p, &v, sizeof v); }

/// Nearest integer for |x| < 2^22, by the sum with 1.5 * 2^23.
inline Lanes nearest(Lanes x) { return (x + 12582912.0f) - 12582912.0f; }

/// 2^x for x <= 0, held at 2^-126 below: exponent bits times the degree-5 Taylor polynomial on
/// [-1/2, 1/2]; relative error below 3e-6.
inline Lanes exp2_negative(Lanes x) {
  const Lanes lowest = Lanes{} - 126.0f;
  x = x < lowest ? lowest : x;
  const Lanes n = nearest(x);
  const Lanes f = (x - n) * 0.693147181f;
  Lanes p = f * (1.0f / 120.0f) + (1.0f / 24.0f);
  p = p * f + (1.0f / 6.0f);
  p = p * f + 0.5f;
  p = p * f + 1.0f;
  p = p * f + 1.0f;
  const IntLanes bits = (__builtin_convertvector(n, IntLanes) + 127) << 23;
  Lanes scale;
  __builtin_memcpy(&scale, &bits, sizeof scale);
  return p * scale;
}

/// sin and cos of 2 pi t: reduce to half a turn, Taylor on [-pi/2, pi/2] for half the angle, double
/// it; absolute error below 4e-6.
inline void sin_cos_turns(Lanes t, Lanes& sine, Lanes& cosine) {
  const Lanes a = (t - nearest(t)) * 3.14159265f;
  const Lanes a2 = a * a;
  Lanes s = a2 * (1.0f / 362880.0f) - (1.0f / 5040.0f);
  s = s * a2 + (1.0f / 120.0f);
  s = s * a2 - (1.0f / 6.0f);
  s = (s * a2 + 1.0f) * a;
  Lanes c = a2 * (-1.0f / 3628800.0f) + (1.0f / 40320.0f);
  c = c * a2 - (1.0f / 720.0f);
  c = c * a2 + (1.0f / 24.0f);
  c = c * a2 - 0.5f;
  c = c * a2 + 1.0f;
  sine = 2.0f * s * c;
  cosine = 1.0f - 2.0f * s * s;
}

}  // namespace

void THZ_KERNEL_NAME(const PairSource* sources, long count, const float* x, const float* y,
                     const float* kappa, float* re, float* im, long stride) {
  constexpr float kLog2e = 1.44269504f;
  constexpr float kTurn = 0.159154943f;  // 1 / 2 pi
  for (long i = 0; i < count; ++i) {
    const PairSource& source = sources[i];
    const float decay = -source.c_re * kLog2e;
    const float turns = -source.c_im * kTurn;
    const long first = source.first_sample;
    const long last = first + source.samples;
    for (long s = first; s < last; s += THZ_LANES) {
      const Lanes dx = load(x + s) - source.x;
      const Lanes dy = load(y + s) - source.y;
      const Lanes chord2 = (dx * dx + dy * dy) * load(kappa + s);
      const Lanes magnitude = exp2_negative(chord2 * decay);
      Lanes sine, cosine;
      sin_cos_turns(chord2 * turns, sine, cosine);
      const Lanes value_re = magnitude * (source.g_re * cosine - source.g_im * sine);
      const Lanes value_im = magnitude * (source.g_re * sine + source.g_im * cosine);
      float* node_re = re + source.node * stride + s;
      float* node_im = im + source.node * stride + s;
      for (int m = 0; m < 4; ++m) {
        store(node_re, load(node_re) + source.weight[m] * value_re);
        store(node_im, load(node_im) + source.weight[m] * value_im);
        node_re += stride;
        node_im += stride;
      }
    }
  }
}

}  // namespace thz::sim::internal
