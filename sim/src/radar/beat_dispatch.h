#pragma once

#include <string>

#include "beat_kernel.h"
#include "thz/core/version.h"

namespace thz::sim::internal {

struct BeatKernels {
  BeatKernel beat;
  CombineKernel combine;
};

/// The widest kernels of this processor, or those that THZ_SIMD asks for.
inline BeatKernels beat_kernels() {
  const std::string set = instruction_set();
  if (set == "avx512") return {beat_kernel_avx512, combine_kernel_avx512};
  if (set == "avx2") return {beat_kernel_avx2, combine_kernel_avx2};
  return {beat_kernel_sse2, combine_kernel_sse2};
}

}  // namespace thz::sim::internal
