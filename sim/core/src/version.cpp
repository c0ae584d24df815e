#include "thz/core/version.h"

#include <cstdlib>

#include "thz/core/error.h"

namespace thz {

std::string version() { return THZ_VERSION; }

std::string instruction_set() {
  std::string best = "sse2";
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) best = "avx2";
  if (best == "avx2" && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) {
    best = "avx512";
  }
  const char* forced = std::getenv("THZ_SIMD");
  if (forced == nullptr || *forced == '\0') return best;
  const std::string wanted = forced;
  const auto rank = [](const std::string& name) {
    return name == "sse2" ? 0 : name == "avx2" ? 1 : name == "avx512" ? 2 : -1;
  };
  if (rank(wanted) < 0 || rank(wanted) > rank(best)) {
    throw_input("THZ_SIMD is '{}', but this processor allows sse2{}{}", wanted,
                rank(best) >= 1 ? ", avx2" : "", rank(best) >= 2 ? ", avx512" : "");
  }
  return wanted;
}

}  // namespace thz
