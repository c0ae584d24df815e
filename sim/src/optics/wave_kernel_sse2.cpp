#define THZ_LANES 4
#define THZ_SQRT(v) _mm_sqrt_ps(v)
#define THZ_KERNEL_NAME wave_kernel_sse2
#include "wave_kernel.inl"
