#pragma once

#include <string>

namespace thz {

/// "0.1.0"; written into every file the program makes.
std::string version();

/// Best instruction set this processor offers to our kernels: "avx512", "avx2" or "sse2". The
/// environment variable THZ_SIMD forces a lower one. Recorded in every data set.
std::string instruction_set();

}  // namespace thz
