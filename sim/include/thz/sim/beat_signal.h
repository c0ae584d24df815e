#pragma once

#include <complex>
#include <memory>
#include <vector>

#include "thz/sim/raw_radar.h"

/// The beat signal of one pulse.
namespace thz::sim {

/// An echo at the mixer, √W, |amplitude|² its power, at its delay against the local oscillator. As
/// everywhere in the simulator (time factor exp(+jωt)) the amplitude has the phase of its path at
/// the centre of the chirp, exp(−2πj f_c τ) times that of the reflection. The real signal is
///   s(t) = √2 |a| cos(2π(f_start τ + K τ t − K τ²/2) + φ),   φ = −arg a − 2π f_c τ.
struct Echo {
  std::complex<double> amplitude;
  double delay_s = 0.0;
};

/// The echo of power |A|² whose beat has phase φ in the formula above.
Echo echo_of_beat(const Chirp& chirp, double amplitude_sqrt_w, double phase_rad, double delay_s);

/// Times at which the IF is made: t_n = first_s + n/rate, t = 0 at the chirp's start.
struct BeatTimes {
  double first_s = 0.0;
  double rate_hz = 25e6;
  int count = 1250;

  double at(int n) const { return first_s + n / rate_hz; }
};

/// The complex beat z(t) = √2 Σ a* exp(2πj(K τ (t − T/2) − K τ²/2) + j φ_e(t, τ)), whose real part
/// is s(t); in double, term by term; slow. `chirp_error` may be null.
std::vector<std::complex<double>> beat_signal_reference(const Chirp& chirp,
                                                        const std::vector<Echo>& echoes,
                                                        const BeatTimes& times,
                                                        const ChirpError* chirp_error);

/// The same for any number of pulses with echoes at the same delays (depth nodes): phase recurrence
/// in float in the widest SIMD the processor has, its start reduced in double and taken anew every
/// 256 samples; error below −80 dB of the echoes' amplitudes. Phase errors that depend on time and
/// delay are kept at three delays a band of at most 4 ns and interpolated between them.
/// Immutable after construction; one object serves all threads.
class BeatSynthesizer {
 public:
  /// @param delays_s  of the echoes, ascending.  @param with_errors  keep bands and three delays.
  BeatSynthesizer(const Chirp& chirp, const std::vector<double>& delays_s, const BeatTimes& times,
                  bool with_errors);
  ~BeatSynthesizer();
  BeatSynthesizer(BeatSynthesizer&&) noexcept;
  BeatSynthesizer& operator=(BeatSynthesizer&&) noexcept;

  /// Delays at which a phase error has to be known; one plane of the sum belongs to each.
  const std::vector<double>& knots_s() const;
  /// Distance in floats of the planes of `sum`: the samples, rounded up to whole blocks.
  std::size_t stride() const;
  /// Σ of the echoes for each knot, [knot][sample], so that z(t) = Σ_knots exp(jφ_e) plane.
  /// @param amplitudes  one a delay.  @param re, im  knots_s().size() * stride() floats.
  void sum(const std::complex<float>* amplitudes, float* re, float* im) const;

 private:
  struct Tables;
  std::unique_ptr<Tables> tables_;
};

/// z(t) of any echoes by the fast way, for one pulse.
std::vector<std::complex<float>> beat_signal(const Chirp& chirp, std::vector<Echo> echoes,
                                             const BeatTimes& times, const ChirpError* chirp_error);

}  // namespace thz::sim
