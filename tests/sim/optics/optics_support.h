#pragma once

#include "thz/core/constants.h"
#include "thz/sim/gregorian.h"

namespace thz::test {

inline constexpr double kFrequency_hz = 340e9;
inline constexpr double kWavelength_m = kSpeedOfLight / kFrequency_hz;

/// The reference design as the tabulated cases have it: both scan mirrors in one point.
inline sim::GregorianDesign single_pivot() {
  sim::GregorianDesign design;
  design.galvo_separation_m = 0.0;
  return design;
}

inline sim::ScanAngles degrees(double in_plane, double out_of_plane) {
  return {deg_to_rad(in_plane), deg_to_rad(out_of_plane)};
}

}  // namespace thz::test
