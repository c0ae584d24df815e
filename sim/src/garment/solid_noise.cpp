#include "thz/sim/solid_noise.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>

#include "noise_kernel.h"
#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/core/version.h"

namespace thz::sim {
namespace {

// Distance in lattice steps at which the correlation of LatticeNoise, averaged over position and
// direction, is 1/e (numerical; tests/sim/garment/solid_noise_test.cpp checks it).
constexpr double kLatticeCorrelation = 0.816;

// cos(2π turns) to 4e-6, without calls, so that loops over points vectorise.
inline float cosine_of_turns(float turns) {
  const float nearest = static_cast<float>(static_cast<int>(turns + (turns < 0.0f ? -0.5f : 0.5f)));
  const float folded = std::abs(turns - nearest) - 0.25f;  // [−1/4, 1/4]; cos 2π|u| = −sin 2πw
  const float x = 6.28318531f * folded;
  const float x2 = x * x;
  return -x * (1.0f + x2 * (-1.66666667e-1f +
                            x2 * (8.33333333e-3f + x2 * (-1.98412698e-4f + x2 * 2.75573192e-6f))));
}

// Nearly normal number of a lattice point: the sum of four 16-bit uniforms (Irwin-Hall), variance
// 1/3, kurtosis 2.7.
inline double lattice_value(uint64_t key, int64_t x, int64_t y, int64_t z) {
  constexpr uint64_t kMask = 0x1FFFFF;  // 21 bits an axis: kilometres of millimetre lattice
  const uint64_t cell = (static_cast<uint64_t>(x) & kMask) |
                        ((static_cast<uint64_t>(y) & kMask) << 21) |
                        ((static_cast<uint64_t>(z) & kMask) << 42);
  const uint64_t bits = mix_keys(key, cell);
  const uint64_t sum =
      (bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) + ((bits >> 32) & 0xFFFF) + (bits >> 48);
  return static_cast<double>(sum) / 65535.0 - 2.0;
}

/// The kernel of thz::instruction_set().
const internal::NoiseKernel& noise_kernel() {
  const std::string set = instruction_set();
  if (set == "avx512") return internal::kNoiseKernelAvx512;
  return set == "avx2" ? internal::kNoiseKernelAvx2 : internal::kNoiseKernelSse2;
}

}  // namespace

SpectralNoise::SpectralNoise(double correlation_m, uint64_t seed, RngPurpose purpose,
                             uint64_t entity, uint32_t sub_entity, int modes)
    : correlation_m_(correlation_m), amplitude_(static_cast<float>(std::sqrt(2.0 / modes))) {
  THZ_REQUIRE(correlation_m > 0.0, "the correlation length must be positive");
  THZ_REQUIRE(modes >= 1, "a field needs a mode");
  Rng rng(seed, purpose, entity, sub_entity);
  const double spread = std::sqrt(2.0) / correlation_m / (2.0 * kPi);
  for (int i = 0; i < modes; ++i) {
    kx_.push_back(static_cast<float>(spread * rng.normal()));
    ky_.push_back(static_cast<float>(spread * rng.normal()));
    kz_.push_back(static_cast<float>(spread * rng.normal()));
    phase_.push_back(static_cast<float>(rng.uniform()));
  }
}

double SpectralNoise::operator()(const Vec3& point_m) const {
  const float x = static_cast<float>(point_m.x());
  const float y = static_cast<float>(point_m.y());
  const float z = static_cast<float>(point_m.z());
  float sum = 0.0f;
  for (std::size_t i = 0; i < phase_.size(); ++i) {
    sum += cosine_of_turns(kx_[i] * x + ky_[i] * y + kz_[i] * z + phase_[i]);
  }
  return static_cast<double>(amplitude_ * sum);
}

void SpectralNoise::evaluate(const float* x_m, const float* y_m, const float* z_m,
                             std::size_t count, float* values) const {
  noise_kernel().sum_waves({kx_.data(), ky_.data(), kz_.data(), phase_.data(),
                            static_cast<int>(phase_.size()), amplitude_},
                           static_cast<long>(count), x_m, y_m, z_m, values);
}

std::vector<float> SpectralNoise::evaluate(const std::vector<Vec3>& points_m) const {
  constexpr std::size_t kBlock = 512;  // coordinates and sums of a block stay in the first cache
  std::vector<float> values(points_m.size());
  float x[kBlock], y[kBlock], z[kBlock];
  for (std::size_t first = 0; first < points_m.size(); first += kBlock) {
    const std::size_t count = std::min(kBlock, points_m.size() - first);
    for (std::size_t j = 0; j < count; ++j) {
      x[j] = static_cast<float>(points_m[first + j].x());
      y[j] = static_cast<float>(points_m[first + j].y());
      z[j] = static_cast<float>(points_m[first + j].z());
    }
    // One code for all processors: places of a garment's cloth come from this.
    float* sum = values.data() + first;
    for (std::size_t i = 0; i < phase_.size(); ++i) {
      const float kx = kx_[i], ky = ky_[i], kz = kz_[i], phase = phase_[i];
#pragma GCC ivdep
      for (std::size_t j = 0; j < count; ++j) {
        sum[j] += cosine_of_turns(kx * x[j] + ky * y[j] + kz * z[j] + phase);
      }
    }
    for (std::size_t j = 0; j < count; ++j) sum[j] *= amplitude_;
  }
  return values;
}

LatticeNoise::LatticeNoise(double correlation_m, uint64_t seed, RngPurpose purpose, uint64_t entity,
                           uint32_t sub_entity)
    : correlation_m_(correlation_m) {
  THZ_REQUIRE(correlation_m > 0.0, "the correlation length must be positive");
  Rng rng(seed, purpose, entity, sub_entity);
  const uint64_t high = rng.bits();
  key_ = (high << 32) | rng.bits();
  // A rotation drawn evenly: a unit quaternion of four normal numbers.
  const double w = rng.normal(), x = rng.normal(), y = rng.normal(), z = rng.normal();
  lattice_from_head_ = Eigen::Quaterniond(w, x, y, z).normalized().toRotationMatrix() *
                       (kLatticeCorrelation / correlation_m);
  for (int axis = 0; axis < 3; ++axis) offset_[axis] = rng.uniform();
}

double LatticeNoise::operator()(const Vec3& point_m) const {
  const Vec3 p = lattice_from_head_ * point_m + offset_;
  int64_t cell[3];
  double weight[3][2];
  double norm2 = 1.0;
  for (int axis = 0; axis < 3; ++axis) {
    // The floor without a call.
    cell[axis] = static_cast<int64_t>(p[axis]);
    cell[axis] -= static_cast<double>(cell[axis]) > p[axis] ? 1 : 0;
    const double f = p[axis] - static_cast<double>(cell[axis]);
    weight[axis][1] = f * f * (3.0 - 2.0 * f);
    weight[axis][0] = 1.0 - weight[axis][1];
    norm2 *= weight[axis][0] * weight[axis][0] + weight[axis][1] * weight[axis][1];
  }
  double sum = 0.0;
  for (int corner = 0; corner < 8; ++corner) {
    const int i = corner & 1, j = (corner >> 1) & 1, k = corner >> 2;
    sum += weight[0][i] * weight[1][j] * weight[2][k] *
           lattice_value(key_, cell[0] + i, cell[1] + j, cell[2] + k);
  }
  return sum * std::sqrt(3.0 / norm2);
}

void LatticeNoise::evaluate(const float* x_m, const float* y_m, const float* z_m, std::size_t count,
                            float* values) const {
  internal::NoiseLattice lattice;
  for (int i = 0; i < 3; ++i) {
    lattice.offset[i] = offset_[i];
    for (int j = 0; j < 3; ++j) lattice.lattice_from_head[3 * i + j] = lattice_from_head_(i, j);
  }
  lattice.key = key_;
  noise_kernel().join_lattice(lattice, static_cast<long>(count), x_m, y_m, z_m, values);
}

}  // namespace thz::sim
