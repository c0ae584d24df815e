#define THZ_LANES 16
#define THZ_BEAT_NAME beat_kernel_avx512
#define THZ_COMBINE_NAME combine_kernel_avx512
#include "beat_kernel.inl"
