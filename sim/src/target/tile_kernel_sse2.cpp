#define THZ_LANES 4
#define THZ_KERNEL_TABLE kTileKernelSse2
#include "tile_kernel.inl"
