#include "thz/sim/raw_receiver.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "beat_dispatch.h"
#include "mixer.h"
#include "range_transform.h"
#include "shaped_noise.h"
#include "thz/core/error.h"

namespace thz::sim {
namespace internal {

/// Fixed waveforms and rotations of one thing with its own phase error: a knot or a leakage tone.
struct ErrorChannel {
  double delay_s = 0.0;
  bool leakage = false;
  std::vector<float> re, im;  // [sample]: rotation by the chirp error, or the leakage's tone
  std::vector<std::complex<float>>
      transfer;  // [line] (1 − e^{−2πjfτ})/2π: phase noise to turns of the beat
};

}  // namespace internal

namespace {

using ComplexF = std::complex<float>;
using internal::ErrorChannel;

// Streams of a pulse, apart from each other and from the direct mode's bins.
enum class RawStream : uint64_t { kThermal = 0x7A3E0001, kPhase = 0x7A3E0002, kLo = 0x7A3E0003 };

Rng pulse_rng(const PulseKey& key, RawStream stream) {
  const uint64_t entity = mix_keys(mix_keys(key.capture, static_cast<uint64_t>(stream)), key.pulse);
  return Rng(key.seed, RngPurpose::kNoise, entity, key.frame);
}

}  // namespace

class RawReceiver::Workspace {
 public:
  std::vector<float> re, im;              // [knot][sample] of the echoes
  std::vector<float> z_re, z_im, signal;  // [oversampled sample]
  std::optional<NoiseTransform> thermal, phase;
  std::vector<ComplexF> phase_lines, lo_lines;
  FftArray<ComplexF> range_buffer;
  FftPlan range_plan;
};

void RawReceiver::FreeWorkspace::operator()(Workspace* workspace) const { delete workspace; }

struct RawReceiver::State {
  RadarOptions radar;
  RawRadarOptions raw;
  int samples;
  IfFilter filter;
  BeatTimes times;  // of the oversampled IF, filter's reach on either side
  BeatSynthesizer echoes;
  RangeTransform range;
  Mixer mixer;
  Converter converter;
  std::vector<internal::ErrorChannel> channels;
  std::optional<NoiseShape> phase_shape, lo_shape, thermal_shape;

