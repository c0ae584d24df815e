#define THZ_LANES 8
#define THZ_KERNEL_TABLE kNormalKernelAvx2
#include "normal_kernel.inl"
