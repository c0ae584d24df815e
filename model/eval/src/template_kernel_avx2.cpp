#define THZ_LANES 8
#define THZ_KERNEL_NAME template_kernel_avx2
#include "template_kernel.inl"
