#include "thz/sim/solid_noise.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>

#include "thz/core/error.h"

using namespace thz;
using namespace thz::sim;

namespace {

constexpr double kCorrelation_m = 3e-3;

struct Moments {
  double mean = 0.0, variance = 0.0, kurtosis = 0.0, correlation = 0.0;
};

// Moments over many points of many fields, and the correlation over a lag in random directions.
template <typename Noise>
Moments moments(double lag_m) {
  constexpr int kFields = 60;
  constexpr int kPoints = 3000;
  Rng rng(21, RngPurpose::kTest);
  double sum = 0.0, square = 0.0, fourth = 0.0, product = 0.0;
  for (int f = 0; f < kFields; ++f) {
    const Noise noise(kCorrelation_m, 5, RngPurpose::kTest, static_cast<uint64_t>(f));
    for (int i = 0; i < kPoints; ++i) {
      const Vec3 p(rng.uniform(-0.1, 0.1), rng.uniform(-0.1, 0.1), rng.uniform(-0.1, 0.1));
      const Vec3 direction = Vec3(rng.normal(), rng.normal(), rng.normal()).normalized();
      const double a = noise(p);
      sum += a;
      square += a * a;
      fourth += a * a * a * a;
      product += a * noise(p + lag_m * direction);
    }
  }
  const double n = static_cast<double>(kFields) * kPoints;
  return {sum / n, square / n, fourth / n / (square / n * square / n), product / n};
}

}  // namespace

// 180,000 points, nearly independent (3 mm against 200 mm): standard errors 0.0024 of the mean,
// 0.0034 of variance, 0.012 of kurtosis; margins are four to five of them.
TEST_CASE("the spectral field is normal with unit variance and its correlation",
          "[sim][noise][physics]") {
  const Moments m = moments<SpectralNoise>(kCorrelation_m);
  CHECK(std::abs(m.mean) < 0.012);
  CHECK(m.variance == Approx(1.0).margin(0.015));
  CHECK(m.kurtosis == Approx(3.0 - 1.5 / 64.0).margin(0.06));
  CHECK(m.correlation == Approx(std::exp(-1.0)).margin(0.02));
  // exp(−r²/L²) elsewhere, too.
  CHECK(moments<SpectralNoise>(0.5 * kCorrelation_m).correlation ==
        Approx(std::exp(-0.25)).margin(0.02));
  CHECK(std::abs(moments<SpectralNoise>(3.0 * kCorrelation_m).correlation) < 0.02);
}

TEST_CASE("the lattice field is normal with unit variance and its correlation",
          "[sim][noise][physics]") {
  const Moments m = moments<LatticeNoise>(kCorrelation_m);
  CHECK(std::abs(m.mean) < 0.012);
  CHECK(m.variance == Approx(1.0).margin(0.015));
  CHECK(m.kurtosis == Approx(2.85).margin(0.15));  // 2.7 on lattice points, nearer to 3 between
  CHECK(m.correlation == Approx(std::exp(-1.0)).margin(0.02));
  CHECK(std::abs(moments<LatticeNoise>(3.0 * kCorrelation_m).correlation) < 0.02);
}

TEST_CASE("both fields are continuous with a continuous slope", "[sim][noise]") {
  const SpectralNoise smooth(kCorrelation_m, 1, RngPurpose::kTest, 0);
  const LatticeNoise lattice(kCorrelation_m, 1, RngPurpose::kTest, 0);
  const double step_m = kCorrelation_m / 200.0;
  double last_slope[2] = {0.0, 0.0};
  for (int i = 0; i < 4000; ++i) {
    const Vec3 a(0.01 + i * step_m, 0.02, -0.03 + 0.3 * i * step_m);
    const Vec3 b(0.01 + (i + 1) * step_m, 0.02, -0.03 + 0.3 * (i + 1) * step_m);
    const double slope[2] = {(smooth(b) - smooth(a)) * 200.0, (lattice(b) - lattice(a)) * 200.0};
    for (int n = 0; n < 2; ++n) {
      // Second derivative of some 10 /L² at most: a kink would jump by the slope itself, about 1.
      if (i > 0) REQUIRE(std::abs(slope[n] - last_slope[n]) < 0.25);
      last_slope[n] = slope[n];
    }
  }
}

