#pragma once

// Plain types only: this header is compiled for several instruction sets, and an inline function of
// the standard library built for AVX-512 must never be the one the linker keeps.

namespace thz::sim::internal {

/// One scatterer prepared for the pair kernel; phases already reduced.
struct PairSource {
  float x, y;                 ///< stereographic coordinates
  float c_re, c_im;           ///< exponent: E^2 = g exp(-C |d e|^2), kappa of the source included
  float g_re, g_im;           ///< gamma * A(zeta) * exp(-2jk zeta)
  float weight[4];            ///< Lagrange weights of four depth nodes
  int node;                   ///< first of the four nodes
  int first_sample, samples;  ///< scan positions this scatterer reaches on the line
};

/// Adds a run of scatterers to one scan line.
///   acc[node][sample] += weight g exp(-C (dx^2 + dy^2) kappa_s)
/// @param x, y, kappa  stereographic coordinates of the line's scan positions, with 16 more behind.
/// @param re, im  [nodes][stride] accumulators of the line; stride >= samples + 16.
using PairKernel = void (*)(const PairSource* sources, long count, const float* x, const float* y,
                            const float* kappa, float* re, float* im, long stride);

void pair_kernel_sse2(const PairSource*, long, const float*, const float*, const float*, float*,
                      float*, long);
void pair_kernel_avx2(const PairSource*, long, const float*, const float*, const float*, float*,
                      float*, long);
void pair_kernel_avx512(const PairSource*, long, const float*, const float*, const float*, float*,
                        float*, long);

}  // namespace thz::sim::internal
