#define THZ_LANES 16
#define THZ_KERNEL_NAME template_kernel_avx512
#include "template_kernel.inl"
