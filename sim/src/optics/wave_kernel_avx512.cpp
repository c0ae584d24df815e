#define THZ_LANES 16
#define THZ_SQRT(v) _mm512_maskz_sqrt_ps(0xffff, v)
#define THZ_KERNEL_NAME wave_kernel_avx512
#include "wave_kernel.inl"
