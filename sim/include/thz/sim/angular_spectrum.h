#pragma once

#include <complex>

#include "thz/core/image.h"

namespace thz::sim {

/// Highest spatial frequency that a sampled transfer function over `distance_m` carries without
/// aliasing, f = 1/(λ √((2 z/S)² + 1)), S the width of the padded window (Matsushima and Shimobaba,
/// Opt. Express 17, 19662, 2009).
double angular_spectrum_band_limit_per_m(double wavelength_m, double distance_m,
                                         double padded_width_m);
/// Coarsest sampling that uses that whole band, 1/(2 f).
double angular_spectrum_pitch_m(double wavelength_m, double distance_m, double padded_width_m);
/// Pixel of a Fresnel transform by a single FFT, λz/(N dx).
double fresnel_pixel_m(double wavelength_m, double distance_m, int count, double pitch_m);

struct PropagationOptions {
  int padding = 2;               ///< the window is padded with zeros to this many times its width
  bool take_out_carrier = true;  ///< divides the result by e^{−jkz}
};

/// Field on a parallel plane `distance_m` further along the direction of travel (negative: back):
///   U(z) = F⁻¹{F{U(0)} e^{−j kz z}}, kz = √(k² − kx² − ky²),
/// evanescent waves fall as e^{−|kz||z|}. Float FFTs; the transfer function's phase is in double.
/// @param field  square, sampled at `pitch_m`. ContractError otherwise.
ImageC propagate(const ImageC& field, double pitch_m, double wavelength_m, double distance_m,
                 const PropagationOptions& options = {});

}  // namespace thz::sim
