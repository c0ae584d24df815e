#define THZ_CLASS_KERNEL class_kernel_avx512
#define THZ_ROW_KERNEL row_kernel_avx512
#define THZ_COLUMN_KERNEL column_kernel_avx512
#include "product_kernel.inl"
