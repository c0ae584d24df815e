#include "thz/sim/angular_spectrum.h"

#include <fftw3.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>

#include "thz/core/constants.h"
#include "thz/core/error.h"

namespace thz::sim {
namespace {

/// A square complex FFT in place. FFTW's planner is not thread-safe, its execution is.
class SquareFft {
 public:
  explicit SquareFft(int size)
      : size_(size),
        data_(static_cast<fftwf_complex*>(fftwf_malloc(sizeof(fftwf_complex) * count())),
              &fftwf_free) {
    const std::lock_guard<std::mutex> lock(planner());
    // Estimated plans: the same plan, so the same bits, on every run.
    forward_ = fftwf_plan_dft_2d(size, size, data_.get(), data_.get(), FFTW_FORWARD, FFTW_ESTIMATE);
    back_ = fftwf_plan_dft_2d(size, size, data_.get(), data_.get(), FFTW_BACKWARD, FFTW_ESTIMATE);
  }
  ~SquareFft() {
    const std::lock_guard<std::mutex> lock(planner());
    fftwf_destroy_plan(forward_);
    fftwf_destroy_plan(back_);
  }
  SquareFft(const SquareFft&) = delete;
  SquareFft& operator=(const SquareFft&) = delete;

  std::complex<float>* data() { return reinterpret_cast<std::complex<float>*>(data_.get()); }
  std::size_t count() const {
    return static_cast<std::size_t>(size_) * static_cast<std::size_t>(size_);
  }
  void forward() { fftwf_execute(forward_); }
  void back() { fftwf_execute(back_); }

 private:
  static std::mutex& planner() {
    static std::mutex mutex;
    return mutex;
  }
  int size_;
  std::unique_ptr<fftwf_complex, decltype(&fftwf_free)> data_;
  fftwf_plan forward_, back_;
};

/// e^{−j(kz − carrier)z} at one spatial frequency; nothing beyond the band limit.
std::complex<float> transfer(double fx, double fy, double wavelength_m, double distance_m,
                             double limit, bool take_out_carrier) {
  if (std::abs(fx) > limit || std::abs(fy) > limit) return 0.0f;
  const double k = 2.0 * kPi / wavelength_m;
  const double sine_squared = wavelength_m * wavelength_m * (fx * fx + fy * fy);
  if (sine_squared > 1.0) {
    const double fall = -k * std::sqrt(sine_squared - 1.0) * std::abs(distance_m);
    const double turn = take_out_carrier ? k * distance_m : 0.0;
    return std::complex<float>(std::polar(std::exp(fall), turn));
  }
  const double cosine = std::sqrt(1.0 - sine_squared);
  // 1 − cos without cancellation.
  const double along = take_out_carrier ? -sine_squared / (1.0 + cosine) : cosine;
  return std::complex<float>(std::polar(1.0, -k * along * distance_m));
}

}  // namespace

double angular_spectrum_band_limit_per_m(double wavelength_m, double distance_m,
                                         double padded_width_m) {
  THZ_REQUIRE(wavelength_m > 0.0 && padded_width_m > 0.0, "lengths are positive");
  return 1.0 / (wavelength_m * std::hypot(2.0 * distance_m / padded_width_m, 1.0));
}

double angular_spectrum_pitch_m(double wavelength_m, double distance_m, double padded_width_m) {
  return 0.5 / angular_spectrum_band_limit_per_m(wavelength_m, distance_m, padded_width_m);
}

double fresnel_pixel_m(double wavelength_m, double distance_m, int count, double pitch_m) {
  THZ_REQUIRE(count > 0 && pitch_m > 0.0, "a grid has points");
  return wavelength_m * distance_m / (count * pitch_m);
}

ImageC propagate(const ImageC& field, double pitch_m, double wavelength_m, double distance_m,
                 const PropagationOptions& options) {
  THZ_REQUIRE(field.rows == field.cols && field.rows > 0, "the field's grid must be square");
  THZ_REQUIRE(options.padding >= 1 && pitch_m > 0.0, "padding and pitch must be positive");
  const int n = field.rows, size = n * options.padding, margin = (size - n) / 2;
  const double width = size * pitch_m;
  const double limit = angular_spectrum_band_limit_per_m(wavelength_m, distance_m, width);
  SquareFft fft(size);
  std::fill(fft.data(), fft.data() + fft.count(), std::complex<float>(0.0f));
  const auto at = [&](int row, int col) -> std::complex<float>& {
    return fft.data()[static_cast<std::size_t>(row) * static_cast<std::size_t>(size) +
                      static_cast<std::size_t>(col)];
  };
  for (int r = 0; r < n; ++r) {
    std::copy(field.row(r), field.row(r) + n, &at(r + margin, margin));
  }
  fft.forward();
  const float scale = 1.0f / static_cast<float>(fft.count());
  const auto frequency = [&](int i) { return (i < (size + 1) / 2 ? i : i - size) / width; };
  for (int r = 0; r < size; ++r) {
    for (int c = 0; c < size; ++c) {
      at(r, c) *= scale * transfer(frequency(c), frequency(r), wavelength_m, distance_m, limit,
                                   options.take_out_carrier);
    }
  }
  fft.back();
  ImageC result(n, n);
  for (int r = 0; r < n; ++r) {
    std::copy(&at(r + margin, margin), &at(r + margin, margin) + n, result.row(r));
  }
  return result;
}

}  // namespace thz::sim
