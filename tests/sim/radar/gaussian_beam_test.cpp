#include "thz/sim/gaussian_beam.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/error.h"

using namespace thz;
using namespace thz::sim;
using Complex = std::complex<double>;

namespace {

constexpr double kTabulated = 1e-6;  // ten digits are given; this is the stated tolerance
const double kWavelength_m = kSpeedOfLight / 340e9;

// 7.585 mm: twice its Rayleigh range is the published depth of focus of 41 cm.
GaussianBeam reference_beam() { return GaussianBeam(7.585e-3, kWavelength_m); }

}  // namespace

// C01 (SI definition of c).
TEST_CASE("wavelength and wavenumber at 340 GHz", "[sim][beam][physics]") {
  CHECK(kWavelength_m == Approx(0.0008817425235).epsilon(1e-9));
  CHECK(reference_beam().wavenumber_per_m() == Approx(7125.873075).epsilon(1e-9));
}

// G01-G05, G09 (Goldsmith 1998, ch. 2).
TEST_CASE("a Gaussian beam has its textbook figures", "[sim][beam][physics]") {
  const GaussianBeam beam = reference_beam();
  const double z_r = beam.rayleigh_range_m();
  CHECK(z_r == Approx(0.2049836665).epsilon(kTabulated));
  CHECK(2.0 * z_r == Approx(0.4099673331).epsilon(kTabulated));
  CHECK(beam.radius_m(z_r) == Approx(0.01072680987).epsilon(kTabulated));
  CHECK(beam.radius_m(6.0) == Approx(0.2221472183).epsilon(kTabulated));
  CHECK(1.0 / beam.wavefront_curvature_per_m(z_r) == Approx(0.4099673331).epsilon(kTabulated));
  CHECK(1.0 / beam.wavefront_curvature_per_m(6.0) == Approx(6.007003051).epsilon(kTabulated));
  CHECK(beam.wavefront_curvature_per_m(0.0) == 0.0);
  CHECK(beam.gouy_phase_rad(6.0) == Approx(1.536645665).epsilon(kTabulated));
  CHECK(beam.divergence_rad() == Approx(0.03700294823).epsilon(kTabulated));
  CHECK(beam.fwhm_one_way_m() == Approx(0.008930655021).epsilon(kTabulated));
  CHECK(beam.fwhm_two_way_m() == Approx(0.006314926726).epsilon(kTabulated));
}

// G06, G07 (ABCD law).
TEST_CASE("a lens moves the waist as the ABCD law says", "[sim][beam][physics]") {
  const GaussianBeam input(0.04, kWavelength_m);
  const PlacedBeam at_lens = through(thin_lens(1.2), {input, 0.0});
  CHECK(at_lens.beam.waist_m() == Approx(0.008239452453).epsilon(kTabulated));
  CHECK(at_lens.waist_position_m == Approx(1.149083567).epsilon(kTabulated));
  const PlacedBeam before = through(thin_lens(1.2).after(free_space(0.5)), {input, 0.0});
  CHECK(before.waist_position_m == Approx(1.1694434).epsilon(kTabulated));
  CHECK(before.beam.waist_m() == Approx(0.008357251819).epsilon(kTabulated));
  // The waist half a metre before the lens is a waist at −0.5 m of the lens' plane.
  const PlacedBeam same = through(thin_lens(1.2), {input, -0.5});
  CHECK(same.beam.waist_m() == Approx(before.beam.waist_m()).epsilon(1e-12));
  CHECK(same.waist_position_m == Approx(before.waist_position_m).epsilon(1e-12));
}

TEST_CASE("space alone only shifts the waist", "[sim][beam][physics]") {
  const PlacedBeam moved = through(free_space(0.3), {reference_beam(), 1.0});
  CHECK(moved.waist_position_m == Approx(0.7).epsilon(1e-12));
  CHECK(moved.beam.waist_m() == Approx(7.585e-3).epsilon(1e-12));
}

// G08, G10.
TEST_CASE("peak irradiance and edge taper", "[sim][beam][physics]") {
  CHECK(reference_beam().peak_irradiance_w_m2(0.0018074281540467502) ==
        Approx(20.0).epsilon(kTabulated));
  CHECK(edge_taper_db(0.65, 0.2887979937321114) == Approx(11.0).epsilon(kTabulated));
  CHECK(radius_for_taper_m(0.65, 11.0) == Approx(0.2887979937321114).epsilon(kTabulated));
  // Power beyond the edge of a Gaussian is the edge's relative irradiance.
  CHECK(spill_over_fraction(0.65, radius_for_taper_m(0.65, 11.0)) ==
        Approx(std::pow(10.0, -1.1)).epsilon(1e-12));
}

TEST_CASE("the field carries unit power at every distance", "[sim][beam][physics]") {
  const GaussianBeam beam = reference_beam();
  const double zeta_m = GENERATE(-1.0, 0.0, 0.1, 6.0);
  const double step_m = beam.radius_m(zeta_m) / 400.0;
  double power = 0.0;
  for (int i = 0; i < 2000; ++i) {
    const double rho = (i + 0.5) * step_m;
    power += std::norm(beam.field(rho, zeta_m)) * 2.0 * kPi * rho * step_m;
  }
  CHECK(power == Approx(1.0).epsilon(1e-5));  // midpoint rule, 400 steps a radius
}

TEST_CASE("the field solves the paraxial wave equation", "[sim][beam][physics]") {
  // ∇t²u = 2jk ∂u/∂ζ for exp(+jωt) and a carrier e^{−jkζ}: pins signs of Gouy phase and curvature.
  const GaussianBeam beam = reference_beam();
  const double k = beam.wavenumber_per_m();
  const double h = 1e-5;
  const double hz = 1e-4;
  for (const double zeta : {-0.15, 0.05, 0.4}) {
    for (const double rho : {2e-3, 8e-3}) {
      const Complex centre = beam.field(rho, zeta);
      const Complex plus = beam.field(rho + h, zeta);
      const Complex minus = beam.field(rho - h, zeta);
      const Complex laplacian =
          (plus - 2.0 * centre + minus) / (h * h) + (plus - minus) / (2.0 * h * rho);
      const Complex slope = (beam.field(rho, zeta + hz) - beam.field(rho, zeta - hz)) / (2.0 * hz);
      // Difference quotients: relative error of order (h/w)² and rounding 1e-16/h² u.
      CHECK(std::abs(laplacian - 2.0 * Complex(0.0, 1.0) * k * slope) < 1e-3 * std::abs(laplacian));
    }
  }
}

TEST_CASE("the field has the width, phase front and Gouy phase of the beam",
          "[sim][beam][physics]") {
  const GaussianBeam beam = reference_beam();
  const double zeta = 0.3;
  const double w = beam.radius_m(zeta);
  CHECK(std::abs(beam.field(w, zeta) / beam.field(0.0, zeta)) == Approx(std::exp(-1.0)));
  CHECK(std::arg(beam.field(0.0, zeta)) == Approx(beam.gouy_phase_rad(zeta)));
  const double rho = 2e-3;
  CHECK(std::arg(beam.field(rho, zeta) / beam.field(0.0, zeta)) ==
        Approx(-0.5 * beam.wavenumber_per_m() * rho * rho * beam.wavefront_curvature_per_m(zeta)));
}

TEST_CASE("a beam without waist or wavelength is refused", "[sim][beam]") {
  CHECK_THROWS_AS(GaussianBeam(0.0, 1e-3), ContractError);
  CHECK_THROWS_AS(GaussianBeam(1e-3, -1.0), ContractError);
}
