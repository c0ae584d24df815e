#include "thz/model/memory.h"

#include <cstdlib>  // defines __GLIBC__ where it is

#ifdef __GLIBC__
#include <malloc.h>

#include <climits>
#endif

namespace thz::model {

#ifdef __GLIBC__
void keep_freed_memory() {
  constexpr int kLargestKept = 32 << 20;
  mallopt(M_MMAP_THRESHOLD, kLargestKept);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
  mallopt(M_TOP_PAD, 2 * kLargestKept);
}

void return_freed_memory() { malloc_trim(0); }
#else
void keep_freed_memory() {}
void return_freed_memory() {}
#endif

}  // namespace thz::model