TEST_CASE("many points at once give what single points give", "[sim][noise]") {
  const SpectralNoise noise(20e-3, 3, RngPurpose::kTest, 4);
  Rng rng(8, RngPurpose::kTest);
  std::vector<Vec3> points;
  for (int i = 0; i < 1500; ++i) {
    points.push_back({rng.uniform(-0.1, 0.1), rng.uniform(-0.1, 0.1), rng.uniform(-0.1, 0.1)});
  }
  const std::vector<float> all = noise.evaluate(points);
  REQUIRE(all.size() == points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    REQUIRE(static_cast<double>(all[i]) == Approx(noise(points[i])).margin(1e-5));
  }
}

TEST_CASE("every instruction set gives the fields that single points give", "[sim][noise]") {
  const SpectralNoise waves(20e-3, 5, RngPurpose::kTest, 1);
  const LatticeNoise lattice(1.5e-3, 5, RngPurpose::kTest, 1);
  Rng rng(22, RngPurpose::kTest);
  constexpr std::size_t kPoints = 1003;  // no multiple of any number of lanes
  std::vector<float> x(kPoints), y(kPoints), z(kPoints), sums(kPoints), joined(kPoints);
  for (std::size_t i = 0; i < kPoints; ++i) {
    for (auto* axis : {&x, &y, &z}) (*axis)[i] = static_cast<float>(rng.uniform(-0.15, 0.15));
  }
  for (const char* set : {"sse2", "avx2", "avx512"}) {
    setenv("THZ_SIMD", set, 1);
    try {
      waves.evaluate(x.data(), y.data(), z.data(), kPoints, sums.data());
    } catch (const InputError&) {
      WARN("skipped: this processor has no " << set);
      continue;
    }
    lattice.evaluate(x.data(), y.data(), z.data(), kPoints, joined.data());
    double off_waves = 0.0, off_lattice = 0.0;
    for (std::size_t i = 0; i < kPoints; ++i) {
      const Vec3 point(double{x[i]}, double{y[i]}, double{z[i]});
      off_waves = std::max(off_waves, std::abs(double{sums[i]} - waves(point)));
      off_lattice = std::max(off_lattice, std::abs(double{joined[i]} - lattice(point)));
    }
    // 64 cosines of up to ten turns, each kept to 1e-6; weights and sums of single precision.
    CHECK(off_waves < 2e-5);
    CHECK(off_lattice < 2e-6);
  }
  unsetenv("THZ_SIMD");
}

TEST_CASE("fields belong to their key", "[sim][noise]") {
  const Vec3 p(0.012, -0.034, 0.056);
  const SpectralNoise a(0.01, 1, RngPurpose::kTest, 2, 3);
  CHECK(a(p) == SpectralNoise(0.01, 1, RngPurpose::kTest, 2, 3)(p));
  CHECK(a(p) != SpectralNoise(0.01, 1, RngPurpose::kTest, 2, 4)(p));
  CHECK(a(p) != SpectralNoise(0.01, 2, RngPurpose::kTest, 2, 3)(p));
  const LatticeNoise b(0.01, 1, RngPurpose::kTest, 2, 3);
  CHECK(b(p) == LatticeNoise(0.01, 1, RngPurpose::kTest, 2, 3)(p));
  CHECK(b(p) != LatticeNoise(0.01, 1, RngPurpose::kTest, 3, 3)(p));
  CHECK_THROWS_AS(LatticeNoise(0.0, 1, RngPurpose::kTest, 0), ContractError);
}
