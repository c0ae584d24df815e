#define THZ_LANES 8
#define THZ_MIX_KERNEL mix_kernel_avx2
#include "bin_noise_kernel.inl"
