#define THZ_LATTICE_KERNEL lattice_kernel_avx2
#include "lattice_kernel.inl"
