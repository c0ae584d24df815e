#define THZ_KERNEL_TABLE kNormalKernelAvx2
#include "normal_kernel.inl"
