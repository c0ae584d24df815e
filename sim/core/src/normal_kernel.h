#pragma once

// Plain types only: this header is compiled for several instruction sets, and an inline function of
// the standard library built for AVX-512 must never be the one the linker keeps.

namespace thz::internal {

/// Random numbers by the thousand: counters to normals in lanes, nothing kept in between. Every
/// instruction set gives the same bits: the arithmetic is done lane by lane and never fused.
///
/// The bits are Philox 4x32-10's (Salmon et al., SC'11), the normals Box and Muller's: circular
/// complex, E|z|^2 = variance, |z|^2 = -variance ln u with u from one word and the angle from
/// another.
struct NormalKernel {
  /// Two normals from each of `blocks` counters, the first word counting up without a carry; words
  /// 0 and 1 of a block make the first, 2 and 3 the second. @param out  [2 blocks][re, im].
  void (*fill)(const unsigned key[2], const unsigned counter[4], long blocks, float variance,
               float* out);
  /// One normal from each of `count` counters, whose lower two words are an element's number; words
  /// 0 and 2 make it. @param upper  the upper two words. @param out  [count][re, im].
  void (*at)(const unsigned key[2], const unsigned upper[2], const unsigned long long* elements,
             long count, float variance, float* out);
};

extern const NormalKernel kNormalKernelSse2;
extern const NormalKernel kNormalKernelAvx2;
extern const NormalKernel kNormalKernelAvx512;

}  // namespace thz::internal
