#include "precision.h"

#include <ATen/autocast_mode.h>

#include "thz/core/error.h"

namespace thz::model {
namespace {

bool processor_has_bfloat16() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512bf16") != 0;
#else
  return false;
#endif
}

}  // namespace

std::string resolved_precision(const std::string& setting, bool cuda) {
  if (cuda) return setting == "auto" ? "float32" : setting;
  if (setting == "auto") return processor_has_bfloat16() ? "bfloat16" : "float32";
  if (setting == "bfloat16" && !processor_has_bfloat16()) {
    throw_input(
        "precision is \"bfloat16\", but this processor has no AVX-512 bf16; \"float32\" or "
        "\"auto\" will do");
  }
  return setting;
}

Autocast::Autocast(const std::string& precision, bool cuda)
    : on_(precision == "bfloat16"), cuda_(cuda) {
  if (!on_) return;
  if (cuda_) {
    at::autocast::set_autocast_gpu_dtype(at::kBFloat16);
    at::autocast::set_enabled(true);
  } else {
    at::autocast::set_autocast_cpu_dtype(at::kBFloat16);
    at::autocast::set_cpu_enabled(true);
  }
  at::autocast::increment_nesting();
}

Autocast::~Autocast() {
  if (!on_) return;
  // Weights are cast once a pass and kept; after a step of the optimiser they are stale.
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  if (cuda_) {
    at::autocast::set_enabled(false);
  } else {
    at::autocast::set_cpu_enabled(false);
  }
}

}  // namespace thz::model
