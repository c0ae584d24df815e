#include "thz/core/rng.h"

#include <catch2/catch.hpp>
#include <cmath>

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
