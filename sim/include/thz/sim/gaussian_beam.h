#pragma once

#include <complex>

/// Fundamental Gaussian beams (Goldsmith, Quasioptical Systems, 1998, ch. 2 and 3).
/// Time factor exp(+jωt), carrier e^{−jkζ} with ζ along the direction of travel, 1/q = 1/R −
/// jλ/(πw²).
namespace thz::sim {

/// Ray matrix [[a, b], [c, d]].
struct RayMatrix {
  double a, b, c, d;
  /// The matrix of passing `first`, then this.
  RayMatrix after(const RayMatrix& first) const;
};
RayMatrix free_space(double length_m);
/// Thin lens or mirror of focal length f (positive: converging).
RayMatrix thin_lens(double focal_length_m);

/// A round beam known by its waist radius (1/e² of intensity) and wavelength. Lengths along the
/// axis
/// (`zeta_m`) count from the waist, positive in the direction of travel.
class GaussianBeam {
 public:
  /// ContractError unless both are positive and finite.
  GaussianBeam(double waist_m, double wavelength_m);

  double waist_m() const { return waist_m_; }
  double wavelength_m() const { return wavelength_m_; }
  double wavenumber_per_m() const { return wavenumber_per_m_; }
  /// z_R = π w0²/λ; the depth of focus is twice this.
  double rayleigh_range_m() const { return rayleigh_range_m_; }
  double radius_m(double zeta_m) const;
  /// 1/R, finite everywhere (0 at the waist); positive: diverging.
  double wavefront_curvature_per_m(double zeta_m) const;
  double gouy_phase_rad(double zeta_m) const;
  /// Far-field half-angle θ0 = λ/(π w0).
  double divergence_rad() const;
  /// q = ζ + j z_R.
  std::complex<double> q(double zeta_m) const;
  /// Full width at half maximum of the intensity, and of its square (same mode out and back).
  double fwhm_one_way_m(double zeta_m = 0.0) const;
  double fwhm_two_way_m(double zeta_m = 0.0) const;
  /// On-axis irradiance at the waist of a beam that carries that power, 2P/(π w0²).
  double peak_irradiance_w_m2(double power_w) const;

  /// Envelope of the one-way field at radius rho and ζ, without the carrier e^{−jkζ}:
  ///   u = √(2/π)/w0 · 1/(1 − jζ/z_R) · exp(−jkρ²/(2q)),
  /// normalised to unit power, ∫|u|² dA = 1 at every ζ. Paraxial.
  std::complex<double> field(double rho_m, double zeta_m) const;

 private:
  double waist_m_, wavelength_m_, wavenumber_per_m_, rayleigh_range_m_;
};

/// A beam and where its waist lies, measured from the reference plane along the direction of
/// travel.
struct PlacedBeam {
  GaussianBeam beam;
  double waist_position_m;
};

/// ABCD law q' = (Aq + B)/(Cq + D); the reference plane of the result is the system's output plane.
PlacedBeam through(const RayMatrix& system, const PlacedBeam& input);

/// Edge taper of a Gaussian of radius w on an aperture of diameter D, 20 lg e · (D/2w)² in dB.
double edge_taper_db(double diameter_m, double radius_m);
/// Radius that gives a taper; the inverse of edge_taper_db.
double radius_for_taper_m(double diameter_m, double taper_db);
/// Fraction of the power outside the aperture, exp(−2(D/2w)²).
double spill_over_fraction(double diameter_m, double radius_m);

}  // namespace thz::sim