  State(const RadarOptions& radar_, const RawRadarOptions& raw_,
        const std::vector<double>& ranges_m, const RangeAxis& axis);
  void add_channels();
  void add_noise_shapes();
  void draw_phase(Workspace& w, const PulseKey& key) const;
  const float* phase_error(Workspace& w, const ErrorChannel& channel) const;
  void beat(Workspace& w, const ComplexF* amplitudes, const PulseKey& key) const;
};

namespace {

int adc_samples(const RadarOptions& radar) {
  return static_cast<int>(std::lround(radar.adc_rate_hz * radar.chirp.duration_s));
}

BeatTimes if_times(const RadarOptions& radar, const IfFilter& filter, int samples) {
  const double rate_hz = radar.adc_rate_hz * filter.oversampling();
  return {-filter.reach() / rate_hz, rate_hz,
          (samples - 1) * filter.oversampling() + 2 * filter.reach() + 1};
}

std::vector<double> echo_delays(const RadarOptions& radar, const RawRadarOptions& raw,
                                const std::vector<double>& ranges_m) {
  std::vector<double> delays;
  for (const double range_m : ranges_m) {
    check_converter(radar, raw, range_m);
    delays.push_back(target_delay_s(raw, range_m));
  }
  return delays;
}

/// Density behind the filter of what is missing to the effective floor in the bin whose beat is f.
double excess_w_hz(const RadarOptions& radar, const RawRadarOptions& raw, const IfFilter& filter,
                   double f) {
  if (!radar.effective_floor_dbm) return 0.0;
  const double delay_s = f * radar.chirp.duration_s / radar.chirp.bandwidth_hz;
  const double range_m =
      std::max(0.5 * kSpeedOfLight * (delay_s - raw.internal_delay_s), radar.chirp.range_cell_m());
  const double gain = filter.gain(f);
  return noise_budget(radar, raw, range_m).excess_w * gain * gain *
         leakage_compression(radar, raw).weak_target /
         noise_bandwidth_hz(radar.chirp, radar.window);
}

bool phase_errors(const RawRadarOptions& raw) {
  return raw.phase_noise_on || (raw.chirp_error_on && raw.chirp_error.any());
}

/// Checks before anything is built from the options.
const RadarOptions& checked(const RadarOptions& radar, const RawRadarOptions& raw) {
  radar.validate();
  raw.validate();
  return radar;
}

}  // namespace

RawReceiver::State::State(const RadarOptions& radar_, const RawRadarOptions& raw_,
                          const std::vector<double>& ranges_m, const RangeAxis& axis)
    : radar(checked(radar_, raw_)),
      raw(raw_),
      samples(adc_samples(radar)),
      filter(radar, raw),
      times(if_times(radar, filter, samples)),
      echoes(radar.chirp, echo_delays(radar, raw, ranges_m), times, phase_errors(raw)),
      range(radar, raw, axis, filter, samples),
      mixer(raw.mixer),
      converter(radar.adc_bits, radar.adc_full_scale_w) {
  add_channels();
  add_noise_shapes();
}

void RawReceiver::State::add_channels() {
  const auto stride = static_cast<std::size_t>((times.count + internal::kBeatLanes - 1) /
                                               internal::kBeatLanes * internal::kBeatLanes);
  const bool bent = raw.chirp_error_on && raw.chirp_error.any();
  const ChirpError* chirp_error = bent ? &raw.chirp_error : nullptr;
  for (const double delay_s : echoes.knots_s()) {
    ErrorChannel channel;
    channel.delay_s = delay_s;
    for (std::size_t n = 0; n < stride && bent; ++n) {
      const auto rotation = std::polar(
          1.0, chirp_error->beat_phase_rad(radar.chirp, times.at(static_cast<int>(n)), delay_s));
      channel.re.push_back(static_cast<float>(rotation.real()));
      channel.im.push_back(static_cast<float>(rotation.imag()));
    }
    channels.push_back(std::move(channel));
  }
  if (!raw.leakage_on) return;
  BeatTimes padded = times;
  padded.count = static_cast<int>(stride);
  const auto leakage = [&](double power_w, double phase_rad, double delay_s) {
    ErrorChannel channel;
    channel.delay_s = delay_s;
    channel.leakage = true;
    const Echo echo{std::polar(std::sqrt(power_w), phase_rad), delay_s};
    for (const auto& z : beat_signal_reference(radar.chirp, {echo}, padded, chirp_error)) {
      channel.re.push_back(static_cast<float>(z.real()));
      channel.im.push_back(static_cast<float>(z.imag()));
    }
    channels.push_back(std::move(channel));
  };
  leakage(coupler_leakage_w(radar), raw.coupler_phase_rad, radar.leakage_delay_s);
  leakage(horn_leakage_w(radar), raw.horn_phase_rad, raw.horn_delay_s);
}

void RawReceiver::State::add_noise_shapes() {
  if (raw.phase_noise_on) {
    // With room for whole vectors, and for the noise's ends, which join, to lie outside the pulse.
    const int length = fast_fft_length(times.count + static_cast<int>(internal::kBeatLanes));
    phase_shape.emplace(length, times.rate_hz, [&](double f) {
      return 2.0 * ratio_from_db(raw.phase_noise.dbc_hz(radar.phase_noise_dbc_hz, f));
    });
    if (raw.oscillator_phase_noise()) {
      const double density = 2.0 * ratio_from_db(raw.mixer.lo_phase_noise_dbc_hz);
      lo_shape.emplace(length, times.rate_hz, [&](double) { return density; });
    }
    for (ErrorChannel& channel : channels) {
      for (int k = 0; k < phase_shape->lines(); ++k) {
        // The difference of the phase with its delayed self, exactly: 2j sin(x) e^{−jx}.
        const double x = kPi * k * times.rate_hz / length * channel.delay_s;
        channel.transfer.emplace_back(std::complex<double>(0.0, std::sin(x) / kPi) *
                                      std::polar(1.0, -x));
      }
    }
  }
  if (raw.thermal_on || raw.mixer_on || radar.effective_floor_dbm) {
    const double thermal_w_hz =
        raw.thermal_on ? kBoltzmann * receiver_temperature_k(radar, raw.mixer) : 0.0;
    const double lo_w_hz = raw.mixer_on ? lo_amplitude_noise_w_hz(raw.mixer) : 0.0;
    const auto density = [&](double f) {
      return thermal_w_hz * (1.0 + radar.flicker_corner_hz / f) + lo_w_hz;
    };
    thermal_shape.emplace(samples, radar.adc_rate_hz, [&](double f) {
      return filter.folded(density, f) + excess_w_hz(radar, raw, filter, f);
    });
  }
}

void RawReceiver::State::draw_phase(Workspace& w, const PulseKey& key) const {
  if (!phase_shape) return;
  Rng rng = pulse_rng(key, RawStream::kPhase);
  phase_shape->draw(rng, w.phase_lines.data());
  if (!lo_shape) return;
  Rng lo_rng = pulse_rng(key, RawStream::kLo);
  lo_shape->draw(lo_rng, w.lo_lines.data());
}

const float* RawReceiver::State::phase_error(Workspace& w, const ErrorChannel& channel) const {
  if (!phase_shape) return nullptr;
  ComplexF* lines = w.phase->lines();
  for (std::size_t k = 0; k < w.phase_lines.size(); ++k) {
    lines[k] = finite_product(channel.transfer[k], w.phase_lines[k]);
  }
  if (lo_shape) {
    constexpr float kTurn = 0.159154943f;  // 1/2π
    for (std::size_t k = 0; k < w.lo_lines.size(); ++k) lines[k] += kTurn * w.lo_lines[k];
  }
  return w.phase->run();
}

void RawReceiver::State::beat(Workspace& w, const ComplexF* amplitudes, const PulseKey& key) const {
  const auto combine = internal::beat_kernels().combine;
  draw_phase(w, key);
  echoes.sum(amplitudes, w.re.data(), w.im.data());
  std::fill(w.z_re.begin(), w.z_re.end(), 0.0f);
  std::fill(w.z_im.begin(), w.z_im.end(), 0.0f);
  const auto count = static_cast<long>(w.z_re.size());
  std::size_t knot = 0;
  for (const ErrorChannel& channel : channels) {
    const float* error = phase_error(w, channel);
    if (channel.leakage) {
      combine(error, nullptr, nullptr, channel.re.data(), channel.im.data(), count, w.z_re.data(),
              w.z_im.data());
      continue;
    }
    const std::size_t plane = knot++ * echoes.stride();
    combine(error, channel.re.empty() ? nullptr : channel.re.data(), channel.im.data(),
            w.re.data() + plane, w.im.data() + plane, count, w.z_re.data(), w.z_im.data());
  }
}

RawReceiver::RawReceiver(const RadarOptions& radar, const RawRadarOptions& raw,
                         const std::vector<double>& ranges_m, const RangeAxis& axis)
    : state_(std::make_unique<State>(radar, raw, ranges_m, axis)) {}

RawReceiver::~RawReceiver() = default;

int RawReceiver::samples() const { return state_->samples; }
int RawReceiver::bins() const { return state_->range.bins(); }

RawReceiver::WorkspacePtr RawReceiver::make_workspace() const {
  const State& s = *state_;
  WorkspacePtr w(new Workspace);
  w->re.resize(s.echoes.knots_s().size() * s.echoes.stride());
  w->im.resize(w->re.size());
  const auto count = static_cast<std::size_t>((s.times.count + internal::kBeatLanes - 1) /
                                              internal::kBeatLanes * internal::kBeatLanes);
  w->z_re.resize(count);
  w->z_im.resize(count);
  w->signal.resize(count);
  if (s.phase_shape) {
    w->phase.emplace(s.phase_shape->samples());
    w->phase_lines.resize(static_cast<std::size_t>(s.phase_shape->lines()));
  }
  if (s.lo_shape) w->lo_lines.resize(w->phase_lines.size());
  if (s.thermal_shape) w->thermal.emplace(s.samples);
  w->range_buffer = fft_array<ComplexF>(s.range.length());
  w->range_plan = FftPlan::forward(w->range_buffer.get(), s.range.length());
  return w;
}

void RawReceiver::pulse(Workspace& w, const std::complex<float>* amplitudes, const PulseKey& key,
                        float* out) const {
  const State& s = *state_;
  s.beat(w, amplitudes, key);
  const float* signal = w.z_re.data();
  if (s.raw.mixer_on) {
    s.mixer.apply(w.z_re.data(), w.z_im.data(), s.times.count, w.signal.data());
    signal = w.signal.data();
  }
  s.filter.decimate(signal, s.samples, out);
  if (s.thermal_shape) {
    Rng rng = pulse_rng(key, RawStream::kThermal);
    s.thermal_shape->draw(rng, w.thermal->lines());
    const float* noise = w.thermal->run();
    for (int n = 0; n < s.samples; ++n) out[n] += noise[n];
  }
  if (s.raw.adc_on) s.converter.apply(out, s.samples);
}

void RawReceiver::profile(Workspace& w, const float* samples, std::complex<float>* out) const {
  state_->range.run(samples, w.range_buffer.get(), w.range_plan, out);
}

}  // namespace thz::sim
