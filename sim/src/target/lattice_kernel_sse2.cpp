#define THZ_LATTICE_KERNEL lattice_kernel_sse2
#include "lattice_kernel.inl"
