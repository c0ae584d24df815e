#pragma once

// Plain types only: this header is compiled for several instruction sets, and an inline function of
// the standard library built for AVX-512 must never be the one the linker keeps.

namespace thz::sim::internal {

/// One scatterer prepared for the pair kernel; phases already reduced.
/// g exp(-C |d e|^2) = 2^(octaves + decay d2) exp(2 pi j (turns + bend d2)), d2 the squared chord.
struct PairSource {
  float x, y;                 ///< stereographic coordinates
  float octaves, decay;       ///< log2 |g|; -Re C kappa log2 e, kappa that of the source
  float turns, bend;          ///< arg g / 2 pi; -Im C kappa / 2 pi
  float weight[4];            ///< Lagrange weights of four depth nodes
  int node;                   ///< first of the four nodes
  int first_sample, samples;  ///< scan positions this scatterer reaches on the line
};

/// Adds a run of scatterers to one scan line.
///   sum[block][node][re, im][lane] += weight g exp(-C (dx^2 + dy^2) kappa_s)
/// The samples of a line stand in blocks as wide as the kernel (sample = block * lanes + lane): the
/// four nodes of a block are neighbours in memory, and a block that one scatterer has just written
/// is read whole by the next.
/// @param x, y, kappa  stereographic coordinates of the line's scan positions, padded to a block.
/// @param sum  [blocks][nodes][2][lanes], 64-byte aligned.
using PairKernel = void (*)(const PairSource* sources, long count, const float* x, const float* y,
                            const float* kappa, float* sum, long nodes);

void pair_kernel_sse2(const PairSource*, long, const float*, const float*, const float*, float*,
                      long);
void pair_kernel_avx2(const PairSource*, long, const float*, const float*, const float*, float*,
                      long);
void pair_kernel_avx512(const PairSource*, long, const float*, const float*, const float*, float*,
                        long);

}  // namespace thz::sim::internal
