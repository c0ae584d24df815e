#pragma once

/// The focus of a circular aperture with a Gaussian taper that ends at its rim, without aberration:
/// one-dimensional integrals, the yardstick of everything the optics computes.
namespace thz::sim {

/// One- and two-way figures in units of λR/D, sidelobe in dB of one-way intensity.
///   U(u) = ∫₀¹ e^{−aρ²} J0(uρ) ρ dρ, r = u λR/(πD), a = taper over 20 lg e.
struct SpotShape {
  double fwhm_one_way;
  double diameter_1e2_one_way;
  double fwhm_two_way;
  double first_minimum_radius;
  double first_sidelobe_db;
  double taper_efficiency;  ///< (∫f dA)²/(A ∫f² dA)
  double captured;          ///< share of the feed inside the rim, 1 − e^{−2a}
};
/// @param taper_db  at the rim, 0 (uniform) to 60. ContractError outside.
SpotShape tapered_spot(double taper_db);

/// On-axis figures for a focus at R: I(z) = |∫₀¹e^{−aρ²}e^{jπ(D/2)²(1/z−1/R)ρ²/λ}ρdρ|²/(λz)².
struct AxialShape {
  double peak_m;               ///< distance of the highest irradiance, short of R
  double depth_one_way_m;      ///< −3 dB width of I
  double depth_two_way_m;      ///< −3 dB width of I²
  double irradiance_per_w_m2;  ///< at R, for 1 W radiated by the feed
};
AxialShape tapered_axis(double taper_db, double diameter_m, double focus_m, double wavelength_m);

}  // namespace thz::sim
