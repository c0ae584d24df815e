// The beat kernels for one instruction set. The including file defines THZ_LANES, THZ_BEAT_NAME and
// THZ_COMBINE_NAME. Vector types and sine come from the integrator's lanes.

#include "../integrator/lanes.inl"
#include "beat_kernel.h"

namespace thz::sim::internal {
namespace {

constexpr int kVectors = kBeatLanes / THZ_LANES;                // that hold the 16 samples
constexpr int kTogether = 4 / kVectors > 0 ? 4 / kVectors : 1;  // echoes, for independent chains

/// One block of samples for kTogether echoes: each step is 16 samples on.
template <int kPlanes>
inline void beat_block(const float* lane, const float* step, const float* weight,
                       const float* amplitude, long stride, float* re, float* im) {
  Lanes z_re[kTogether][kVectors], z_im[kTogether][kVectors];
  Lanes s_re[kTogether], s_im[kTogether];
  for (int e = 0; e < kTogether; ++e) {
    s_re[e] = Lanes{} + step[2 * e];
    s_im[e] = Lanes{} + step[2 * e + 1];
    const float a_re = amplitude[2 * e];
    const float a_im = amplitude[2 * e + 1];
    for (int v = 0; v < kVectors; ++v) {
      const float* from = lane + e * 2 * kBeatLanes + v * THZ_LANES;
      const Lanes l_re = load(from);
      const Lanes l_im = load(from + kBeatLanes);
      z_re[e][v] = a_re * l_re - a_im * l_im;
      z_im[e][v] = a_re * l_im + a_im * l_re;
    }
  }
  for (long n = 0; n < kBeatBlock; n += kBeatLanes) {
    for (int v = 0; v < kVectors; ++v) {
      float* to_re = re + n + v * THZ_LANES;
      float* to_im = im + n + v * THZ_LANES;
      for (int p = 0; p < kPlanes; ++p) {
        Lanes sum_re = load(to_re + p * stride);
        Lanes sum_im = load(to_im + p * stride);
        for (int e = 0; e < kTogether; ++e) {
          if (kPlanes == 1) {
            sum_re += z_re[e][v];
            sum_im += z_im[e][v];
          } else {
            sum_re += weight[3 * e + p] * z_re[e][v];
            sum_im += weight[3 * e + p] * z_im[e][v];
          }
        }
        store(to_re + p * stride, sum_re);
        store(to_im + p * stride, sum_im);
      }
      for (int e = 0; e < kTogether; ++e) {
        const Lanes turned = z_re[e][v] * s_re[e] - z_im[e][v] * s_im[e];
        z_im[e][v] = z_re[e][v] * s_im[e] + z_im[e][v] * s_re[e];
        z_re[e][v] = turned;
      }
    }
  }
}

template <int kPlanes>
inline void beat_sum(const BeatBand& band, const float* amplitude, float* re, float* im) {
  for (long b = 0; b < band.blocks; ++b) {
    const float* lane = band.lane + b * band.echoes * 2 * kBeatLanes;
    for (long e = 0; e < band.echoes; e += kTogether) {
      beat_block<kPlanes>(lane + e * 2 * kBeatLanes, band.step + 2 * e, band.weight + 3 * e,
                          amplitude + 2 * e, band.stride, re + b * kBeatBlock, im + b * kBeatBlock);
    }
  }
}

}  // namespace

void THZ_BEAT_NAME(const BeatBand& band, const float* amplitude, float* re, float* im) {
  if (band.planes == 1) {
    beat_sum<1>(band, amplitude, re, im);
  } else {
    beat_sum<3>(band, amplitude, re, im);
  }
}

void THZ_COMBINE_NAME(const float* error_turns, const float* rot_re, const float* rot_im,
                      const float* re, const float* im, long count, float* z_re, float* z_im) {
  for (long n = 0; n < count; n += THZ_LANES) {
    Lanes c = Lanes{} + 1.0f, s = Lanes{};
    if (error_turns != nullptr) sin_cos_turns(load(error_turns + n), s, c);
    if (rot_re != nullptr) {
      const Lanes r_re = load(rot_re + n);
      const Lanes r_im = load(rot_im + n);
      const Lanes turned = c * r_re - s * r_im;
      s = c * r_im + s * r_re;
      c = turned;
    }
    const Lanes x = load(re + n);
    const Lanes y = load(im + n);
    store(z_re + n, load(z_re + n) + (c * x - s * y));
    store(z_im + n, load(z_im + n) + (c * y + s * x));
  }
}

}  // namespace thz::sim::internal
