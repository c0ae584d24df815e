#pragma once

// Plain types only: this header is compiled for several instruction sets, and an inline function of
// the standard library built for AVX-512 must never be the one the linker keeps.

namespace thz::sim::internal {

/// A sum of cosines, amplitude sum_i cos 2 pi (k_i . x + phase_i).
struct NoiseWaves {
  const float *kx, *ky, *kz;  ///< turns a metre
  const float* phase;         ///< turns
  int count;
  float amplitude;
};

/// Values on a rotated cubic lattice; see LatticeNoise.
struct NoiseLattice {
  double lattice_from_head[9], offset[3];
  unsigned long long key;
};

struct NoiseKernel {
  /// @param values  [count], apart from the coordinates.
  void (*sum_waves)(const NoiseWaves& waves, long count, const float* x_m, const float* y_m,
                    const float* z_m, float* values);
  void (*join_lattice)(const NoiseLattice& lattice, long count, const float* x_m, const float* y_m,
                       const float* z_m, float* values);
};

extern const NoiseKernel kNoiseKernelSse2;
extern const NoiseKernel kNoiseKernelAvx2;
extern const NoiseKernel kNoiseKernelAvx512;

}  // namespace thz::sim::internal
