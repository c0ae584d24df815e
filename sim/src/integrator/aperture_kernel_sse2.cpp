#define THZ_SPREAD_KERNEL spread_kernel_sse2
#define THZ_TILE_KERNEL beam_tile_kernel_sse2
#define THZ_RANGE_KERNEL range_kernel_sse2
#include "aperture_kernel.inl"
