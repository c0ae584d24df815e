#pragma once

#include <cmath>

/// Oracles: what a confocal Gaussian mode (transmit = receive, waist w0 at the focus) couples back
/// from simple targets, received over transmitted mode power. Each follows from the overlap
/// integral a = ∫ Γ u² e^{−2jkh} dA with ∫|u|² dA = 1 (reciprocity; Goldsmith 1998, ch. 4). Tests
/// only: the product never uses them.
namespace thz::test {

inline constexpr double kClosedFormPi = 3.14159265358979323846;

struct Mode {
  double waist_m = 7.585e-3;
  double wavelength_m = 299792458.0 / 340e9;

  double wavenumber_per_m() const { return 2.0 * kClosedFormPi / wavelength_m; }
  double rayleigh_m() const { return kClosedFormPi * waist_m * waist_m / wavelength_m; }
  double radius_m(double z_m) const { return waist_m * std::hypot(1.0, z_m / rayleigh_m()); }
};

/// Perfect mirror across the axis, z from the waist: 1/(1 + (z/z_R)²).
inline double mirror_coupling(const Mode& m, double z_m) {
  return 1.0 / (1.0 + std::pow(z_m / m.rayleigh_m(), 2));
}

/// Perfect mirror at the waist tilted by α: exp(−(k w0 α)²), α small.
inline double tilted_mirror_coupling(const Mode& m, double tilt_rad) {
  return std::exp(-std::pow(m.wavenumber_per_m() * m.waist_m * tilt_rad, 2));
}

/// Convex conductor with its apex at the waist, principal radii R1 and R2.
inline double convex_coupling(const Mode& m, double radius1_m, double radius2_m) {
  const double a = 1.0 + std::pow(m.rayleigh_m() / radius1_m, 2);
  const double b = 1.0 + std::pow(m.rayleigh_m() / radius2_m, 2);
  return 1.0 / std::sqrt(a * b);
}

/// Point of radar cross section σ, r off the axis and z from the waist.
inline double point_coupling(const Mode& m, double rcs_m2, double r_m = 0.0, double z_m = 0.0) {
  const double w = m.radius_m(z_m);
  return m.wavelength_m * m.wavelength_m * rcs_m2 / (std::pow(kClosedFormPi, 3) * std::pow(w, 4)) *
         std::exp(-4.0 * r_m * r_m / (w * w));
}

/// Diffuse surface of σ0 at the waist, tilted by θ; ensemble mean λ²σ0/(4π² w0² cosθ).
inline double diffuse_coupling(const Mode& m, double sigma0, double theta_rad = 0.0) {
  return std::pow(m.wavelength_m / (2.0 * kClosedFormPi * m.waist_m), 2) * sigma0 /
         std::cos(theta_rad);
}

/// Lambertian surface of co-polar albedo ρ: σ0 = 4ρ cos²θ in the above.
inline double lambert_coupling(const Mode& m, double albedo, double theta_rad = 0.0) {
  return diffuse_coupling(m, 4.0 * albedo * std::pow(std::cos(theta_rad), 2), theta_rad);
}

}  // namespace thz::test
