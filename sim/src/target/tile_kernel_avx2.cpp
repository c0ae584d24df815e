#define THZ_LANES 8
#define THZ_KERNEL_TABLE kTileKernelAvx2
#include "tile_kernel.inl"
