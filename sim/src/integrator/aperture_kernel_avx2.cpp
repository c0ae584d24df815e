#define THZ_SPREAD_KERNEL spread_kernel_avx2
#define THZ_TILE_KERNEL beam_tile_kernel_avx2
#define THZ_RANGE_KERNEL range_kernel_avx2
#include "aperture_kernel.inl"
