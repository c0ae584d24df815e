#define THZ_LANES 8
#define THZ_KERNEL_TABLE kNoiseKernelAvx2
#include "noise_kernel.inl"
