#pragma once

#include <complex>
#include <vector>

#include "thz/sim/gregorian.h"
#include "thz/sim/wave_sum.h"

/// Physical optics of both reflectors: the surface currents J = 2 n × H of the incident field on
/// the sub-reflector radiate to the main reflector, the currents there to the scene. Vector fields,
/// no rays: the check of the aperture level. See docs/theory/optics.md.
namespace thz::sim {

/// Polarisation of the feed before the scan mirrors.
enum class FeedPolarisation { kOutOfPlane, kInPlane };

struct PhysicalOpticsOptions {
  /// Grid of the sub-reflector across the incoming beam. The integrand is smooth and falls to
  /// nothing at its ends, so the trapezoidal rule converges as soon as no path slope (up to 0.9)
  /// reaches λ/pitch.
  double sub_pitch_m = 0.75e-3;
  double cutoff_db = 45.0;  ///< the beam is followed to where its intensity is this far down
  /// Gauss-Legendre rings and spokes of the main reflector about its centre.
  int main_rings = 40;
  int main_spokes = 120;
  FeedPolarisation polarisation = FeedPolarisation::kOutOfPlane;
  int threads = 0;
};

/// Currents of one scan direction of a feed that radiates 1 W. Fields are E/√(2η), √(W/m²), so that
/// |e|² is the irradiance of a plane wave; moments are J√(η/2) dA.
struct ReflectorCurrents {
  double wavenumber_per_m = 0.0;
  CurrentSources sub, main;
  double sub_power_w = 0.0;   ///< that meets the sub-reflector within its rim
  double main_power_w = 0.0;  ///< that meets the main reflector within its rim
  std::size_t pairs = 0;      ///< source × target pairs summed from one reflector to the other
};

/// The feed is the Gaussian beam with its waist on the first scan mirror; scan mirrors are ideal
/// and without rims, surfaces perfect conductors without error.
/// @throws thz::InputError for a design with a stop on the first scan mirror.
ReflectorCurrents reflector_currents(const Gregorian& optics, double frequency_hz,
                                     const ScanAngles& scan, const PhysicalOpticsOptions& options);

/// Far part of the electric field of the main reflector's currents, with its whole phase; the
/// feed's phase is zero on its plane.
///   e(r) = −(jk/4π) Σ [J − (J·ρ̂)ρ̂] e^{−jkρ}/ρ
std::vector<CVec3> electric_field(const ReflectorCurrents& currents,
                                  const std::vector<Vec3>& points, int threads = 0);

}  // namespace thz::sim
