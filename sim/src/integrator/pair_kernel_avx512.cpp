#define THZ_LANES 16
#define THZ_KERNEL_NAME pair_kernel_avx512
#include "pair_kernel.inl"
