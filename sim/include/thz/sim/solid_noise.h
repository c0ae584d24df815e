#pragma once

#include <cstdint>
#include <vector>

#include "thz/core/mesh.h"
#include "thz/core/rng.h"

/// Random fields in space: zero mean, unit variance, (nearly) Gaussian, correlation 1/e at the
/// stated length. Pure functions of the position, so a point keeps its value however it is reached.
namespace thz::sim {

/// Smooth field of random Fourier modes, √(2/N) Σ cos(k_i·x + φ_i) with k_i normal of standard
/// deviation √2/L an axis: the correlation tends to exp(−r²/L²). Kurtosis 3 − 3/(2N). For relief of
/// millimetres and more.
class SpectralNoise {
 public:
  SpectralNoise(double correlation_m, uint64_t seed, RngPurpose purpose, uint64_t entity,
                uint32_t sub_entity = 0, int modes = 64);

  double correlation_m() const { return correlation_m_; }
  double operator()(const Vec3& point_m) const;
  /// Many points at once (several times faster a point), the same on every processor.
  std::vector<float> evaluate(const std::vector<Vec3>& points_m) const;
  /// The same for coordinates side by side, by the processor's widest instructions: apart from
  /// rounding. @param values  [count], apart from the others.
  void evaluate(const float* x_m, const float* y_m, const float* z_m, std::size_t count,
                float* values) const;

 private:
  double correlation_m_;
  float amplitude_;
  std::vector<float> kx_, ky_, kz_, phase_;  // [modes], turns a metre and turns
};

/// Cheap field for the scale of stitches: normal numbers on a rotated cubic lattice, joined by C1
/// cubic weights and divided by the weights' own norm, so that the variance is 1 everywhere.
class LatticeNoise {
 public:
  LatticeNoise(double correlation_m, uint64_t seed, RngPurpose purpose, uint64_t entity,
               uint32_t sub_entity = 0);

  double correlation_m() const { return correlation_m_; }
  double operator()(const Vec3& point_m) const;
  /// Many points at once, for coordinates side by side: weights and sums in single precision.
  /// @param values  [count], apart from the others.
  void evaluate(const float* x_m, const float* y_m, const float* z_m, std::size_t count,
                float* values) const;

 private:
  double correlation_m_;
  uint64_t key_;
  Mat3 lattice_from_head_;  // rotation over spacing
  Vec3 offset_;
};

}  // namespace thz::sim
