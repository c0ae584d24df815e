#include "thz/core/rng.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "thz/core/error.h"

using thz::Rng;
using thz::RngPurpose;

TEST_CASE("normal numbers have the right first four moments", "[core][rng][statistics]") {
  Rng rng(11, RngPurpose::kTest, 3);
  constexpr int n = 200000;
  double sums[5] = {};
  for (int i = 0; i < n; ++i) {
    const double x = rng.normal();
    for (int p = 1; p <= 4; ++p) sums[p] += std::pow(x, p);
  }
  // Five standard errors of each moment: var(x)=1, var(x^2)=2, var(x^3)=15, var(x^4)=96.
  CHECK(std::abs(sums[1] / n) < 5 * std::sqrt(1.0 / n));
  CHECK(std::abs(sums[2] / n - 1.0) < 5 * std::sqrt(2.0 / n));
  CHECK(std::abs(sums[3] / n) < 5 * std::sqrt(15.0 / n));
  CHECK(std::abs(sums[4] / n - 3.0) < 5 * std::sqrt(96.0 / n));
}

TEST_CASE("streams of different names are unrelated, of one name equal", "[core][rng]") {
  Rng a(1, RngPurpose::kIdentity, 7);
  Rng again(1, RngPurpose::kIdentity, 7);
  CHECK(a.bits() == again.bits());
  CHECK(Rng(1, RngPurpose::kIdentity, 7).bits() != Rng(1, RngPurpose::kIdentity, 8).bits());
  CHECK(Rng(1, RngPurpose::kIdentity, 7).bits() != Rng(1, RngPurpose::kNoise, 7).bits());
  CHECK(Rng(1, RngPurpose::kIdentity, 7).bits() != Rng(2, RngPurpose::kIdentity, 7).bits());
  CHECK(Rng(1, RngPurpose::kIdentity, 7, 0).bits() != Rng(1, RngPurpose::kIdentity, 7, 1).bits());
}

TEST_CASE("a lattice element is drawn alone and has unit mean power", "[core][rng][statistics]") {
  constexpr int n = 100000;
  double power = 0.0;
  std::complex<double> mean = 0.0;
  for (int i = 0; i < n; ++i) {
    const auto z = thz::complex_normal_at(5, RngPurpose::kSpeckle, 1, 0, static_cast<uint64_t>(i));
    power += std::norm(z);
    mean += std::complex<double>(z);
  }
  // |z|^2 is exponential with variance 1: five standard errors.
  CHECK(std::abs(power / n - 1.0) < 5 / std::sqrt(double(n)));
  CHECK(std::abs(mean) / n < 5 / std::sqrt(double(n)));
}

TEST_CASE("normal numbers by the million are those of the stream's own bits", "[core][rng]") {
  // Not a multiple of any vector or block, begun in the middle of one, and across a carry of the
  // counter's first word.
  constexpr std::size_t n = 5003;
  constexpr float variance = 2.5f;
  for (const uint64_t block : {uint64_t{0}, uint64_t{0xFFFFFFFF} - 700}) {
    Rng bits(3, RngPurpose::kTest, 9), numbers(3, RngPurpose::kTest, 9);
    bits.seek(block);
    numbers.seek(block);
    CHECK(bits.bits() == numbers.bits());
    std::vector<std::complex<float>> drawn(n);
    numbers.fill_complex_normal(drawn.data(), n, variance);
    double worst = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
      const double u = (static_cast<double>(bits.bits() >> 8) + 0.5) * 0x1.0p-24;
      const double turn = static_cast<double>(bits.bits() >> 8) * 0x1.0p-24;
      const auto z = std::polar(std::sqrt(-double{variance} * std::log(u)), 2.0 * M_PI * turn);
      worst = std::max(worst, std::abs(std::complex<double>(drawn[i]) - z));
    }
    // Amplitudes up to 6.6, some ten roundings of a float (6e-8 each); next to u = 1 the half step
    // is rounded away, which moves an amplitude of 4e-4 by its own size.
    CHECK(worst < 5e-4);
    CHECK(bits.bits() == numbers.bits());
  }
}

TEST_CASE("every instruction set draws the same bits", "[core][rng]") {
  std::vector<std::complex<float>> base(1000), other(1000);
  setenv("THZ_SIMD", "sse2", 1);
  Rng(5, RngPurpose::kTest).fill_complex_normal(base.data(), base.size(), 1.0f);
  for (const char* set : {"avx2", "avx512"}) {
    setenv("THZ_SIMD", set, 1);
    try {
      Rng(5, RngPurpose::kTest).fill_complex_normal(other.data(), other.size(), 1.0f);
      CHECK(base == other);
    } catch (const thz::InputError&) {
      WARN("skipped: this processor has no " << set);
    }
  }
  unsetenv("THZ_SIMD");
}
