#define THZ_LANES 4
#define THZ_MIX_KERNEL mix_kernel_sse2
#include "bin_noise_kernel.inl"
