#include "thz/core/rng.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <complex>
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

namespace {

/// Box and Muller in double from the same two words: slow and obvious.
std::complex<double> normal_of_words(uint32_t radius_word, uint32_t angle_word, double variance) {
  const double u = (static_cast<double>(radius_word >> 1) + 0.5) * 0x1.0p-31;
  const double turn = static_cast<double>(angle_word >> 8) * 0x1.0p-24;
  return std::polar(std::sqrt(-variance * std::log(u)), 2.0 * M_PI * turn);
}

/// Amplitudes up to 7, some ten roundings of a float (6e-8 each); next to u = 1 the last bits of u
/// are rounded away, which moves an amplitude of 4e-4 by its own size.
constexpr double kRounding = 5e-4;

/// Largest distance between the distribution of sorted `values` and a law.
template <typename Law>
double kolmogorov(std::vector<double>& values, Law&& law) {
  std::sort(values.begin(), values.end());
  double worst = 0.0;
  const auto n = static_cast<double>(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double p = law(values[i]);
    worst = std::max({worst, std::abs(p - static_cast<double>(i) / n),
                      std::abs(p - static_cast<double>(i + 1) / n)});
  }
  return worst;
}

double normal_law(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

/// Normals of variance one each, re and im in turn.
std::vector<float> many_normals(std::size_t count) {
  std::vector<std::complex<float>> pairs(count / 2);
  Rng(21, RngPurpose::kTest, 4).fill_complex_normal(pairs.data(), pairs.size(), 2.0f);
  const auto* parts = reinterpret_cast<const float*>(pairs.data());
  return {parts, parts + count};
}

}  // namespace

TEST_CASE("normal numbers by the million are those of the stream's own bits", "[core][rng]") {
  // Not a multiple of any vector or block, and across a carry of the counter's first word.
  constexpr std::size_t n = 5003;
  constexpr float variance = 2.5f;
  for (const uint64_t block : {uint64_t{0}, uint64_t{0xFFFFFFFF} - 700}) {
    Rng bits(3, RngPurpose::kTest, 9), numbers(3, RngPurpose::kTest, 9);
    bits.seek(block);
    numbers.seek(block);
    std::vector<std::complex<float>> drawn(n);
    numbers.fill_complex_normal(drawn.data(), n, variance);
    double worst = 0.0;
    for (const auto z : drawn) {
      const uint32_t radius = bits.bits(), angle = bits.bits();
      const auto exact = normal_of_words(radius, angle, double{variance});
      worst = std::max(worst, std::abs(std::complex<double>(z) - exact));
    }
    CHECK(worst < kRounding);
    // Of the last block one half was not used.
    bits.bits(), bits.bits();
    CHECK(bits.bits() == numbers.bits());
  }
}

TEST_CASE("a part of the stream's normals is found without the rest", "[core][rng]") {
  std::vector<std::complex<float>> all(1000), part(301);
  Rng(3, RngPurpose::kTest, 9).fill_complex_normal(all.data(), all.size(), 1.0f);
  Rng rng(3, RngPurpose::kTest, 9);
  rng.bits();
  rng.seek(40);
  rng.fill_complex_normal(part.data(), part.size(), 1.0f);
  CHECK(std::equal(part.begin(), part.end(), all.begin() + 80));
}

TEST_CASE("lattice elements in any company are the ones drawn alone", "[core][rng]") {
  constexpr uint64_t kEntity = 77;
  std::vector<uint64_t> elements;
  for (uint64_t i = 0; i < 203; ++i) elements.push_back((i * 4099) ^ (i << 33));
  std::vector<std::complex<float>> together(elements.size());
  thz::complex_normals_at(5, RngPurpose::kSpeckle, kEntity, 1, elements.data(), elements.size(),
                          together.data());
  double worst = 0.0;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    CHECK(together[i] == thz::complex_normal_at(5, RngPurpose::kSpeckle, kEntity, 1, elements[i]));
    Rng block(5, RngPurpose::kSpeckle, kEntity, 1);
    block.seek(elements[i]);
    const uint32_t word[3] = {block.bits(), block.bits(), block.bits()};
    worst = std::max(worst, std::abs(std::complex<double>(together[i]) -
                                     normal_of_words(word[0], word[2], 1.0)));
  }
  CHECK(worst < kRounding);
}

