// The mixing of range bins for one instruction set; the including file defines THZ_LANES and
// THZ_MIX_KERNEL. Compiled without fused multiply-adds: every instruction set gives the same bits.

#include "bin_noise_kernel.h"

namespace thz::sim::internal {
namespace {

typedef float MixLanes __attribute__((vector_size(4 * THZ_LANES)));
constexpr int kVectors = kMixedFloats / THZ_LANES;

}  // namespace

void THZ_MIX_KERNEL(const MixFactor& factor, long floats, long stride, float* lines) {
  for (long at = 0; at < floats; at += kMixedFloats) {
    // From the last row down, as a row needs only itself and those before it.
    for (int group = factor.groups - 1; group >= 0; --group) {
      MixLanes sum[kMixedRows][kVectors] = {};
      const int last = kMixedRows * (group + 1);
      const float* share = factor.values + factor.start[group] + kMixedRows * factor.first[group];
      for (int column = factor.first[group]; column < last; ++column, share += kMixedRows) {
        for (int v = 0; v < kVectors; ++v) {
          MixLanes in;
          __builtin_memcpy(&in, lines + column * stride + at + v * THZ_LANES, sizeof in);
          for (int row = 0; row < kMixedRows; ++row) sum[row][v] += share[row] * in;
        }
      }
      for (int row = 0; row < kMixedRows; ++row) {
        float* out = lines + (last - kMixedRows + row) * stride + at;
        __builtin_memcpy(out, sum[row], sizeof sum[row]);
      }
    }
  }
}

}  // namespace thz::sim::internal
