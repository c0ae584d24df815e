#include "thz/sim/gaussian_beam.h"

#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/error.h"

namespace thz::sim {
namespace {

using Complex = std::complex<double>;
constexpr Complex kJ{0.0, 1.0};
const double kDbPerNeper = 20.0 * std::log10(std::exp(1.0));

}  // namespace

RayMatrix RayMatrix::after(const RayMatrix& first) const {
  return {a * first.a + b * first.c, a * first.b + b * first.d, c * first.a + d * first.c,
          c * first.b + d * first.d};
}

RayMatrix free_space(double length_m) { return {1.0, length_m, 0.0, 1.0}; }

RayMatrix thin_lens(double focal_length_m) {
  THZ_REQUIRE(focal_length_m != 0.0, "a lens needs a focal length");
  return {1.0, 0.0, -1.0 / focal_length_m, 1.0};
}

GaussianBeam::GaussianBeam(double waist_m, double wavelength_m)
    : waist_m_(waist_m),
      wavelength_m_(wavelength_m),
      wavenumber_per_m_(2.0 * kPi / wavelength_m),
      rayleigh_range_m_(kPi * waist_m * waist_m / wavelength_m) {
  THZ_REQUIRE(waist_m > 0.0 && std::isfinite(waist_m), "the waist must be positive");
  THZ_REQUIRE(wavelength_m > 0.0 && std::isfinite(wavelength_m), "the wavelength must be positive");
}

double GaussianBeam::radius_m(double zeta_m) const {
  return waist_m_ * std::hypot(1.0, zeta_m / rayleigh_range_m_);
}

double GaussianBeam::wavefront_curvature_per_m(double zeta_m) const {
  return zeta_m / (zeta_m * zeta_m + rayleigh_range_m_ * rayleigh_range_m_);
}

double GaussianBeam::gouy_phase_rad(double zeta_m) const {
  return std::atan(zeta_m / rayleigh_range_m_);
}

double GaussianBeam::divergence_rad() const { return wavelength_m_ / (kPi * waist_m_); }

Complex GaussianBeam::q(double zeta_m) const { return {zeta_m, rayleigh_range_m_}; }

double GaussianBeam::fwhm_one_way_m(double zeta_m) const {
  return radius_m(zeta_m) * std::sqrt(2.0 * std::log(2.0));
}

double GaussianBeam::fwhm_two_way_m(double zeta_m) const {
  return radius_m(zeta_m) * std::sqrt(std::log(2.0));
}

double GaussianBeam::peak_irradiance_w_m2(double power_w) const {
  return 2.0 * power_w / (kPi * waist_m_ * waist_m_);
}

Complex GaussianBeam::field(double rho_m, double zeta_m) const {
  const Complex spread = 1.0 / (1.0 - kJ * (zeta_m / rayleigh_range_m_));
  const double amplitude = std::sqrt(2.0 / kPi) / waist_m_;
  return amplitude * spread * std::exp(-kJ * wavenumber_per_m_ * rho_m * rho_m / (2.0 * q(zeta_m)));
}

PlacedBeam through(const RayMatrix& system, const PlacedBeam& input) {
  const Complex q_in = input.beam.q(-input.waist_position_m);
  const Complex q_out = (system.a * q_in + system.b) / (system.c * q_in + system.d);
  const double waist = std::sqrt(input.beam.wavelength_m() * q_out.imag() / kPi);
  return {GaussianBeam(waist, input.beam.wavelength_m()), -q_out.real()};
}

double edge_taper_db(double diameter_m, double radius_m) {
  const double ratio = diameter_m / (2.0 * radius_m);
  return kDbPerNeper * ratio * ratio;
}

double radius_for_taper_m(double diameter_m, double taper_db) {
  THZ_REQUIRE(taper_db > 0.0, "the taper must be positive");
  return 0.5 * diameter_m * std::sqrt(kDbPerNeper / taper_db);
}

double spill_over_fraction(double diameter_m, double radius_m) {
  const double ratio = diameter_m / (2.0 * radius_m);
  return std::exp(-2.0 * ratio * ratio);
}

}  // namespace thz::sim
