#define THZ_LANES 8
#define THZ_BEAT_NAME beat_kernel_avx2
#define THZ_COMBINE_NAME combine_kernel_avx2
#include "beat_kernel.inl"
