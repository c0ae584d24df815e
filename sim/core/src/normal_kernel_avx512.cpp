#define THZ_LANES 16
#define THZ_KERNEL_TABLE kNormalKernelAvx512
#include "normal_kernel.inl"
