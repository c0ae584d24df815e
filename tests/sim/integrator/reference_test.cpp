#include <catch2/catch.hpp>
#include <cmath>

#include "integrator_support.h"
#include "thz/core/constants.h"

using namespace thz;
using namespace thz::sim;
using thz::sim::testing::kStandoff;

namespace {

// Sums u^2 exp(-2jkh) over a patch of the surface z(x, y), projected area as seen from the pivot.
template <typename Height>
Scatterers patch(double half_m, double step_m, Height height) {
  Scatterers s;
  for (double y = -half_m; y <= half_m; y += step_m) {
    for (double x = -half_m; x <= half_m; x += step_m) {
      const Vec3 from_pivot = Vec3(x, y, height(x, y)) - Vec3(0, 0, kStandoff);
      s.add(from_pivot.normalized(), from_pivot.norm(), step_m * step_m);
    }
  }
  return s;
}
}  // namespace

TEST_CASE("the mode carries unit power at every depth", "[sim][integrator][physics]") {
  // int |u|^2 dA = 1, so int |u^2| dA = 1 too; the mirror at focus gives a = 1 exactly there.
  const BeamOptions beam;
  for (const double z : {-0.3, 0.0, 0.15}) {
    double power = 0.0;
    const double step = 0.5e-3;
    for (double y = -0.06; y < 0.06; y += step) {
      for (double x = -0.06; x < 0.06; x += step) {
        const Vec3 p(x, y, z - kStandoff);
        power +=
            std::abs(two_way_field(beam, kStandoff, -Vec3::UnitZ(), p.normalized(), p.norm())) *
            step * step;
      }
    }
    CHECK(power == Approx(1.0).epsilon(1e-3));  // planes are cut, not spheres about the pivot
  }
}

TEST_CASE("mirror, tilted mirror and convex cap follow their closed forms",
          "[sim][integrator][physics]") {
  const BeamOptions beam;
  const double z_r = beam.rayleigh_range_m();
  const double k_w0 = beam.wavenumber() * beam.waist_m;
  const double half = 0.035;
  const auto power = [&](const Scatterers& s) {
    return std::norm(reference_coupling(beam, kStandoff, -Vec3::UnitZ(), s));
  };
  // Overlap integrals of the TX = RX mode; sheet section 7.1 rows, 1e-3 for the paraxial forms.
  CHECK(power(patch(half, 0.4e-3, [](double, double) { return 0.0; })) ==
        Approx(1.0).epsilon(1e-3));
  CHECK(power(patch(0.05, 0.4e-3, [](double, double) { return -0.1; })) ==
        Approx(1.0 / (1.0 + 0.01 / (z_r * z_r))).epsilon(1e-3));
  const double tilt = deg_to_rad(1.0);
  CHECK(power(patch(half, 0.4e-3, [&](double, double y) { return y * std::tan(tilt); })) ==
        Approx(std::exp(-k_w0 * k_w0 * tilt * tilt)).epsilon(1e-3));
  const double radius = 0.08;
  CHECK(power(patch(0.03, 0.1e-3, [&](double x, double y) {
          return std::sqrt(radius * radius - x * x - y * y) - radius;
        })) == Approx(1.0 / (1.0 + z_r * z_r / (radius * radius))).epsilon(1e-3));
}

TEST_CASE("the two-way phase turns once in half a wavelength of range", "[sim][integrator]") {
  const BeamOptions beam;
  const Vec3 axis = -Vec3::UnitZ();
  const double half_wave = 0.5 * beam.wavelength_m();
  const auto a = two_way_field(beam, kStandoff, axis, axis, kStandoff);
  const auto quarter = two_way_field(beam, kStandoff, axis, axis, kStandoff + 0.25 * half_wave);
  // exp(-2jkh): a quarter of the fringe further away turns the phase by -90 degrees. The Gouy phase
  // turns it back by 2 * (lambda / 8) / zR = 1.1e-3 rad.
  CHECK(std::arg(quarter / a) == Approx(-0.5 * kPi).margin(2e-3));
}
