// Vectors of floats and functions on them for one instruction set: the including file defines
// THZ_LANES. GCC vector extensions: the same arithmetic, lane by lane, at 4, 8 or 16 lanes.
// Internal linkage, so that no copy built for a newer processor can be linked into another kernel.

#pragma once

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

// Added to a float of magnitude below 2^22, it leaves the nearest integer in the low bits of the
// sum: 1.5 * 2^23.
constexpr float kRound = 12582912.0f;

constexpr int kRoundBits = 0x4B400000;  // of kRound

/// 2^x, held above 2^-126: exponent bits times the minimax polynomial of degree 4 on [-1/2, 1/2];
/// relative error 2.6e-6.
inline Lanes exp2_lanes(Lanes x) {
  const Lanes rounded = x + kRound;
  const Lanes f = x - (rounded - kRound);
  Lanes p = f * 0.00957010211f + 0.0559178628f;
  p = p * f + 0.240247448f;
  p = p * f + 0.693121814f;
  p = p * f + 0.999999261f;
  IntLanes n = reinterpret_cast<IntLanes>(rounded) - (kRoundBits - 127);
  n = n > 1 ? n : IntLanes{} + 1;
  return p * reinterpret_cast<Lanes>(n << 23);
}

/// sin and cos of 2 pi t: minimax polynomials on half a turn either way, absolute error 5.9e-6 and
/// 7.8e-7.
inline void sin_cos_turns(Lanes t, Lanes& sine, Lanes& cosine) {
  const Lanes f = t - ((t + kRound) - kRound);
  const Lanes f2 = f * f;
  Lanes s = f2 * 32.7813902f - 74.4779991f;
  s = s * f2 + 81.3668142f;
  s = s * f2 - 41.3312141f;
  s = s * f2 + 6.28305576f;
  sine = s * f;
  Lanes c = f2 * -21.0767825f + 58.7940397f;
  c = c * f2 - 85.2723974f;
  c = c * f2 + 64.9287267f;
  c = c * f2 - 19.7389825f;
  cosine = c * f2 + 0.999999222f;
}

}  // namespace
}  // namespace thz::sim::internal
