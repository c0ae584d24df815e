#pragma once

#include <complex>
#include <vector>

#include "thz/sim/scan.h"

namespace thz::sim {

struct BeamOptions;

/// Two-way envelope of any beam as a short sum of separable ones, on a grid of offset and depth:
///   u^2 exp(-2jk h) = exp(-2jk zeta) sum_r f_r(xi, zeta) g_r(eta, zeta),
/// with zeta = range - stand-off, and xi, eta the offsets of the scattering point from the beam's
/// axis on the sphere of its range about the pivot: lengths of arc along the scan lines (towards
/// +x) and across them (towards +y), m. The factors are smooth: the carrier exp(-2jk zeta) is taken
/// out, and so is nothing else (the sphere's curvature -jk a (angle)^2 is part of them).
/// Between grid points the integrator takes cubic polynomials over offset and straight lines over
/// depth, and holds the last value beyond the last depth; beyond the last offset the beam is zero.
/// Steps of a tenth of the beam's radius and a fortieth of its Rayleigh range leave -60 dB.
struct EnvelopeTable {
  struct Term {
    std::vector<std::complex<float>> along;   ///< f_r, 1/m, [depth][offset]
    std::vector<std::complex<float>> across;  ///< g_r, [depth][offset]
  };

  double frequency_hz = 0.0;
  double first_depth_m = 0.0;  ///< zeta of the first depth
  double depth_step_m = 0.0;
  int depths = 0;  ///< at least 2
  double offset_step_m = 0.0;
  int offsets = 0;  ///< odd, at least 5; the middle one is on the axis
  std::vector<Term> terms;

  double half_width_m() const { return offset_step_m * ((offsets - 1) / 2); }
  /// Factors as the integrator interpolates them. @param axis_values  a term's along or across.
  std::complex<double> value(const std::vector<std::complex<float>>& factor, double offset_m,
                             double zeta_m) const;
  /// @throws thz::InputError naming what does not fit: sizes, steps, values that are not finite.
  void validate() const;
};

/// The Gaussian beam of `beam` as a single term: what every table is checked against.
/// @param half_width_m  offsets -half_width .. half_width. Depths from first to last.
EnvelopeTable gaussian_envelope(const BeamOptions& beam, double standoff_m, double half_width_m,
                                double offset_step_m, double first_depth_m, double last_depth_m,
                                double depth_step_m);

}  // namespace thz::sim
