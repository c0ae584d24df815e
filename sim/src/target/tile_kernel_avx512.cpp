#define THZ_LANES 16
#define THZ_KERNEL_TABLE kTileKernelAvx512
#include "tile_kernel.inl"
