#include "thz/sim/wave_sum.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/core/parallel.h"
#include "thz/core/version.h"
#include "wave_kernel.h"

namespace thz::sim {
namespace {

using internal::kWaveBlock;
using internal::kWaveLanes;
using internal::WaveSum;
using internal::WaveTask;

internal::WaveKernel best_wave_kernel() {
  const std::string instructions = instruction_set();
  if (instructions == "avx512") return internal::wave_kernel_avx512;
  if (instructions == "avx2") return internal::wave_kernel_avx2;
  return internal::wave_kernel_sse2;
}

/// Sources as the kernel takes them.
struct PackedSources {
  std::vector<double> x, y, z;
  std::vector<float> re, im;

  void add_place(const Vec3& p) {
    x.push_back(p.x());
    y.push_back(p.y());
    z.push_back(p.z());
  }
  void add_value(const std::complex<double>& value) {
    re.push_back(static_cast<float>(value.real()));
    im.push_back(static_cast<float>(value.imag()));
  }
};

/// One block of targets through the kernel; `store(target, values)` takes the sums of a target.
template <int kComponents, typename Store>
void sum_block(internal::WaveKernel kernel, const PackedSources& sources,
               const std::vector<Vec3>& targets, std::size_t first, double wavenumber, WaveSum sum,
               Store&& store) {
  const std::size_t count = std::min<std::size_t>(kWaveBlock, targets.size() - first);
  Vec3 low = targets[first], high = targets[first];
  for (std::size_t i = 0; i < count; ++i) {
    low = low.cwiseMin(targets[first + i]);
    high = high.cwiseMax(targets[first + i]);
  }
  const Vec3 centre = 0.5 * (low + high);
  float place[3][kWaveBlock] = {};
  for (std::size_t i = 0; i < count; ++i) {
    for (int axis = 0; axis < 3; ++axis) {
      place[axis][i] = static_cast<float>(targets[first + i][axis] - centre[axis]);
    }
  }
  const long lanes = (static_cast<long>(count) + kWaveLanes - 1) / kWaveLanes * kWaveLanes;
  double re[kComponents * kWaveBlock] = {}, im[kComponents * kWaveBlock] = {};
  const WaveTask task{sources.x.data(),
                      sources.y.data(),
                      sources.z.data(),
                      sources.re.data(),
                      sources.im.data(),
                      static_cast<long>(sources.x.size()),
                      wavenumber / (2.0 * kPi),
                      {centre.x(), centre.y(), centre.z()},
                      place[0],
                      place[1],
                      place[2],
                      lanes,
                      re,
                      im};
  kernel(task, sum);
  for (std::size_t i = 0; i < count; ++i) {
    std::complex<double> values[kComponents];
    for (int c = 0; c < kComponents; ++c) {
      const std::size_t at = static_cast<std::size_t>(c * lanes) + i;
      values[c] = {re[at], im[at]};
    }
    store(first + i, values);
  }
}

void check_sources(std::size_t positions, std::size_t values, double wavenumber) {
  THZ_REQUIRE(positions == values, "every source needs one amplitude");
  THZ_REQUIRE(wavenumber > 0.0 && std::isfinite(wavenumber), "the wavenumber must be positive");
}

std::vector<CVec3> sum_currents(const CurrentSources& sources, const std::vector<Vec3>& targets_m,
                                double wavenumber, WaveSum sum, int threads) {
  check_sources(sources.position_m.size(), sources.moment.size(), wavenumber);
  PackedSources packed;
  for (std::size_t i = 0; i < sources.moment.size(); ++i) {
    packed.add_place(sources.position_m[i]);
    for (int c = 0; c < 3; ++c) packed.add_value(sources.moment[i][c]);
  }
  std::vector<CVec3> field(targets_m.size());
  const internal::WaveKernel kernel = best_wave_kernel();
  parallel_for((targets_m.size() + kWaveBlock - 1) / kWaveBlock, threads, [&](std::size_t block) {
    sum_block<3>(kernel, packed, targets_m, block * kWaveBlock, wavenumber, sum,
                 [&](std::size_t target, const std::complex<double>* v) {
                   field[target] = CVec3(v[0], v[1], v[2]);
                 });
  });
  return field;
}

template <typename Term>
auto sum_reference(std::size_t sources, const std::vector<Vec3>& targets, Term&& term) {
  using Value = std::decay_t<decltype(term(std::size_t{0}, targets[0]))>;
  std::vector<Value> field;
  for (const Vec3& target : targets) {
    Value sum = term(0, target);
    for (std::size_t i = 1; i < sources; ++i) sum += term(i, target);
    field.push_back(sum);
  }
  return field;
}

}  // namespace

std::vector<std::complex<double>> sum_waves(const WaveSources& sources,
                                            const std::vector<Vec3>& targets_m, double wavenumber,
                                            int threads) {
  check_sources(sources.position_m.size(), sources.amplitude.size(), wavenumber);
  PackedSources packed;
  for (std::size_t i = 0; i < sources.amplitude.size(); ++i) {
    packed.add_place(sources.position_m[i]);
    packed.add_value(sources.amplitude[i]);
  }
  std::vector<std::complex<double>> field(targets_m.size());
  const internal::WaveKernel kernel = best_wave_kernel();
  parallel_for((targets_m.size() + kWaveBlock - 1) / kWaveBlock, threads, [&](std::size_t block) {
    sum_block<1>(kernel, packed, targets_m, block * kWaveBlock, wavenumber, internal::kScalarSum,
                 [&](std::size_t target, const std::complex<double>* v) { field[target] = v[0]; });
  });
  return field;
}

std::vector<CVec3> sum_electric(const CurrentSources& sources, const std::vector<Vec3>& targets_m,
                                double wavenumber, int threads) {
  return sum_currents(sources, targets_m, wavenumber, internal::kElectricSum, threads);
}

std::vector<CVec3> sum_magnetic(const CurrentSources& sources, const std::vector<Vec3>& targets_m,
                                double wavenumber, int threads) {
  return sum_currents(sources, targets_m, wavenumber, internal::kMagneticSum, threads);
}

std::vector<std::complex<double>> sum_waves_reference(const WaveSources& sources,
                                                      const std::vector<Vec3>& targets_m,
                                                      double wavenumber) {
  THZ_REQUIRE(!sources.amplitude.empty(), "a reference sum needs a source");
  return sum_reference(sources.amplitude.size(), targets_m, [&](std::size_t i, const Vec3& target) {
    const double r = (target - sources.position_m[i]).norm();
    return std::complex<double>(sources.amplitude[i] * std::polar(1.0 / r, -wavenumber * r));
  });
}

std::vector<CVec3> sum_electric_reference(const CurrentSources& sources,
                                          const std::vector<Vec3>& targets_m, double wavenumber) {
  THZ_REQUIRE(!sources.moment.empty(), "a reference sum needs a source");
  return sum_reference(sources.moment.size(), targets_m, [&](std::size_t i, const Vec3& target) {
    const Vec3 d = target - sources.position_m[i];
    const double r = d.norm();
    const CVec3 n = (d / r).cast<std::complex<double>>(), j = sources.moment[i];
    const std::complex<double> along = n.x() * j.x() + n.y() * j.y() + n.z() * j.z();
    return CVec3((j - along * n) * std::polar(1.0 / r, -wavenumber * r));
  });
}

std::vector<CVec3> sum_magnetic_reference(const CurrentSources& sources,
                                          const std::vector<Vec3>& targets_m, double wavenumber) {
  THZ_REQUIRE(!sources.moment.empty(), "a reference sum needs a source");
  return sum_reference(sources.moment.size(), targets_m, [&](std::size_t i, const Vec3& target) {
    const Vec3 d = target - sources.position_m[i];
    const double r = d.norm();
    const Vec3 n = d / r;
    const CVec3& j = sources.moment[i];
    // Written out: Eigen's cross product of complex vectors is a conjugate.
    const CVec3 cross(n.y() * j.z() - n.z() * j.y(), n.z() * j.x() - n.x() * j.z(),
                      n.x() * j.y() - n.y() * j.x());
    return CVec3(cross * std::polar(1.0 / r, -wavenumber * r));
  });
}

}  // namespace thz::sim
