#pragma once

#include <omp.h>

#include <cstddef>
#include <exception>

namespace thz {

/// Calls body(i) for i in [0, count) on `threads` threads (0: all that OpenMP offers). The body
/// must write only its own slots, so that the result does not depend on the number of threads. The
/// first exception thrown by a body is rethrown here after the loop; bodies not yet started are
/// skipped.
template <typename Body>
void parallel_for(std::size_t count, int threads, Body&& body) {
  std::exception_ptr failure;
  bool failed = false;
  const int team = threads > 0 ? threads : omp_get_max_threads();
#pragma omp parallel for schedule(dynamic) num_threads(team) shared(failed)
  for (std::ptrdiff_t i = 0; i < static_cast<std::ptrdiff_t>(count); ++i) {
    bool skip = false;
#pragma omp atomic read
    skip = failed;
    if (skip) continue;
    try {
      body(static_cast<std::size_t>(i));
    } catch (...) {
#pragma omp critical(thz_parallel_for_failure)
      {
        if (!failure) failure = std::current_exception();
      }
#pragma omp atomic write
      failed = true;
    }
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace thz
