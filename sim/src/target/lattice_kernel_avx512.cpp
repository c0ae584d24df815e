#define THZ_LATTICE_KERNEL lattice_kernel_avx512
#include "lattice_kernel.inl"
