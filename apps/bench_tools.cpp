#include "bench_tools.h"

#include <ctime>
#include <fstream>
#include <vector>

#include "thz/core/parallel.h"

namespace thz::apps {

double wall_s() { return sim::stage_now().wall_s; }

double thread_s() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double multiply_accumulate(int threads) {
  constexpr std::size_t n = 2048;
  constexpr int passes = 20000;
  const auto team = static_cast<std::size_t>(std::max(1, threads));
  parallel_for(team, threads, [&](std::size_t) {
    std::vector<float> a_re(n, 0.5f), a_im(n, 0.25f), sum_re(n, 0.0f), sum_im(n, 0.0f);
    for (int pass = 0; pass < passes; ++pass) {
      const float b_re = 1e-3f * static_cast<float>(pass & 7), b_im = 1e-3f;
      for (std::size_t i = 0; i < n; ++i) {
        sum_re[i] += a_re[i] * b_re - a_im[i] * b_im;
        sum_im[i] += a_re[i] * b_im + a_im[i] * b_re;
      }
      // Keeps the compiler from folding the passes.
      volatile float sink = sum_re[static_cast<std::size_t>(pass) % n];
      static_cast<void>(sink);
    }
  });
  return static_cast<double>(n) * passes * static_cast<double>(team);
}

double triad(int threads) {
  // 3 x 64 MB: twice any last-level cache that one user of a desk machine has.
  constexpr std::size_t kCount = std::size_t{1} << 24, kChunk = std::size_t{1} << 18;
  static std::vector<float> a(kCount, 0.0f), b(kCount, 1.0f), c(kCount, 2.0f);
  parallel_for(kCount / kChunk, threads, [&](std::size_t chunk) {
    float* out = a.data() + chunk * kChunk;
    const float *x = b.data() + chunk * kChunk, *y = c.data() + chunk * kChunk;
    for (std::size_t i = 0; i < kChunk; ++i) out[i] = x[i] + 0.5f * y[i];
  });
  return 3.0 * sizeof(float) * kCount;
}

double peak_memory_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kilobytes = 0.0;
    if (word == "VmHWM:" && status >> kilobytes) return 1024.0 * kilobytes;
  }
  return 0.0;
}

}  // namespace thz::apps
