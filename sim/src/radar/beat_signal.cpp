#include "thz/sim/beat_signal.h"

#include <algorithm>
#include <cmath>

#include "beat_dispatch.h"
#include "thz/core/error.h"

namespace thz::sim {
namespace internal {

/// Of the echoes of one band.
struct BandTables {
  std::size_t first_echo = 0, echoes = 0;
  std::size_t first_knot = 0;
  std::vector<double> knots;
  long padded = 0;
  std::vector<float> lane, step, weight;
};

}  // namespace internal

namespace {

using internal::BandTables;
using internal::BeatBand;
using internal::kBeatBlock;
using internal::kBeatLanes;

constexpr double kBandSpan_s = 4e-9;  // three delays over it: -110 dB for noise of -107 dBc/Hz
constexpr long kEchoPadding = 4;

double beat_slope_hz_s(const Chirp& chirp) { return chirp.bandwidth_hz / chirp.duration_s; }

/// Phase of the beat in turns without that of the amplitude, reduced to half a turn.
double beat_turns(const Chirp& chirp, double delay_s, double t_s) {
  const double turns =
      beat_slope_hz_s(chirp) * delay_s * (t_s - 0.5 * chirp.duration_s - 0.5 * delay_s);
  return turns - std::rint(turns);
}

/// Lagrange weight of knot `k` at x.
double lagrange(const std::vector<double>& knots, std::size_t k, double x) {
  double weight = 1.0;
  for (std::size_t i = 0; i < knots.size(); ++i) {
    if (i != k) weight *= (x - knots[i]) / (knots[k] - knots[i]);
  }
  return weight;
}

/// Chebyshev's three points over [first, last], or the one there is.
std::vector<double> band_knots(double first, double last, bool with_errors) {
  const double middle = 0.5 * (first + last);
  if (!with_errors || last == first) return {middle};
  const double reach = 0.5 * (last - first) * std::sqrt(0.75);
  return {middle - reach, middle, middle + reach};
}

BandTables make_band(const Chirp& chirp, const std::vector<double>& delays, std::size_t first,
                     std::size_t last, const BeatTimes& times, long blocks, bool with_errors) {
  BandTables band;
  band.first_echo = first;
  band.echoes = last - first;
  band.knots = band_knots(delays[first], delays[last - 1], with_errors);
  band.padded = (static_cast<long>(band.echoes) + kEchoPadding - 1) / kEchoPadding * kEchoPadding;
  const auto padded = static_cast<std::size_t>(band.padded);
  band.lane.assign(static_cast<std::size_t>(blocks) * padded * 2 * kBeatLanes, 0.0f);
  band.step.assign(2 * padded, 0.0f);
  band.weight.assign(3 * padded, 0.0f);
  for (std::size_t e = 0; e < band.echoes; ++e) {
    const double delay_s = delays[first + e];
    for (long b = 0; b < blocks; ++b) {
      float* to = band.lane.data() + (static_cast<std::size_t>(b) * padded + e) * 2 * kBeatLanes;
      for (long i = 0; i < kBeatLanes; ++i) {
        const double t_s = times.at(static_cast<int>(b * kBeatBlock + i));
        const auto phasor = std::polar(1.0, 2.0 * kPi * beat_turns(chirp, delay_s, t_s));
        to[i] = static_cast<float>(phasor.real());
        to[i + kBeatLanes] = static_cast<float>(phasor.imag());
      }
    }
    const double turns = beat_slope_hz_s(chirp) * delay_s * kBeatLanes / times.rate_hz;
    const auto step = std::polar(1.0, 2.0 * kPi * (turns - std::rint(turns)));
    band.step[2 * e] = static_cast<float>(step.real());
    band.step[2 * e + 1] = static_cast<float>(step.imag());
    for (std::size_t k = 0; k < band.knots.size(); ++k) {
      band.weight[3 * e + k] = static_cast<float>(lagrange(band.knots, k, delay_s));
    }
  }
  return band;
}

}  // namespace

struct BeatSynthesizer::Tables {
  std::vector<internal::BandTables> bands;
  std::vector<double> knots;
  long blocks = 0;
  internal::BeatKernel kernel = nullptr;
};

BeatSynthesizer::BeatSynthesizer(const Chirp& chirp, const std::vector<double>& delays_s,
                                 const BeatTimes& times, bool with_errors)
    : tables_(std::make_unique<Tables>()) {
  THZ_REQUIRE(std::is_sorted(delays_s.begin(), delays_s.end()), "delays must ascend");
  THZ_REQUIRE(times.count > 0 && times.rate_hz > 0.0, "a beat signal needs samples");
  tables_->kernel = internal::beat_kernels().beat;
  tables_->blocks = (times.count + kBeatBlock - 1) / kBeatBlock;
  for (std::size_t first = 0; first < delays_s.size();) {
    std::size_t last = first + 1;
    while (last < delays_s.size() &&
           (!with_errors || delays_s[last] - delays_s[first] <= kBandSpan_s)) {
      ++last;
    }
    tables_->bands.push_back(
        make_band(chirp, delays_s, first, last, times, tables_->blocks, with_errors));
    BandTables& band = tables_->bands.back();
    band.first_knot = tables_->knots.size();
    tables_->knots.insert(tables_->knots.end(), band.knots.begin(), band.knots.end());
    first = last;
  }
}

BeatSynthesizer::~BeatSynthesizer() = default;
BeatSynthesizer::BeatSynthesizer(BeatSynthesizer&&) noexcept = default;
BeatSynthesizer& BeatSynthesizer::operator=(BeatSynthesizer&&) noexcept = default;

const std::vector<double>& BeatSynthesizer::knots_s() const { return tables_->knots; }

std::size_t BeatSynthesizer::stride() const {
  return static_cast<std::size_t>(tables_->blocks * kBeatBlock);
}

void BeatSynthesizer::sum(const std::complex<float>* amplitudes, float* re, float* im) const {
  const std::size_t floats = tables_->knots.size() * stride();
  std::fill(re, re + floats, 0.0f);
  std::fill(im, im + floats, 0.0f);
  std::vector<float> packed;
  for (const BandTables& band : tables_->bands) {
    packed.assign(2 * static_cast<std::size_t>(band.padded), 0.0f);
    for (std::size_t e = 0; e < band.echoes; ++e) {
      const std::complex<float> a = amplitudes[band.first_echo + e];
      packed[2 * e] = static_cast<float>(std::sqrt(2.0)) * a.real();
      packed[2 * e + 1] = -static_cast<float>(std::sqrt(2.0)) * a.imag();
    }
    const BeatBand view{band.padded,
                        tables_->blocks,
                        static_cast<int>(band.knots.size()),
                        static_cast<long>(stride()),
                        band.lane.data(),
                        band.step.data(),
                        band.weight.data()};
    tables_->kernel(view, packed.data(), re + band.first_knot * stride(),
                    im + band.first_knot * stride());
  }
}

Echo echo_of_beat(const Chirp& chirp, double amplitude_sqrt_w, double phase_rad, double delay_s) {
  const double turns = chirp.centre_hz * delay_s;
  return {std::polar(amplitude_sqrt_w, -phase_rad - 2.0 * kPi * (turns - std::rint(turns))),
          delay_s};
}

std::vector<std::complex<double>> beat_signal_reference(const Chirp& chirp,
                                                        const std::vector<Echo>& echoes,
                                                        const BeatTimes& times,
                                                        const ChirpError* chirp_error) {
  std::vector<std::complex<double>> z(static_cast<std::size_t>(times.count));
  for (int n = 0; n < times.count; ++n) {
    const double t_s = times.at(n);
    for (const Echo& echo : echoes) {
      double phase_rad = 2.0 * kPi * beat_turns(chirp, echo.delay_s, t_s);
      if (chirp_error != nullptr) {
        phase_rad += chirp_error->beat_phase_rad(chirp, t_s, echo.delay_s);
      }
      z[static_cast<std::size_t>(n)] +=
          std::sqrt(2.0) * std::conj(echo.amplitude) * std::polar(1.0, phase_rad);
    }
  }
  return z;
}

std::vector<std::complex<float>> beat_signal(const Chirp& chirp, std::vector<Echo> echoes,
                                             const BeatTimes& times,
                                             const ChirpError* chirp_error) {
  std::stable_sort(echoes.begin(), echoes.end(),
                   [](const Echo& a, const Echo& b) { return a.delay_s < b.delay_s; });
  std::vector<double> delays;
  std::vector<std::complex<float>> amplitudes;
  for (const Echo& echo : echoes) {
    delays.push_back(echo.delay_s);
    amplitudes.emplace_back(echo.amplitude);
  }
  const BeatSynthesizer synthesizer(chirp, delays, times, chirp_error != nullptr);
  const std::size_t stride = synthesizer.stride();
  const std::vector<double>& knots = synthesizer.knots_s();
  std::vector<float> re(knots.size() * stride), im(re.size()), error(stride, 0.0f);
  std::vector<float> z_re(stride, 0.0f), z_im(stride, 0.0f);
  synthesizer.sum(amplitudes.data(), re.data(), im.data());
  for (std::size_t k = 0; k < knots.size(); ++k) {
    for (int n = 0; n < times.count && chirp_error != nullptr; ++n) {
      const double turns = chirp_error->beat_phase_rad(chirp, times.at(n), knots[k]) / (2.0 * kPi);
      error[static_cast<std::size_t>(n)] = static_cast<float>(turns - std::rint(turns));
    }
    internal::beat_kernels().combine(chirp_error != nullptr ? error.data() : nullptr, nullptr,
                                     nullptr, re.data() + k * stride, im.data() + k * stride,
                                     static_cast<long>(stride), z_re.data(), z_im.data());
  }
  std::vector<std::complex<float>> z;
  for (std::size_t n = 0; n < static_cast<std::size_t>(times.count); ++n) {
    z.emplace_back(z_re[n], z_im[n]);
  }
  return z;
}

}  // namespace thz::sim
