// The wave kernel for one instruction set. The including file defines THZ_LANES, THZ_KERNEL_NAME
// and THZ_SQRT, the instruction for the square root of every lane. Otherwise GCC vector extensions:
// the same arithmetic, lane by lane, at 4, 8 or 16 lanes.

#include <immintrin.h>

#include "wave_kernel.h"

namespace thz::sim::internal {
namespace {

typedef float WaveVector __attribute__((vector_size(4 * THZ_LANES)));

inline WaveVector load_wave(const float* p) {
  WaveVector v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

/// cos and sin of 2 pi t for |t| < 2^22: minimax polynomials on half a turn either side, absolute
/// error below 1e-6 (0.8e-6 and 0.1e-6 of the polynomials).
inline void wave_phasor(WaveVector t, WaveVector& cosine, WaveVector& sine) {
  const WaveVector f = t - ((t + 12582912.0f) - 12582912.0f);
  const WaveVector u = f * f;
  WaveVector s = u * -12.2712623f + 41.2053948f;
  s = s * u - 76.5801005f;
  s = s * u + 81.5961839f;
  s = s * u - 41.3414214f;
  s = s * u + 6.28318282f;
  WaveVector c = u * -21.0767823f + 58.7940388f;
  c = c * u - 85.272397f;
  c = c * u + 64.9287266f;
  c = c * u - 19.7389825f;
  c = c * u + 0.999999222f;
  cosine = c;
  sine = s * f;
}

/// A chunk of sources as seen from the centre of a block: separation, distance, phase in turns.
struct PreparedChunk {
  float dx[kWaveChunk], dy[kWaveChunk], dz[kWaveChunk];
  float r0[kWaveChunk], r0_squared[kWaveChunk], turn[kWaveChunk];
};

inline void prepare_chunk(const WaveTask& task, long first, long count, PreparedChunk& chunk) {
  for (long i = 0; i < count; ++i) {
    const double dx = task.centre[0] - task.x[first + i];
    const double dy = task.centre[1] - task.y[first + i];
    const double dz = task.centre[2] - task.z[first + i];
    const double r_squared = dx * dx + dy * dy + dz * dz;
    const double r = __builtin_sqrt(r_squared);
    const double turns = r * task.turns_per_m;
    const double whole = static_cast<double>(static_cast<long>(turns));
    chunk.dx[i] = static_cast<float>(dx);
    chunk.dy[i] = static_cast<float>(dy);
    chunk.dz[i] = static_cast<float>(dz);
    chunk.r0[i] = static_cast<float>(r);
    chunk.r0_squared[i] = static_cast<float>(r_squared);
    chunk.turn[i] = static_cast<float>(turns - whole);
  }
}

/// Sums of one component: the real and imaginary part of many targets.
struct WavePair {
  WaveVector re, im;
};

inline void add_product(WavePair& sum, WavePair a, WavePair b) {
  sum.re += a.re * b.re;
  sum.im += a.re * b.im;
  sum.re -= a.im * b.im;
  sum.im += a.im * b.re;
}

/// e^{-jkr}/r from source i to a vector of targets, and 1/r.
struct WaveStep {
  WaveVector inverse;
  WavePair wave;
};

inline WaveStep wave_step(const PreparedChunk& chunk, long i, float turns_per_m, WaveVector tx,
                          WaveVector ty, WaveVector tz, WaveVector t_squared) {
  // r^2 - r0^2 without cancellation, and r - r0 from it.
  const WaveVector half = tx * chunk.dx[i] + ty * chunk.dy[i] + tz * chunk.dz[i];
  const WaveVector q = half * 2.0f + t_squared;
  const WaveVector r = THZ_SQRT(q + chunk.r0_squared[i]);
  const WaveVector sum = r + chunk.r0[i];
  const WaveVector both = 1.0f / (r * sum);
  WaveStep step;
  step.inverse = sum * both;
  const WaveVector longer = q * r * both;
  WaveVector cosine, sine;
  wave_phasor(longer * turns_per_m + chunk.turn[i], cosine, sine);
  step.wave.re = cosine * step.inverse;
  step.wave.im = -(sine * step.inverse);
  return step;
}

template <int kComponents>
inline void flush(const WavePair* sums, const WaveTask& task, long target) {
  for (int c = 0; c < kComponents; ++c) {
    double* re = task.out_re + c * task.targets + target;
    double* im = task.out_im + c * task.targets + target;
    for (int lane = 0; lane < THZ_LANES; ++lane) {
      re[lane] += static_cast<double>(sums[c].re[lane]);
      im[lane] += static_cast<double>(sums[c].im[lane]);
    }
  }
}

inline WavePair spread(const float* re, const float* im, long k) {
  return {WaveVector{} + re[k], WaveVector{} + im[k]};
}

template <WaveSum kSum>
void run_chunk(const WaveTask& task, const PreparedChunk& chunk, long first, long count) {
  constexpr int kComponents = kSum == kScalarSum ? 1 : 3;
  const float turns_per_m = static_cast<float>(task.turns_per_m);
  const float* re = task.re + kComponents * first;
  const float* im = task.im + kComponents * first;
  for (long target = 0; target < task.targets; target += THZ_LANES) {
    const WaveVector tx = load_wave(task.tx + target);
    const WaveVector ty = load_wave(task.ty + target);
    const WaveVector tz = load_wave(task.tz + target);
    const WaveVector t_squared = tx * tx + ty * ty + tz * tz;
    WavePair sums[kComponents] = {};
    for (long i = 0; i < count; ++i) {
      const WaveStep step = wave_step(chunk, i, turns_per_m, tx, ty, tz, t_squared);
      if constexpr (kSum == kScalarSum) {
        add_product(sums[0], step.wave, spread(re, im, i));
      } else {
        const WaveVector nx = (tx + chunk.dx[i]) * step.inverse;
        const WaveVector ny = (ty + chunk.dy[i]) * step.inverse;
        const WaveVector nz = (tz + chunk.dz[i]) * step.inverse;
        const WavePair jx = spread(re, im, 3 * i), jy = spread(re, im, 3 * i + 1),
                       jz = spread(re, im, 3 * i + 2);
        if constexpr (kSum == kElectricSum) {
          const WaveVector along_re = nx * jx.re + ny * jy.re + nz * jz.re;
          const WaveVector along_im = nx * jx.im + ny * jy.im + nz * jz.im;
          add_product(sums[0], step.wave, {jx.re - nx * along_re, jx.im - nx * along_im});
          add_product(sums[1], step.wave, {jy.re - ny * along_re, jy.im - ny * along_im});
          add_product(sums[2], step.wave, {jz.re - nz * along_re, jz.im - nz * along_im});
        } else {
          add_product(sums[0], step.wave, {ny * jz.re - nz * jy.re, ny * jz.im - nz * jy.im});
          add_product(sums[1], step.wave, {nz * jx.re - nx * jz.re, nz * jx.im - nx * jz.im});
          add_product(sums[2], step.wave, {nx * jy.re - ny * jx.re, nx * jy.im - ny * jx.im});
        }
      }
    }
    flush<kComponents>(sums, task, target);
  }
}

}  // namespace

void THZ_KERNEL_NAME(const WaveTask& task, WaveSum sum) {
  PreparedChunk chunk;
  for (long first = 0; first < task.sources; first += kWaveChunk) {
    const long left = task.sources - first;
    const long count = left < kWaveChunk ? left : kWaveChunk;
    prepare_chunk(task, first, count, chunk);
    if (sum == kScalarSum) {
      run_chunk<kScalarSum>(task, chunk, first, count);
    } else if (sum == kElectricSum) {
      run_chunk<kElectricSum>(task, chunk, first, count);
    } else {
      run_chunk<kMagneticSum>(task, chunk, first, count);
    }
  }
}

}  // namespace thz::sim::internal
