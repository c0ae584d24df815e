#define THZ_CLASS_KERNEL class_kernel_sse2
#define THZ_ROW_KERNEL row_kernel_sse2
#define THZ_COLUMN_KERNEL column_kernel_sse2
#include "product_kernel.inl"
