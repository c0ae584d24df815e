#define THZ_LANES 4
#define THZ_KERNEL_TABLE kNormalKernelSse2
#include "normal_kernel.inl"
