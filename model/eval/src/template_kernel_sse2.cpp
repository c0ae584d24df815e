#define THZ_LANES 4
#define THZ_KERNEL_NAME template_kernel_sse2
#include "template_kernel.inl"
