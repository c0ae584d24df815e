#define THZ_LANES 4
#define THZ_BEAT_NAME beat_kernel_sse2
#define THZ_COMBINE_NAME combine_kernel_sse2
#include "beat_kernel.inl"
