#pragma once

#include <vector>

#include "thz/core/image.h"
#include "thz/sim/gregorian.h"

namespace thz::sim {

/// Roughness of one mirror as the beam on the main reflector sees it.
struct RoughMirror {
  double phase_rms_rad;  ///< δ = 4π ε cosθ/λ
  double correlation_m;  ///< c, carried along the rays to the main reflector
};

/// The rough mirrors of a design for the ray `chief`: both scan mirrors in one, sub-reflector, main
/// reflector. The two former are c times the expansion on the main reflector; that an oblique
/// mirror's c is shorter in the plane of incidence is left out.
std::vector<RoughMirror> rough_mirrors(const Gregorian& optics, const TracedRay& chief,
                                       double wavelength_m);

/// Where the power goes that small-scale surface errors take out of a beam (Ruze, Proc. IEEE 54,
/// 633, 1966). Phases are normal, independent from mirror to mirror, and correlated as e^{−τ²/c²}
/// in each, so the mean mutual coherence of the aperture is Π e^{−δ²(1 − e^{−τ²/c²})}. Each factor
/// is a Poisson sum of Gaussians, e^{−δ²} Σ δ^{2n}/n! e^{−nτ²/c²}, and so is the product: the mean
/// irradiance at distance R is that of the perfect beam folded with
///   Σ p_t e^{−r²/a_t²}/(π a_t²), a_t = λR/π √(Σ n/c²), Σ p_t = 1,
/// whose term without width (all n = 0) is the coherent beam, e^{−Σδ²}; the rest is the halo.
/// Valid while a_t is far below R, and for correlations above a wavelength.
class RuzeHalo {
 public:
  /// ContractError for lengths that are not positive or phases that are negative.
  RuzeHalo(const std::vector<RoughMirror>& mirrors, double wavelength_m, double distance_m);

  /// Share of the power that stays in the coherent beam.
  double coherent_share() const { return coherent_share_; }
  /// Share of the power in the halo, 1 − coherent_share without cancellation.
  double halo_share() const { return halo_share_; }
  /// RMS phase over the aperture, all mirrors.
  double phase_rms_rad() const { return phase_rms_rad_; }

  /// Mean irradiance of the halo at `radius_m` from the axis, 1/m² per watt before the scattering,
  /// around a beam far narrower than the halo: Ruze's series.
  double irradiance_per_m2(double radius_m) const;
  /// Radius of the circle that holds `share` (between 0 and 1) of that halo's power; 0 where no
  /// mirror is rough.
  double radius_holding_m(double share) const;
  /// Mean halo of a coherent beam of any shape, on the same grid.
  /// @param coherent  irradiance with the scattering taken out (as focal_plane gives it), sampled
  /// at `pitch_m`; zero outside. Any unit per area.
  ImageD image(const ImageD& coherent, double pitch_m) const;

 private:
  struct Term {
    double share;
    double radius_m;  ///< a_t
  };
  std::vector<Term> terms_;  ///< of the halo, narrow to wide
  double coherent_share_ = 1.0, halo_share_ = 0.0, phase_rms_rad_ = 0.0;
};

}  // namespace thz::sim
