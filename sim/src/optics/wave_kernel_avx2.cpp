#define THZ_LANES 8
#define THZ_SQRT(v) _mm256_sqrt_ps(v)
#define THZ_KERNEL_NAME wave_kernel_avx2
#include "wave_kernel.inl"
