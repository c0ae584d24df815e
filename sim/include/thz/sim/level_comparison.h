#pragma once

#include "thz/sim/aperture_field.h"
#include "thz/sim/physical_optics.h"

namespace thz::sim {

/// Difference of physical optics from the aperture level in a plane across the chief ray.
/// Amplitude and phase are absolute: no constant is fitted.
struct LevelComparison {
  double zeta_m;  ///< of the plane, beyond the crossing of the target plane
  /// Error power over power, dB, where the aperture level is within 15 dB of its peak.
  double lobe_error_db;
  double fwhm_ratio;      ///< one-way width along x through the chief ray, physical over aperture
  double cross_polar_db;  ///< share of the power in the other polarisation
};

/// The design with what physical optics cannot know taken out: stop and rim of the scan mirrors,
/// errors and losses of the surfaces. Both levels then describe one thing.
GregorianDesign ideal_gaussian_fed(GregorianDesign design);

/// Compares on a square of ±20 mm, 1 mm apart. @param field, currents  of the same optics (see
/// ideal_gaussian_fed), scan and frequency, the feed polarised out of plane.
LevelComparison compare_levels(const ApertureField& field, const ReflectorCurrents& currents,
                               double zeta_m, int threads = 0);

}  // namespace thz::sim
