#include "support/closed_forms.h"

#include <catch2/catch.hpp>
#include <complex>

#include "thz/core/constants.h"
#include "thz/sim/gaussian_beam.h"
#include "thz/sim/radar_budget.h"

using namespace thz;
using namespace thz::sim;

namespace {

const test::Mode kMode;

// Overlap integral a = ∫ u² e^{−2jk(z + h)} dA on a square grid, u of the product's own beam. The
// surface lies at ζ = z + h(x, y) along the direction of travel.
template <typename Height>
double overlap(double z_m, Height&& height) {
  const GaussianBeam beam(kMode.waist_m, kMode.wavelength_m);
  const double half_m = 2.6 * beam.radius_m(z_m);
  const int n = 400;
  const double step_m = 2.0 * half_m / n;
  std::complex<double> sum = 0.0;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      const double x = (i + 0.5) * step_m - half_m;
      const double y = (j + 0.5) * step_m - half_m;
      const double h = height(x, y);
      const std::complex<double> u = beam.field(std::hypot(x, y), z_m);
      sum += u * u * std::polar(1.0, -2.0 * beam.wavenumber_per_m() * h) * step_m * step_m;
    }
  }
  return std::norm(sum);
}

}  // namespace

// R01-R04; the grid's edge at 2.6 w cuts e^{−13.5}, so 1e-3 is generous.
TEST_CASE("couplings of mirrors and convex surfaces are overlap integrals of the beam",
          "[sim][radar][physics]") {
  const auto flat = [](double, double) { return 0.0; };
  CHECK(test::mirror_coupling(kMode, 0.1) == Approx(0.8077599745).epsilon(1e-9));
  CHECK(overlap(0.1, flat) == Approx(0.8077599745).epsilon(1e-3));
  const double tilt = deg_to_rad(1.0);
  CHECK(test::tilted_mirror_coupling(kMode, tilt) == Approx(0.4106960936).epsilon(1e-9));
  CHECK(overlap(0.0, [&](double x, double) { return x * tilt; }) ==
        Approx(0.4106960936).epsilon(1e-3));
  CHECK(test::convex_coupling(kMode, 0.08, 0.08) == Approx(0.1321814176).epsilon(1e-9));
  CHECK(test::convex_coupling(kMode, 0.08, 0.12) == Approx(0.1836777019).epsilon(1e-9));
  CHECK(overlap(0.0, [](double x, double y) { return x * x / 0.16 + y * y / 0.24; }) ==
        Approx(0.1836777019).epsilon(1e-3));
}

// R05-R09.
TEST_CASE("couplings of points and diffuse surfaces have their tabulated values",
          "[sim][radar][physics]") {
  CHECK(test::point_coupling(kMode, 1e-4) == Approx(0.0007575505419).epsilon(1e-6));
  CHECK(test::point_coupling(kMode, sphere_rcs_m2(2.5e-3)) ==
        Approx(0.0001487447011).epsilon(1e-6));
  CHECK(test::point_coupling(kMode, 1e-4, 0.005, 0.15) == Approx(0.0001035866286).epsilon(1e-6));
  CHECK(test::lambert_coupling(kMode, 0.01) == Approx(1.369218178e-05).epsilon(1e-6));
  CHECK(plate_rcs_m2(1e-4, kMode.wavelength_m) == Approx(0.1616316075).epsilon(1e-6));
  CHECK(trihedral_rcs_m2(0.005, kMode.wavelength_m) == Approx(0.003367325157).epsilon(1e-6));
  // A square dihedral returns like a plate of its projected opening, √2 a².
  CHECK(dihedral_rcs_m2(0.005, 0.005, kMode.wavelength_m) ==
        Approx(plate_rcs_m2(std::sqrt(2.0) * 25e-6, kMode.wavelength_m)).epsilon(1e-9));
}

TEST_CASE("the point coupling is the radar equation of the beam's field", "[sim][radar][physics]") {
  // |a|² = λ²σ/(4π) · |u|⁴, the field at the point squared on the way there and back.
  const GaussianBeam beam(kMode.waist_m, kMode.wavelength_m);
  const double u2 = std::norm(beam.field(0.004, -0.12));
  CHECK(
      test::point_coupling(kMode, 2e-4, 0.004, -0.12) ==
      Approx(kMode.wavelength_m * kMode.wavelength_m * 2e-4 / (4.0 * kPi) * u2 * u2).epsilon(1e-9));
}
