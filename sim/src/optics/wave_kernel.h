#pragma once

// Plain types only: this header is compiled for several instruction sets, and an inline function of
// the standard library built for AVX-512 must never be the one the linker keeps.

namespace thz::sim::internal {

/// Targets of one block: a multiple of kWaveLanes, offsets from the block's centre, metres.
constexpr long kWaveLanes = 16;
constexpr long kWaveBlock = 128;
/// Sources prepared at a time; sums within a chunk are float, across chunks double.
constexpr long kWaveChunk = 512;

struct WaveTask {
  /// Sources: positions in double, complex amplitudes in float, `components` of them a source.
  const double* x;
  const double* y;
  const double* z;
  const float* re;
  const float* im;
  long sources;
  double turns_per_m;  ///< 1 / wavelength
  /// Targets.
  double centre[3];
  const float* tx;
  const float* ty;
  const float* tz;
  long targets;
  /// Sums, [component][targets].
  double* out_re;
  double* out_im;
};

enum WaveSum { kScalarSum, kElectricSum, kMagneticSum };

/// Adds the waves of all sources to a block of targets.
using WaveKernel = void (*)(const WaveTask& task, WaveSum sum);

void wave_kernel_sse2(const WaveTask& task, WaveSum sum);
void wave_kernel_avx2(const WaveTask& task, WaveSum sum);
void wave_kernel_avx512(const WaveTask& task, WaveSum sum);

}  // namespace thz::sim::internal
