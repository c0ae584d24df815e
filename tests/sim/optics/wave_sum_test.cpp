#include "thz/sim/wave_sum.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>

#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/core/rng.h"
#include "thz/core/version.h"

using namespace thz;
using namespace thz::sim;
using Complex = std::complex<double>;

namespace {

constexpr double kWavenumber = 2.0 * kPi * 340e9 / kSpeedOfLight;

std::vector<Vec3> cloud(uint64_t entity, std::size_t count, const Vec3& centre, double size_m) {
  Rng rng(1, RngPurpose::kTest, entity);
  std::vector<Vec3> points;
  for (std::size_t i = 0; i < count; ++i) {
    const double x = rng.uniform(), y = rng.uniform(), z = rng.uniform();
    points.push_back(centre + size_m * Vec3(x - 0.5, y - 0.5, z - 0.5));
  }
  return points;
}

CurrentSources currents(std::size_t count) {
  CurrentSources sources;
  sources.position_m = cloud(1, count, Vec3::Zero(), 0.6);
  const auto a = cloud(2, count, Vec3::Zero(), 2.0), b = cloud(3, count, Vec3::Zero(), 2.0);
  for (std::size_t i = 0; i < count; ++i) {
    sources.moment.push_back(a[i].cast<Complex>() + Complex(0, 1) * b[i].cast<Complex>());
  }
  return sources;
}

WaveSources waves(const CurrentSources& sources) {
  WaveSources scalar{sources.position_m, {}};
  for (const CVec3& j : sources.moment) scalar.amplitude.push_back(j.x());
  return scalar;
}

/// Of the processor, so that a busy machine matters less; one thread.
double seconds_of(const std::function<void()>& work) {
  const std::clock_t begin = std::clock();
  work();
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

}  // namespace

TEST_CASE("float sums of waves agree with double ones at every distance", "[sim][optics]") {
  const std::size_t count = 1500;  // three chunks, the last one not full
  const CurrentSources sources = currents(count);
  for (const double distance_m : {1.5, 6.0}) {
    CAPTURE(distance_m);
    const auto targets = cloud(4, 300, Vec3(0.2, 0.1, distance_m), 0.4);
    // Random phases: the sum is some sqrt(n) of a term; each term's phase is good to some 1e-4 rad
    // (a float of 0.3 m against k), which makes 1e-4 of the sum; twice that is allowed.
    const auto close = [&](const auto& fast, const auto& exact) {
      double error = 0.0, power = 0.0;
      for (std::size_t i = 0; i < exact.size(); ++i) {
        const CVec3 difference = CVec3(fast[i]) - CVec3(exact[i]);
        error += difference.squaredNorm();
        power += CVec3(exact[i]).squaredNorm();
      }
      return std::sqrt(error / power);
    };
    CHECK(close(sum_electric(sources, targets, kWavenumber),
                sum_electric_reference(sources, targets, kWavenumber)) < 2e-4);
    CHECK(close(sum_magnetic(sources, targets, kWavenumber),
                sum_magnetic_reference(sources, targets, kWavenumber)) < 2e-4);
    std::vector<CVec3> fast, exact;
    for (const Complex& v : sum_waves(waves(sources), targets, kWavenumber)) {
      fast.emplace_back(v, 0.0, 0.0);
    }
    for (const Complex& v : sum_waves_reference(waves(sources), targets, kWavenumber)) {
      exact.emplace_back(v, 0.0, 0.0);
    }
    CHECK(close(fast, exact) < 2e-4);
  }
}

TEST_CASE("sums of waves do not depend on the number of threads", "[sim][optics]") {
  const CurrentSources sources = currents(700);
  const auto targets = cloud(5, 500, Vec3(0.0, 0.0, 2.0), 0.3);
  const auto one = sum_electric(sources, targets, kWavenumber, 1);
  const auto two = sum_electric(sources, targets, kWavenumber, 2);
  for (std::size_t i = 0; i < one.size(); ++i) REQUIRE(one[i] == two[i]);
}

TEST_CASE("every instruction set sums the same waves", "[sim][optics]") {
  const CurrentSources sources = currents(700);
  const auto targets = cloud(7, 70, Vec3(0.1, 0.0, 3.0), 0.3);
  const auto exact = sum_electric_reference(sources, targets, kWavenumber);
  const auto turned = sum_magnetic_reference(sources, targets, kWavenumber);
  for (const char* level : {"sse2", "avx2", "avx512"}) {
    CAPTURE(level);
    setenv("THZ_SIMD", level, 1);
    try {
      instruction_set();
    } catch (const InputError&) {
      WARN("skipped: this processor has no " << level);
      unsetenv("THZ_SIMD");
      continue;
    }
    const auto electric = sum_electric(sources, targets, kWavenumber);
    const auto magnetic = sum_magnetic(sources, targets, kWavenumber);
    const auto scalar = sum_waves(waves(sources), targets, kWavenumber);
    unsetenv("THZ_SIMD");
    const auto scalar_exact = sum_waves_reference(waves(sources), targets, kWavenumber);
    double error = 0.0, power = 0.0;
    for (std::size_t i = 0; i < targets.size(); ++i) {
      error += (electric[i] - exact[i]).squaredNorm() + (magnetic[i] - turned[i]).squaredNorm() +
               std::norm(scalar[i] - scalar_exact[i]);
      power += exact[i].squaredNorm() + turned[i].squaredNorm() + std::norm(scalar_exact[i]);
    }
    CHECK(std::sqrt(error / power) < 2e-4);
  }
}

// Hidden: run with "[.bench]". Rates beside the primitive, a complex multiply-accumulate in float.
TEST_CASE("rates of the wave sums", "[.bench]") {
  const CurrentSources sources = currents(20000);
  const WaveSources scalar = waves(sources);
  const auto targets = cloud(6, 12800, Vec3(0.0, 0.0, 6.0), 0.1);
  const double pairs = static_cast<double>(sources.moment.size() * targets.size());
  const auto report = [&](const char* name, double seconds, double count) {
    std::printf("%-36s %8.1f M pairs/s\n", name, count / seconds * 1e-6);
  };
  report("scalar", seconds_of([&] { sum_waves(scalar, targets, kWavenumber, 1); }), pairs);
  report("electric", seconds_of([&] { sum_electric(sources, targets, kWavenumber, 1); }), pairs);
  report("magnetic", seconds_of([&] { sum_magnetic(sources, targets, kWavenumber, 1); }), pairs);
  std::vector<float> a(4096, 0.5f), b(4096, 0.25f), c(4096), d(4096);
  constexpr int kRounds = 60000;
  const double mac = seconds_of([&] {
    for (int round = 0; round < kRounds; ++round) {
      const float re = 1e-6f * static_cast<float>(round), im = 1.0f - re;
      for (std::size_t i = 0; i < a.size(); ++i) {
        c[i] += re * a[i] - im * b[i];
        d[i] += re * b[i] + im * a[i];
      }
    }
  });
  report("complex multiply-accumulate, baseline", mac, 4096.0 * kRounds);
  CHECK(c[17] + d[17] != 0.0f);
  const std::vector<Vec3> few(targets.begin(), targets.begin() + 200);
  const double few_pairs = static_cast<double>(sources.moment.size() * few.size());
  report("electric, double", seconds_of([&] { sum_electric_reference(sources, few, kWavenumber); }),
         few_pairs);
}
