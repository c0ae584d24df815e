#include "fft.h"

#include <mutex>
#include <utility>

#include "thz/core/error.h"

namespace thz::sim {
namespace {

std::mutex& planner_mutex() {
  static std::mutex mutex;
  return mutex;
}

}  // namespace

FftPlan FftPlan::forward(std::complex<float>* data, int length) {
  const std::lock_guard<std::mutex> lock(planner_mutex());
  auto* values = reinterpret_cast<fftwf_complex*>(data);
  FftPlan plan(fftwf_plan_dft_1d(length, values, values, FFTW_FORWARD, FFTW_ESTIMATE));
  THZ_REQUIRE(plan.plan_ != nullptr, "FFTW has no plan for this length");
  return plan;
}

FftPlan FftPlan::to_real(std::complex<float>* in, float* out, int length) {
  const std::lock_guard<std::mutex> lock(planner_mutex());
  FftPlan plan(
      fftwf_plan_dft_c2r_1d(length, reinterpret_cast<fftwf_complex*>(in), out, FFTW_ESTIMATE));
  THZ_REQUIRE(plan.plan_ != nullptr, "FFTW has no plan for this length");
  return plan;
}

FftPlan::FftPlan(FftPlan&& other) noexcept : plan_(std::exchange(other.plan_, nullptr)) {}

FftPlan& FftPlan::operator=(FftPlan&& other) noexcept {
  std::swap(plan_, other.plan_);
  return *this;
}

FftPlan::~FftPlan() {
  if (plan_ == nullptr) return;
  const std::lock_guard<std::mutex> lock(planner_mutex());
  fftwf_destroy_plan(plan_);
}

int fast_fft_length(int n) {
  for (int length = n + n % 2;; length += 2) {
    int rest = length;
    for (const int prime : {2, 3, 5}) {
      while (rest % prime == 0) rest /= prime;
    }
    if (rest == 1) return length;
  }
}

}  // namespace thz::sim
