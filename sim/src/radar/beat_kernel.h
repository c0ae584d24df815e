#pragma once

// Plain types only, see pair_kernel.h of the integrator.

namespace thz::sim::internal {

constexpr long kBeatLanes = 16;   ///< samples that stand side by side in the tables
constexpr long kBeatBlock = 256;  ///< samples after which the phase is taken from the tables anew

/// One band: echoes at delays close together, summed for one or three delays.
struct BeatBand {
  long echoes;          ///< a multiple of 4, the last ones with zero amplitude
  long blocks;          ///< of kBeatBlock samples
  int planes;           ///< 1 or 3
  long stride;          ///< of the planes
  const float* lane;    ///< [block][echo][re, im][16]: phasors of a block's first 16 samples
  const float* step;    ///< [echo][re, im]: phasor of 16 samples
  const float* weight;  ///< [echo][3], for three planes
};

/// re, im[plane][sample] += Σ weight · amplitude · phasor.  @param amplitude  [echo][re, im]
using BeatKernel = void (*)(const BeatBand& band, const float* amplitude, float* re, float* im);

void beat_kernel_sse2(const BeatBand&, const float*, float*, float*);
void beat_kernel_avx2(const BeatBand&, const float*, float*, float*);
void beat_kernel_avx512(const BeatBand&, const float*, float*, float*);

/// z += exp(j error) · (rot_re + j rot_im) · (re + j im), or without the fixed phasor if rot_re is
/// null; error in turns, null for none; count a multiple of 16.
using CombineKernel = void (*)(const float* error_turns, const float* rot_re, const float* rot_im,
                               const float* re, const float* im, long count, float* z_re,
                               float* z_im);

void combine_kernel_sse2(const float*, const float*, const float*, const float*, const float*, long,
                         float*, float*);
void combine_kernel_avx2(const float*, const float*, const float*, const float*, const float*, long,
                         float*, float*);
void combine_kernel_avx512(const float*, const float*, const float*, const float*, const float*,
                           long, float*, float*);

}  // namespace thz::sim::internal
