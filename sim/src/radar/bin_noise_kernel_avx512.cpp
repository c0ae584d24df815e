#define THZ_LANES 16
#define THZ_MIX_KERNEL mix_kernel_avx512
#include "bin_noise_kernel.inl"
