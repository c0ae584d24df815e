#include "thz/sim/beat_signal.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <string>

#include "thz/core/rng.h"
#include "thz/core/version.h"

using namespace thz;
using namespace thz::sim;

namespace {

std::vector<Echo> random_echoes(int count, double first_m, double last_m) {
  Rng rng(5, RngPurpose::kTest);
  std::vector<Echo> echoes;
  for (int i = 0; i < count; ++i) {
    const double range_m = rng.uniform(first_m, last_m);
    echoes.push_back({rng.complex_normal(), 2.0 * range_m / kSpeedOfLight});
  }
  return echoes;
}

/// Largest difference over the root of the summed powers of the echoes.
double error_db(const std::vector<std::complex<float>>& fast,
                const std::vector<std::complex<double>>& exact, const std::vector<Echo>& echoes) {
  double worst = 0.0, power = 0.0;
  for (std::size_t n = 0; n < exact.size(); ++n) {
    worst = std::max(worst, std::abs(std::complex<double>(fast[n]) - exact[n]));
  }
  for (const Echo& echo : echoes) power += std::norm(echo.amplitude);
  return 20.0 * std::log10(worst / std::sqrt(2.0 * power));
}

}  // namespace

TEST_CASE("one echo has the beat of the textbook, phase and all", "[sim][radar][physics]") {
  const Chirp chirp;
  const double slope = chirp.bandwidth_hz / chirp.duration_s;
  const double delay_s = 2.0 * 6.0123 / kSpeedOfLight;
  const Echo echo = echo_of_beat(chirp, 0.3, 1.1, delay_s);
  const BeatTimes times;
  const auto exact = beat_signal_reference(chirp, {echo}, times, nullptr);
  const auto fast = beat_signal(chirp, {echo}, times, nullptr);
  const double start_hz = chirp.centre_hz - 0.5 * chirp.bandwidth_hz;
  for (const int n : {0, 1, 17, 600, 1249}) {
    const double t = times.at(n);
    // f_start tau is 13,430 turns: a double keeps 2e-12 of one.
    const double turns = start_hz * delay_s + slope * delay_s * t - 0.5 * slope * delay_s * delay_s;
    const double expected = std::sqrt(2.0) * 0.3 * std::cos(2.0 * kPi * turns + 1.1);
    CHECK(exact[static_cast<std::size_t>(n)].real() == Approx(expected).margin(1e-9));
    CHECK(double{fast[static_cast<std::size_t>(n)].real()} == Approx(expected).margin(1e-5 * 0.42));
  }
  double power = 0.0;
  for (const auto& z : exact) power += z.real() * z.real() / times.count;
  CHECK(power == Approx(0.09).epsilon(2e-3));  // mean square is |a|²; half a cycle in 400 left over
}

TEST_CASE("the recurrence keeps within 80 dB of the double sum", "[sim][radar]") {
  const Chirp chirp;
  const auto echoes = random_echoes(GENERATE(1, 5, 90), 5.7, 6.3);
  BeatTimes times;
  times.first_s = -1.1e-6;
  times.rate_hz = 50e6;
  times.count = GENERATE(100, 2600, 20000);
  const double error = error_db(beat_signal(chirp, echoes, times, nullptr),
                                beat_signal_reference(chirp, echoes, times, nullptr), echoes);
  CAPTURE(echoes.size(), times.count, error);
  CHECK(error < -80.0);
}

TEST_CASE("every instruction set gives the same beat", "[sim][radar]") {
  const Chirp chirp;
  ChirpError chirp_error;
  chirp_error.sine_hz = 1e6;
  const auto echoes = random_echoes(37, 5.8, 6.2);
  BeatTimes times;
  times.rate_hz = 50e6;
  times.count = 2548;
  const ChirpError* error = GENERATE(false, true) ? &chirp_error : nullptr;
  const auto exact = beat_signal_reference(chirp, echoes, times, error);
  const std::string best = instruction_set();
  for (const char* level : {"sse2", "avx2", "avx512"}) {
    setenv("THZ_SIMD", level, 1);
    bool available = true;
    try {
      instruction_set();
    } catch (const std::exception&) {
      available = false;
      WARN("skipped: this processor has no " << level);
    }
    if (available) {
      CAPTURE(level);
      CHECK(error_db(beat_signal(chirp, echoes, times, error), exact, echoes) < -80.0);
    }
    unsetenv("THZ_SIMD");
  }
  CHECK(instruction_set() == best);
}

TEST_CASE("every echo gets the chirp error of its own delay", "[sim][radar]") {
  const Chirp chirp;
  ChirpError chirp_error;
  chirp_error.quadratic = 1e-3;
  chirp_error.sine_hz = 3e6;
  chirp_error.sine_rate_hz = 2e5;
  // From the leakage to twice the distance: several bands.
  auto echoes = random_echoes(20, 5.7, 6.3);
  echoes.push_back({{2.0, 1.0}, 1e-9});
  echoes.push_back({{1.0, -1.0}, 80e-9});
  const BeatTimes times;
  const auto exact = beat_signal_reference(chirp, echoes, times, &chirp_error);
  CHECK(error_db(beat_signal(chirp, echoes, times, &chirp_error), exact, echoes) < -80.0);
  // and it is not nothing
  CHECK(error_db(beat_signal(chirp, echoes, times, nullptr), exact, echoes) > -20.0);
}

TEST_CASE("the chirp error's phase is the integral of its deviation", "[sim][radar][physics]") {
  const Chirp chirp;
  ChirpError chirp_error;
  chirp_error.quadratic = 1e-4;
  chirp_error.sine_hz = 1e6;
  chirp_error.sine_rate_hz = 3e5;
  for (const double t_s : {0.0, 7e-6, 31e-6, 50e-6}) {
    for (const double delay_s : {1e-9, 40e-9, 3e-6}) {
      // Simpson's rule, 400 intervals: (pi f_m tau)^4 / 400^4 is below 1e-7.
      constexpr int kSteps = 400;
      double sum = 0.0;
      for (int i = 0; i <= kSteps; ++i) {
        const double weight = i == 0 || i == kSteps ? 1.0 : (i % 2 == 1 ? 4.0 : 2.0);
        sum += weight * chirp_error.deviation_hz(chirp, t_s - delay_s * i / kSteps);
      }
      const double expected = 2.0 * kPi * sum * delay_s / (3.0 * kSteps);
      CHECK(chirp_error.beat_phase_rad(chirp, t_s, delay_s) ==
            Approx(expected).epsilon(1e-6).margin(1e-9));
    }
  }
}
