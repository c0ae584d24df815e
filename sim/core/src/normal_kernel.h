#pragma once

// Plain types only: this header is compiled for several instruction sets, and an inline function of
// the standard library built for AVX-512 must never be the one the linker keeps.

namespace thz::internal {

/// Random bits and normal numbers by the thousand. Every instruction set gives the same bits: the
/// arithmetic is done lane by lane and never fused.
struct NormalKernel {
  /// Philox 4x32-10 (Salmon et al., SC'11) of `blocks` counters, the first word counting up without
  /// a carry. @param words  [4 blocks].
  void (*bits)(const unsigned key[2], const unsigned counter[4], long blocks, unsigned* words);
  /// Circular complex normals by Box and Muller from pairs of words. @param out  [2 count].
  void (*normals)(const unsigned* words, long count, float variance, float* out);
};

extern const NormalKernel kNormalKernelSse2;
extern const NormalKernel kNormalKernelAvx2;
extern const NormalKernel kNormalKernelAvx512;

}  // namespace thz::internal