TEST_CASE("normal numbers by the million follow the law, power and phase too",
          "[core][rng][statistics]") {
  constexpr std::size_t n = 1 << 20;
  const std::vector<float> x = many_normals(n);
  std::vector<double> parts(x.begin(), x.end()), power, turn;
  double sums[5] = {}, product = 0.0, next = 0.0, powers = 0.0;
  for (std::size_t i = 0; i < n; i += 2) {
    const double a = double{x[i]}, b = double{x[i + 1]};
    power.push_back(0.5 * (a * a + b * b));
    turn.push_back(0.5 + std::atan2(b, a) / (2.0 * M_PI));
    product += a * b;
    if (i + 3 < n) next += a * double{x[i + 2]} + b * double{x[i + 3]};
    powers += (a * a - 1.0) * (b * b - 1.0);
  }
  for (const double part : parts) {
    for (int p = 1; p <= 4; ++p) sums[p] += std::pow(part, p);
  }
  // Kolmogorov's distance exceeds 2.1 / sqrt(n) once in 3000 times.
  CHECK(kolmogorov(parts, normal_law) < 2.1 / std::sqrt(double(n)));
  CHECK(kolmogorov(power, [](double p) { return 1.0 - std::exp(-p); }) <
        2.1 / std::sqrt(double(power.size())));
  CHECK(kolmogorov(turn, [](double t) { return t; }) < 2.1 / std::sqrt(double(turn.size())));
  // Four standard errors of each moment, and of products of neighbours, whose variance is 1 (of
  // powers: 4).
  CHECK(std::abs(sums[1]) < 4.0 * std::sqrt(double(n)));
  CHECK(std::abs(sums[2] - n) < 4.0 * std::sqrt(2.0 * n));
  CHECK(std::abs(sums[3]) < 4.0 * std::sqrt(15.0 * n));
  CHECK(std::abs(sums[4] - 3.0 * n) < 4.0 * std::sqrt(96.0 * n));
  CHECK(std::abs(product) < 4.0 * std::sqrt(0.5 * n));
  CHECK(std::abs(next) < 4.0 * std::sqrt(double(n)));
  CHECK(std::abs(powers) < 4.0 * std::sqrt(4.0 * 0.5 * n));
}

TEST_CASE("the normals' tail is right to six standard deviations", "[core][rng][statistics]") {
  // As many as four thousand frames' noise of one range bin; counts beyond z are Poisson.
  constexpr std::size_t kRuns = 256, kRun = 1 << 18;
  constexpr double kBeyond[] = {3.0, 4.0, 4.5, 5.0, 5.5, 6.0};
  std::array<double, 6> count{};
  std::vector<std::complex<float>> pairs(kRun);
  for (std::size_t run = 0; run < kRuns; ++run) {
    Rng(22, RngPurpose::kTest, run).fill_complex_normal(pairs.data(), kRun, 2.0f);
    for (const auto z : pairs) {
      // Few are beyond three.
      for (const float part : {std::abs(z.real()), std::abs(z.imag())}) {
        for (std::size_t k = 0; k < count.size() && double{part} > kBeyond[k]; ++k) count[k] += 1.0;
      }
    }
  }
  for (std::size_t k = 0; k < count.size(); ++k) {
    const double expected = 2.0 * kRuns * kRun * 2.0 * normal_law(-kBeyond[k]);
    INFO(kBeyond[k] << " standard deviations: " << count[k] << " of " << expected);
    // Four standard deviations of a Poisson number; where few are expected its skewness adds 3.
    CHECK(std::abs(count[k] - expected) < 4.0 * std::sqrt(expected) + 3.0);
  }
}

TEST_CASE("every instruction set draws the same bits", "[core][rng]") {
  constexpr std::size_t n = 1001;
  std::vector<uint64_t> elements(n);
  for (std::size_t i = 0; i < n; ++i) elements[i] = 3 * i;
  const auto draw = [&](const char* set) {
    setenv("THZ_SIMD", set, 1);
    std::vector<std::complex<float>> numbers(2 * n);
    Rng(5, RngPurpose::kTest).fill_complex_normal(numbers.data(), n, 1.0f);
    thz::complex_normals_at(5, RngPurpose::kTest, 1, 2, elements.data(), n, numbers.data() + n);
    return numbers;
  };
  const auto base = draw("sse2");
  for (const char* set : {"avx2", "avx512"}) {
    try {
      const auto other = draw(set);
      CHECK(base == other);
    } catch (const thz::InputError&) {
      WARN("skipped: this processor has no " << set);
    }
  }
  unsetenv("THZ_SIMD");
}
