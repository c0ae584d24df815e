#define THZ_LANES 8
#define THZ_KERNEL_NAME pair_kernel_avx2
#include "pair_kernel.inl"
