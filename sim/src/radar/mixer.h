#pragma once

#include "thz/sim/raw_radar.h"

namespace thz::sim {

/// What the mixer and the converter do to the waveform.
class Mixer {
 public:
  explicit Mixer(const MixerOptions& options);
  /// Real IF from the complex beat z: saturation of the envelope, the second and third harmonics of
  /// the beat, the DC of self-mixing.  All in √W at the mixer's input.
  void apply(const float* z_re, const float* z_im, int count, float* out) const;

 private:
  float saturation_;  // of |z|²
  float second_, third_;
  float offset_;
};

/// Mid-tread quantiser of 2^bits codes; clips.
class Converter {
 public:
  Converter(int bits, double full_scale_w);
  double step() const { return step_; }
  void apply(float* samples, int count) const;

 private:
  double step_;
  double lowest_, highest_;  // codes
};

}  // namespace thz::sim
