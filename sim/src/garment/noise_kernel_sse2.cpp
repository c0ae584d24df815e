#define THZ_LANES 4
#define THZ_KERNEL_TABLE kNoiseKernelSse2
#include "noise_kernel.inl"
