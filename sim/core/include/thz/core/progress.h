#pragma once

#include <atomic>
#include <cstddef>
#include <functional>

#include "thz/core/error.h"

namespace thz {

/// Called by long work with what is done and what there is in all; may be empty.
using ProgressFn = std::function<void(std::size_t done, std::size_t total)>;

/// A flag that a signal handler sets; long work polls it between units and throws Cancelled.
class CancelToken {
 public:
  void request() { requested_.store(true); }
  bool requested() const { return requested_.load(); }
  void throw_if_requested() const {
    if (requested()) throw Cancelled();
  }

 private:
  std::atomic<bool> requested_{false};
};

}  // namespace thz
