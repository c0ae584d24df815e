#pragma once

#include <complex>
#include <vector>

#include "thz/core/mesh.h"

/// Sums of spherical waves e^{−jkr}/r from many sources at many targets: the work of every
/// diffraction integral. Phases are reduced in double once a source and block of targets; the
/// difference within a block, which is small, is taken in float without cancellation, so that the
/// result is good to a few 1e-6 of the sum of the amplitudes at any distance. The widest SIMD the
/// processor has is chosen at run time (thz::instruction_set()); bit-identical for any threads.
namespace thz::sim {

using CVec3 = Eigen::Vector3cd;

/// Point sources of scalar waves.
struct WaveSources {
  std::vector<Vec3> position_m;
  std::vector<std::complex<double>> amplitude;
};

/// Surface elements with their current moment J dA.
struct CurrentSources {
  std::vector<Vec3> position_m;
  std::vector<CVec3> moment;
};

/// Σ a e^{−jkr}/r at every target. @param threads  0: all.
std::vector<std::complex<double>> sum_waves(const WaveSources& sources,
                                            const std::vector<Vec3>& targets_m,
                                            double wavenumber_per_m, int threads = 0);
/// Σ [J − (J·ρ̂)ρ̂] e^{−jkρ}/ρ: the far part of the electric field of currents, without its factor.
std::vector<CVec3> sum_electric(const CurrentSources& sources, const std::vector<Vec3>& targets_m,
                                double wavenumber_per_m, int threads = 0);
/// Σ ρ̂ × J e^{−jkρ}/ρ: the far part of the magnetic field, without its factor.
std::vector<CVec3> sum_magnetic(const CurrentSources& sources, const std::vector<Vec3>& targets_m,
                                double wavenumber_per_m, int threads = 0);

/// The same sums in double with library functions, for tests.
std::vector<std::complex<double>> sum_waves_reference(const WaveSources& sources,
                                                      const std::vector<Vec3>& targets_m,
                                                      double wavenumber_per_m);
std::vector<CVec3> sum_electric_reference(const CurrentSources& sources,
                                          const std::vector<Vec3>& targets_m,
                                          double wavenumber_per_m);
std::vector<CVec3> sum_magnetic_reference(const CurrentSources& sources,
                                          const std::vector<Vec3>& targets_m,
                                          double wavenumber_per_m);

}  // namespace thz::sim
