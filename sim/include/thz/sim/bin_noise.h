#pragma once

#include <complex>
#include <cstdint>
#include <memory>
#include <vector>

#include "thz/sim/integrator.h"
#include "thz/sim/raw_radar.h"
#include "thz/sim/window.h"

/// Noise of range bins that lie closer together than the transform's own.
namespace thz::sim {

/// Correlation of white noise between two bins of a windowed transform, x bins of 1/T apart:
///   ρ(x) = ∫ w² e^{−2πjx(s − 1/2)} ds / ∫ w² ds over the chirp s in [0, 1];
/// real, with the phase of range_response. Hann: 1, 0.8319 at half a bin, 2/3, 1/6 at 2, 0 from 3.
double window_autocorrelation(WindowKind kind, double bins);

/// Every range bin of one line of scan positions: what noise is worked on in, small enough for the
/// first cache.
class BinLine {
 public:
  BinLine(int bins, int samples);

  int bins() const { return bins_; }
  /// [samples] of a bin.
  std::complex<float>* bin(int b) {
    return reinterpret_cast<std::complex<float>*>(floats() + b * stride());
  }

  /// The same as plain floats: [bins, filled up with zeros][stride].
  float* floats() { return floats_.get(); }
  long padded_floats() const { return padded_floats_; }
  long stride() const;

 private:
  int rows() const;

  int bins_;
  long padded_floats_;
  std::unique_ptr<float[]> floats_;
};

/// Turns independent bins into those of a zero-padded transform: the covariance of bins b and b' of
/// a pixel becomes sqrt(variances[b] variances[b']) ρ(x), x their distance in cells, by the
/// Cholesky factor of the correlation (to 1e-7).
class BinMixer {
 public:
  /// @param variances  one a bin.
  BinMixer(WindowKind kind, const RangeAxis& axis, const std::vector<double>& variances);

  int bins() const { return bins_; }
  /// In place. @param line  independent circular normals of variance one.
  void mix(BinLine& line) const;

 private:
  int bins_;
  std::vector<float> values_;  // the kernel's MixFactor
  std::vector<long> start_;
  std::vector<int> first_;
};

/// BinMixer for whole frames of variance one, in place; bin 0 keeps its values.
void correlate_bins(RangeFrame& noise, WindowKind kind, const RangeAxis& axis, int threads);

/// Variance E|n|² of every bin of an axis, W: noise_budget() at its range.
std::vector<double> bin_noise_variances_w(const RadarOptions& radar, const RawRadarOptions& raw,
                                          const RangeAxis& axis);

/// Correlated noise of all bins of the lines of a frame, E|n_b|² = variances[b] (the law of the
/// colour is taken as constant over the three cells in which bins are correlated); keyed by (seed,
/// entity, frame) and so the same for any number of threads and any order of lines.
class BinNoise {
 public:
  /// @param samples  of a line. @param variances  one a bin.
  BinNoise(WindowKind kind, const RangeAxis& axis, int samples,
           const std::vector<double>& variances, uint64_t seed, uint64_t entity, uint32_t frame);

  int bins() const { return mixer_.bins(); }
  int samples() const { return samples_; }
  /// Noise of one line. @param out  of as many bins and samples.
  void draw(int line, BinLine& out) const;
  /// All of it.
  RangeFrame frame(int lines, int threads) const;

 private:
  BinMixer mixer_;
  int samples_;
  uint64_t seed_, entity_;
  uint32_t frame_;
};

}  // namespace thz::sim
