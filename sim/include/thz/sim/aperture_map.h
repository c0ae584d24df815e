#pragma once

#include "thz/core/image.h"
#include "thz/sim/aperture_field.h"

namespace thz::sim {

/// The beam on the main reflector as a picture, for looking at: [row][col] as images are, columns
/// along the pupil's in-plane axis, rows against its out-of-plane axis; NaN where no light is.
struct ApertureMap {
  double half_m = 0.0;  ///< the picture reaches ±half_m: feed's plane times the expansion
  ImageD amplitude;     ///< √(W/m²) across the beam for 1 W radiated, surfaces' losses left out
  ImageD phase_rad;  ///< −k times the path to the landing point less the chief ray's, unwrapped
};

/// Interpolates the bundle's rays, linearly along and between its spokes; light blocked amid a
/// spoke is bridged.
/// @param size  points a side, 2 or more. @throws thz::InputError where no ray passes all mirrors.
ApertureMap aperture_map(const Gregorian& optics, const ApertureField& field, int size);

}  // namespace thz::sim
