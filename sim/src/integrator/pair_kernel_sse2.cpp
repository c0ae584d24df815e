#define THZ_LANES 4
#define THZ_KERNEL_NAME pair_kernel_sse2
#include "pair_kernel.inl"
