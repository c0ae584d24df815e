// The kernels of solid noise for one instruction set. The including file defines THZ_LANES and
// THZ_KERNEL_TABLE. Plain loops for the compiler to vectorise, and GCC vector extensions where sums
// stay in registers.

#include "noise_kernel.h"

namespace thz::sim::internal {
namespace {

typedef float NoiseLanes __attribute__((vector_size(4 * THZ_LANES)));
typedef float LooseNoiseLanes __attribute__((vector_size(4 * THZ_LANES), aligned(4)));

constexpr int kWavePoints = 2 * THZ_LANES;  // sums side by side hide each other's latency

/// cos(2 pi turns) to 4e-6.
inline NoiseLanes cosine_of_turns(NoiseLanes turns) {
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: adding it leaves whole numbers
  const NoiseLanes off = turns - ((turns + kRound) - kRound);
  // [-1/4, 1/4]; cos 2 pi |u| = -sin 2 pi w.
  const NoiseLanes x = 6.28318531f * ((off < 0.0f ? -off : off) - 0.25f);
  const NoiseLanes x2 = x * x;
  return -x * (1.0f + x2 * (-1.66666667e-1f +
                            x2 * (8.33333333e-3f + x2 * (-1.98412698e-4f + x2 * 2.75573192e-6f))));
}

/// The waves at kWavePoints points.
inline void sum_waves_here(const NoiseWaves& w, const float* x_m, const float* y_m,
                           const float* z_m, float* values) {
  NoiseLanes x[2], y[2], z[2], sum[2] = {};
  for (int h = 0; h < 2; ++h) {
    x[h] = *reinterpret_cast<const LooseNoiseLanes*>(x_m + h * THZ_LANES);
    y[h] = *reinterpret_cast<const LooseNoiseLanes*>(y_m + h * THZ_LANES);
    z[h] = *reinterpret_cast<const LooseNoiseLanes*>(z_m + h * THZ_LANES);
  }
  for (int i = 0; i < w.count; ++i) {
    const float kx = w.kx[i], ky = w.ky[i], kz = w.kz[i], phase = w.phase[i];
    for (int h = 0; h < 2; ++h) {
      sum[h] += cosine_of_turns(kx * x[h] + ky * y[h] + kz * z[h] + phase);
    }
  }
  for (int h = 0; h < 2; ++h) {
    *reinterpret_cast<LooseNoiseLanes*>(values + h * THZ_LANES) = w.amplitude * sum[h];
  }
}

void sum_waves(const NoiseWaves& waves, long count, const float* x_m, const float* y_m,
               const float* z_m, float* values) {
  long first = 0;
  for (; first + kWavePoints <= count; first += kWavePoints) {
    sum_waves_here(waves, x_m + first, y_m + first, z_m + first, values + first);
  }
  if (first == count) return;
  float x[kWavePoints] = {}, y[kWavePoints] = {}, z[kWavePoints] = {}, some[kWavePoints];
  for (long i = first; i < count; ++i) {
    x[i - first] = x_m[i];
    y[i - first] = y_m[i];
    z[i - first] = z_m[i];
  }
  sum_waves_here(waves, x, y, z, some);
  for (long i = first; i < count; ++i) values[i] = some[i - first];
}

constexpr int kNoiseBlock = 64;  // worked on at a time: stays in the first cache

/// Points of a block among the lattice's, along one axis: weights of the cell's two ends, and what
/// they add to the key's argument.
struct LatticeAxis {
  alignas(64) float weight[2][kNoiseBlock];
  alignas(64) unsigned long long name[2][kNoiseBlock];

  void fill(const double row[3], double offset, unsigned long long factor, int count,
            const float* x_m, const float* y_m, const float* z_m) {
    constexpr unsigned kMask = 0x1FFFFF;  // 21 bits an axis
#pragma GCC ivdep
    for (int i = 0; i < count; ++i) {
      // Hundreds of steps away a float would have 1e-5 of a step left.
      const double p = row[0] * static_cast<double>(x_m[i]) + row[1] * static_cast<double>(y_m[i]) +
                       row[2] * static_cast<double>(z_m[i]) + offset;
      int cell = static_cast<int>(p);
      cell -= static_cast<double>(cell) > p ? 1 : 0;
      const auto f = static_cast<float>(p - static_cast<double>(cell));
      weight[1][i] = f * f * (3.0f - 2.0f * f);
      weight[0][i] = 1.0f - weight[1][i];
      name[0][i] = factor * (static_cast<unsigned>(cell) & kMask);
      name[1][i] = factor * (static_cast<unsigned>(cell + 1) & kMask);
    }
  }
};

/// One block; see LatticeNoise::operator() and mix_keys, whose first product is linear in the cell.
void join_block(const NoiseLattice& lattice, int count, const float* x_m, const float* y_m,
                const float* z_m, float* values) {
  constexpr unsigned long long kStep = 0x9E3779B97F4A7C15ULL;
  constexpr unsigned long long kPairs = 0x0000FFFF0000FFFFULL;
  LatticeAxis axis[3];
  for (int a = 0; a < 3; ++a) {
    axis[a].fill(lattice.lattice_from_head + 3 * a, lattice.offset[a], kStep << (21 * a), count,
                 x_m, y_m, z_m);
  }
  alignas(64) unsigned sums[kNoiseBlock];
  alignas(64) float joined[kNoiseBlock] = {};
  const unsigned long long start = lattice.key + kStep;
  for (int corner = 0; corner < 8; ++corner) {
    const int a = corner & 1, b = (corner >> 1) & 1, c = corner >> 2;
#pragma GCC ivdep
    for (int i = 0; i < count; ++i) {
      unsigned long long z = start + axis[0].name[a][i] + axis[1].name[b][i] + axis[2].name[c][i];
      z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
      z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
      z = z ^ (z >> 31);
      // Four 16-bit uniforms.
      const unsigned long long pairs = (z & kPairs) + ((z >> 16) & kPairs);
      sums[i] = static_cast<unsigned>(pairs + (pairs >> 32)) & 0xFFFFFu;
    }
#pragma GCC ivdep
    for (int i = 0; i < count; ++i) {
      const float value = static_cast<float>(static_cast<int>(sums[i])) * (1.0f / 65535.0f) - 2.0f;
      joined[i] += axis[0].weight[a][i] * axis[1].weight[b][i] * axis[2].weight[c][i] * value;
    }
  }
#pragma GCC ivdep
  for (int i = 0; i < count; ++i) {
    float norm2 = 1.0f;
    for (int a = 0; a < 3; ++a) {
      const float w0 = axis[a].weight[0][i], w1 = axis[a].weight[1][i];
      norm2 *= w0 * w0 + w1 * w1;
    }
    values[i] = joined[i] * __builtin_sqrtf(3.0f / norm2);
  }
}

void join_lattice(const NoiseLattice& lattice, long count, const float* x_m, const float* y_m,
                  const float* z_m, float* values) {
  for (long first = 0; first < count; first += kNoiseBlock) {
    const int block = count - first < kNoiseBlock ? static_cast<int>(count - first) : kNoiseBlock;
    join_block(lattice, block, x_m + first, y_m + first, z_m + first, values + first);
  }
}

}  // namespace

const NoiseKernel THZ_KERNEL_TABLE = {sum_waves, join_lattice};

}  // namespace thz::sim::internal
