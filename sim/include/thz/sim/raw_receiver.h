#pragma once

#include <complex>
#include <cstdint>
#include <memory>
#include <vector>

#include "thz/sim/beat_signal.h"
#include "thz/sim/integrator.h"

/// The raw mode of the radar: pulses, their samples, their range profiles.
namespace thz::sim {

/// Names the random draws of one pulse; nothing else decides them.
struct PulseKey {
  uint64_t seed = 1;
  uint64_t capture = 0;
  uint32_t frame = 0;
  uint64_t pulse = 0;
};

/// The receiver for pulses whose echoes come from the same delays. Immutable after construction and
/// shared by threads; each thread brings its own Workspace.
class RawReceiver {
 public:
  class Workspace;
  struct FreeWorkspace {
    void operator()(Workspace* workspace) const;
  };
  using WorkspacePtr = std::unique_ptr<Workspace, FreeWorkspace>;

  /// @param ranges_m  of the echoes from the pivot, ascending; may be empty.
  /// @param axis  bins of the profile; cell over spacing a whole number (zero padding).
  /// @throws thz::InputError if an option is out of range or a beat lies beyond the ADC's band.
  RawReceiver(const RadarOptions& radar, const RawRadarOptions& raw,
              const std::vector<double>& ranges_m, const RangeAxis& axis);
  ~RawReceiver();
  RawReceiver(const RawReceiver&) = delete;
  RawReceiver& operator=(const RawReceiver&) = delete;

  WorkspacePtr make_workspace() const;
  /// Samples of a pulse, rate · T of them.
  int samples() const;
  int bins() const;

  /// IF samples of one pulse behind the ADC, √W referred to the mixer's input.
  /// @param amplitudes  √W, one a range, phase as in Echo.
  /// @param out  samples() floats.
  void pulse(Workspace& workspace, const std::complex<float>* amplitudes, const PulseKey& key,
             float* out) const;
  /// Range profile of the samples: window, zero-padded FFT, scaled so that a target of power P
  /// peaks at |S|² = P; phase −2k r at the centre frequency like the direct mode's.
  /// @param out  bins() values, √W.
  void profile(Workspace& workspace, const float* samples, std::complex<float>* out) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Complex returns by depth of [line][sample], in units of coupling amplitude (received over
/// transmitted without the instrument's losses), nodes at first_m + step_m i from the pivot.
struct DepthImages {
  double first_m = 0.0;
  double step_m = 0.0;
  std::vector<ImageC> nodes;
};

/// A frame in the raw mode: every pulse's IF samples, processed to the bins of `axis`; in units of
/// coupling amplitude like sum_frame's, noise and imperfections included.
/// Bit-identical for any number of threads.
/// @param key  of the frame; its pulse is replaced by line * samples + sample.
RangeFrame raw_frame(const RadarOptions& radar, const RawRadarOptions& raw, const RangeAxis& axis,
                     const DepthImages& images, const PulseKey& key, int threads);

}  // namespace thz::sim
