#pragma once

#include <fftw3.h>

#include <complex>
#include <cstddef>
#include <memory>

namespace thz::sim {

struct FreeFftwMemory {
  void operator()(void* memory) const { fftwf_free(memory); }
};
/// Array aligned for FFTW's SIMD.
template <typename T>
using FftArray = std::unique_ptr<T[], FreeFftwMemory>;

template <typename T>
FftArray<T> fft_array(int count) {
  T* memory = static_cast<T*>(fftwf_malloc(sizeof(T) * static_cast<std::size_t>(count)));
  for (int i = 0; i < count; ++i) memory[i] = T{};
  return FftArray<T>(memory);
}

/// A plan of FFTW with ESTIMATE (the same plan, so the same bits, in every run); planning is behind
/// one lock, as FFTW's planner is not safe for threads, execution is free.
class FftPlan {
 public:
  /// Complex, forward (e^{−2πj}), in place; `data` has `length` values.
  static FftPlan forward(std::complex<float>* data, int length);
  /// Complex to real, x_n = Σ X_k e^{+2πj k n/length}; `in` has length/2 + 1 values, destroyed.
  static FftPlan to_real(std::complex<float>* in, float* out, int length);
  FftPlan() = default;
  FftPlan(FftPlan&& other) noexcept;
  FftPlan& operator=(FftPlan&& other) noexcept;
  ~FftPlan();

  void run() const { fftwf_execute(plan_); }

 private:
  explicit FftPlan(fftwf_plan plan) : plan_(plan) {}
  fftwf_plan plan_ = nullptr;
};

/// a b without the standard's care for infinities, which costs more than the product.
inline std::complex<float> finite_product(std::complex<float> a, std::complex<float> b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

/// Smallest length >= n with no prime factor above 5, even.
int fast_fft_length(int n);

}  // namespace thz::sim
