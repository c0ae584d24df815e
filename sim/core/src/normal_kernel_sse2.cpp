#define THZ_KERNEL_TABLE kNormalKernelSse2
#include "normal_kernel.inl"
