#define THZ_LANES 16
#define THZ_KERNEL_TABLE kNoiseKernelAvx512
#include "noise_kernel.inl"
