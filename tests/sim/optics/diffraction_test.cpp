#include <catch2/catch.hpp>
#include <cmath>

#include "optics_support.h"
#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/sim/angular_spectrum.h"
#include "thz/sim/gaussian_beam.h"
#include "thz/sim/tapered_aperture.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;

namespace {

ImageC gaussian_plane(const GaussianBeam& beam, double zeta_m, int size, double pitch_m) {
  ImageC plane(size, size);
  for (int r = 0; r < size; ++r) {
    for (int c = 0; c < size; ++c) {
      const double rho = std::hypot(c - size / 2, r - size / 2) * pitch_m;
      plane(r, c) = std::complex<float>(beam.field(rho, zeta_m));
    }
  }
  return plane;
}

struct Moments {
  double power, radius_m;  // radius: twice the standard deviation along x
};

Moments moments(const ImageC& plane, double pitch_m) {
  double power = 0.0, square = 0.0;
  for (int r = 0; r < plane.rows; ++r) {
    for (int c = 0; c < plane.cols; ++c) {
      const double x = (c - plane.cols / 2) * pitch_m;
      power += std::norm(plane(r, c));
      square += x * x * std::norm(plane(r, c));
    }
  }
  return {power * pitch_m * pitch_m, 2.0 * std::sqrt(square / power)};
}

}  // namespace

// A01-A04, in units of λR/D; tolerances as tabulated (1e-3 and 2e-3 of independent quadratures).
TEST_CASE("tapered apertures have the tabulated spots", "[sim][optics][physics]") {
  const SpotShape airy = tapered_spot(0.0);
  CHECK(airy.fwhm_one_way == Approx(1.02899397).epsilon(1e-3));
  CHECK(airy.diameter_1e2_one_way == Approx(1.64492299).epsilon(1e-3));
  CHECK(airy.first_minimum_radius == Approx(1.219604329).epsilon(1e-3));
  CHECK(airy.first_sidelobe_db == Approx(-17.57015).epsilon(1e-3));
  struct Row {
    double taper_db, fwhm, diameter, two_way, minimum, lobe_db, taper, captured;
  };
  const Row rows[] = {{8.685889638, 1.131503024, 1.829191409, 0.8100038512, 1.42570998, -23.2045787,
                       0.9242343145, 0.8646647168},
                      {11.0, 1.162624601, 1.885742694, 0.8316185539, 1.497648014, -25.32090896,
                       0.8847908453, 0.9205671765},
                      {15.0, 1.219868031, 1.99031628, 0.8713381442, 1.646298731, -30.09683542,
                       0.808414146, 0.9683772234}};
  for (const Row& row : rows) {
    CAPTURE(row.taper_db);
    const SpotShape spot = tapered_spot(row.taper_db);
    CHECK(spot.fwhm_one_way == Approx(row.fwhm).epsilon(2e-3));
    CHECK(spot.diameter_1e2_one_way == Approx(row.diameter).epsilon(2e-3));
    CHECK(spot.fwhm_two_way == Approx(row.two_way).epsilon(2e-3));
    CHECK(spot.first_minimum_radius == Approx(row.minimum).epsilon(2e-3));
    CHECK(spot.first_sidelobe_db == Approx(row.lobe_db).epsilon(2e-3));
    CHECK(spot.taper_efficiency == Approx(row.taper).epsilon(2e-3));
    CHECK(spot.captured == Approx(row.captured).epsilon(2e-3));
  }
}

// A05-A07.
TEST_CASE("the reference aperture has its spot, focal shift, depth and irradiance",
          "[sim][optics][physics]") {
  const SpotShape spot = tapered_spot(11.0);
  const double unit_m = kWavelength_m * 6.0 / 0.65;
  CHECK(spot.fwhm_one_way * unit_m == Approx(0.009462789689).epsilon(5e-3));
  CHECK(spot.diameter_1e2_one_way * unit_m == Approx(0.01534836482).epsilon(5e-3));
  CHECK(spot.fwhm_two_way * unit_m == Approx(0.006768677929).epsilon(5e-3));
  CHECK(spot.first_minimum_radius * unit_m == Approx(0.01218959944).epsilon(5e-3));
  const AxialShape axis = tapered_axis(11.0, 0.65, 6.0, kWavelength_m);
  // The shift itself, 19.7 mm, is the figure: a tenth of it.
  CHECK(axis.peak_m == Approx(5.9803).margin(0.002));
  CHECK(axis.depth_one_way_m == Approx(0.5554).epsilon(5e-3));
  CHECK(axis.depth_two_way_m == Approx(0.3973).epsilon(5e-3));
  CHECK(axis.irradiance_per_w_m2 == Approx(9656.653055).epsilon(2e-3));
}

// G11: 2e-3; the energy to 1e-3.
TEST_CASE("the angular spectrum widens a Gaussian as the closed form says and keeps its energy",
          "[sim][optics][physics]") {
  const GaussianBeam beam(0.02, kWavelength_m);
  const ImageC start = gaussian_plane(beam, 0.0, 512, 0.004);
  const ImageC end = propagate(start, 0.004, kWavelength_m, 6.0);
  const Moments before = moments(start, 0.004), after = moments(end, 0.004);
  CHECK(after.power / before.power == Approx(1.0).epsilon(1e-3));
  CHECK(after.radius_m == Approx(0.08654290926).epsilon(2e-3));
  CHECK(after.radius_m == Approx(beam.radius_m(6.0)).epsilon(2e-3));
}

TEST_CASE("the angular spectrum carries a focus through its depth like the Gaussian beam",
          "[sim][optics][physics]") {
  const GaussianBeam beam(7.585e-3, kWavelength_m);
  const ImageC start = gaussian_plane(beam, 0.0, 128, 1e-3);
  for (const double z : {-0.25, 0.1, 0.25}) {
    CAPTURE(z);
    const ImageC end = propagate(start, 1e-3, kWavelength_m, z);
    const ImageC exact = gaussian_plane(beam, z, 128, 1e-3);
    double error = 0.0, power = 0.0;
    for (std::size_t i = 0; i < end.size(); ++i) {
      error += std::norm(end.data[i] - exact.data[i]);
      power += std::norm(exact.data[i]);
    }
    // The closed form is paraxial: k z θ⁴/8 of phase at the beam's edge (θ0 = 0.037) makes 4e-4.
    CHECK(std::sqrt(error / power) < 1e-3);
    // There and back again: float rounding alone.
    const ImageC back = propagate(end, 1e-3, kWavelength_m, -z);
    double miss = 0.0;
    for (std::size_t i = 0; i < back.size(); ++i) miss += std::norm(back.data[i] - start.data[i]);
    CHECK(std::sqrt(miss / power) < 1e-3);
  }
}

// P01, P02.
TEST_CASE("band limit and Fresnel pixel have their closed forms", "[sim][optics][physics]") {
  CHECK(angular_spectrum_band_limit_per_m(kWavelength_m, 6.0, 2.048) ==
        Approx(190.7973817).epsilon(1e-6));
  CHECK(angular_spectrum_pitch_m(kWavelength_m, 6.0, 2.048) ==
        Approx(0.002620581034).epsilon(1e-6));
  CHECK(fresnel_pixel_m(kWavelength_m, 6.0, 1024, 0.001) == Approx(0.005166460099).epsilon(1e-9));
}

TEST_CASE("propagation refuses grids that are not square", "[sim][optics]") {
  CHECK_THROWS_AS(propagate(ImageC(4, 5), 1e-3, kWavelength_m, 1.0), ContractError);
}
