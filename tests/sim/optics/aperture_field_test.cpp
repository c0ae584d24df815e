#include "thz/sim/aperture_field.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "optics_support.h"
#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/sim/angular_spectrum.h"
#include "thz/sim/tapered_aperture.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;
using Complex = std::complex<double>;

namespace {

double strehl(const ApertureField& field, const Vec3& point) {
  Complex sum = 0.0;
  double total = 0.0;
  for (const ApertureRay& ray : field.rays) {
    const double path = ray.path_m + (point - ray.main).norm();
    sum += std::polar(ray.amplitude, -field.wavenumber_per_m * (path - field.chief.path_m));
    total += ray.amplitude;
  }
  return std::norm(sum / total);
}

double power_of(const ImageC& plane, double pitch_m) {
  double sum = 0.0;
  for (const auto& value : plane.data) sum += std::norm(value);
  return sum * pitch_m * pitch_m;
}

}  // namespace

// O11: Strehl within 0.03, shift within 0.04 m.
TEST_CASE("at the scan's edge field curvature costs the tabulated Strehl ratio",
          "[sim][optics][physics]") {
  const Gregorian optics(single_pivot());
  const ApertureField field = aperture_field(optics, kFrequency_hz, degrees(0.0, 16.7));
  const Aberration result = aberration(optics, field);
  CHECK(result.strehl_flat == Approx(0.8333317671).margin(0.03));
  CHECK(result.strehl_best == Approx(0.9880292689).margin(0.03));
  CHECK(result.best_shift_m == Approx(0.14).margin(0.04));
  CHECK(result.blur_rms_m == Approx(4.6e-3).epsilon(0.05));
}

// The published table of the design was made along the line from the main reflector's chief point
// through the landing point; the beam walks on the main reflector, so this is not the chief ray,
// along which the best focus is sharper than the table. Both are checked; two digits are given.
TEST_CASE("Strehl ratios over the field agree with an independent trace",
          "[sim][optics][physics]") {
  struct Row {
    double in_deg, out_deg, flat, best, shift_m;
  };
  const Row rows[] = {{16.7, 0, 0.856, 0.953, 0.12},
                      {-16.7, 0, 0.804, 0.920, 0.10},
                      {8.35, 8.35, 0.958, 0.997, 0.08},
                      {16.7, 16.7, 0.571, 0.772, 0.18},
                      {-16.7, 16.7, 0.460, 0.654, 0.14}};
  const Gregorian optics(single_pivot());
  for (const Row& row : rows) {
    CAPTURE(row.in_deg, row.out_deg);
    const ApertureField field =
        aperture_field(optics, kFrequency_hz, degrees(row.in_deg, row.out_deg));
    const Aberration result = aberration(optics, field);
    // The corners, at a Strehl of one half, are steeper: 0.05.
    CHECK(result.strehl_flat == Approx(row.flat).margin(0.05));
    const Vec3 line = (field.frame.origin - optics.main_chief_point()).normalized();
    CHECK(strehl(field, field.frame.origin + row.shift_m * line) == Approx(row.best).margin(0.03));
    CHECK(result.strehl_best > 0.985);
  }
}

// Every watt is somewhere: rims, blockage and rays; and the field at the focus carries what is
// left.
TEST_CASE("the power budget closes and the focal field carries the throughput",
          "[sim][optics][physics]") {
  const Gregorian optics(GregorianDesign{});
  for (const ScanAngles& scan : {degrees(0, 0), degrees(10, -16.0)}) {
    const ApertureField field = aperture_field(optics, kFrequency_hz, scan);
    const PowerBudget& b = field.budget;
    double rays = 0.0;
    for (const ApertureRay& ray : field.rays) rays += ray.power_w;
    CHECK(rays + b.cut_by_stop + b.past_second_galvo + b.past_sub + b.past_main + b.blocked ==
          Approx(1.0).epsilon(1e-6));
    CHECK(b.throughput == Approx(rays * b.surface_efficiency).epsilon(1e-6));
    // 0.19 m hold all but the Airy tail outside, some (λR/D)/(π² r) of it: half a percent.
    for (const double zeta : {0.0, 0.2}) {
      const ImageC plane = focal_plane(field, zeta, 192, 1e-3);
      CHECK(power_of(plane, 1e-3) == Approx(b.throughput).epsilon(6e-3));
      CHECK(power_of(plane, 1e-3) < b.throughput);
    }
  }
}

// A05-A07 through the real reflectors.
TEST_CASE("the beam on the axis is that of the truncated tapered aperture",
          "[sim][optics][physics]") {
  const Gregorian optics(single_pivot());
  const ApertureField field = aperture_field(optics, kFrequency_hz, {});
  const SpotShape spot = tapered_spot(11.0);
  const AxialShape axis = tapered_axis(11.0, 0.65, 6.0, kWavelength_m);
  CHECK(field.budget.cut_by_stop == Approx(1.0 - spot.captured).epsilon(1e-6));
  std::vector<Vec3> points = {field.frame.origin};
  const double radius_m = 0.5 * spot.fwhm_one_way * kWavelength_m * 6.0 / 0.65;
  points.push_back(field.frame.point(radius_m, 0.0, 0.0));
  points.push_back(field.frame.point(0.0, radius_m, 0.0));
  points.push_back(field.frame.point(0.0, 0.0, axis.peak_m - 6.0));
  points.push_back(field.frame.point(0.0, 0.0, axis.peak_m - 6.0 - 0.06));
  points.push_back(field.frame.point(0.0, 0.0, axis.peak_m - 6.0 + 0.06));
  const auto u = focal_field(field, points);
  const double peak = std::norm(u[0]) / field.budget.surface_efficiency;
  // The offset reflector stretches the pupil by some 2 % off its centre.
  CHECK(peak == Approx(axis.irradiance_per_w_m2).epsilon(2e-3));
  CHECK(std::norm(u[1]) / std::norm(u[0]) == Approx(0.5).epsilon(5e-3));
  CHECK(std::norm(u[2]) / std::norm(u[0]) == Approx(0.5).epsilon(5e-3));
  // The focal shift: higher there than at the focus and than 6 cm either side, by like amounts.
  CHECK(std::norm(u[3]) > std::norm(u[0]));
  CHECK(std::norm(u[4]) == Approx(std::norm(u[5])).epsilon(5e-3));
  CHECK(std::norm(u[4]) < std::norm(u[3]));
}

// Second method: the field of one plane, carried to another by the angular spectrum.
TEST_CASE("the angular spectrum carries the focal field to other depths",
          "[sim][optics][physics]") {
  const Gregorian optics(single_pivot());
  const ApertureField field = aperture_field(optics, kFrequency_hz, degrees(10.0, 10.0));
  const int size = 192;
  const ImageC start = focal_plane(field, 0.0, size, 1e-3);
  for (const double zeta : {-0.2, 0.2}) {
    CAPTURE(zeta);
    const ImageC direct = focal_plane(field, zeta, size, 1e-3);
    const ImageC carried = propagate(start, 1e-3, kWavelength_m, zeta);
    double error = 0.0, power = 0.0;
    for (int r = size / 4; r < 3 * size / 4; ++r) {
      for (int c = size / 4; c < 3 * size / 4; ++c) {
        error += std::norm(direct(r, c) - carried(r, c));
        power += std::norm(direct(r, c));
      }
    }
    // The start plane is cut at 96 mm, where sidelobes are some -50 dB: 0.3 % of the power lies
    // outside, little of which comes back.
    CHECK(10.0 * std::log10(error / power) < -38.0);
  }
}

TEST_CASE("the chief ray's axes are the world's for the beam on the axis", "[sim][optics]") {
  const Gregorian optics(single_pivot());
  const ApertureField field = aperture_field(optics, kFrequency_hz, {});
  CHECK((optics.world_from_optics(field.frame.point(0.1, 0.2, 0.3)) - Vec3(0.1, 0.2, -0.3)).norm() <
        1e-12);
}

TEST_CASE("refining the bundle does not move the focal field", "[sim][optics]") {
  const Gregorian optics(GregorianDesign{});
  const ScanAngles scan = degrees(-12.0, 14.0);
  PupilSampling fine;
  fine.rings = 64;
  fine.spokes = 192;
  const ImageC coarse_plane =
      focal_plane(aperture_field(optics, kFrequency_hz, scan), 0.1, 64, 1.5e-3);
  const ImageC fine_plane =
      focal_plane(aperture_field(optics, kFrequency_hz, scan, fine), 0.1, 64, 1.5e-3);
  double error = 0.0, power = 0.0;
  for (std::size_t i = 0; i < fine_plane.size(); ++i) {
    error += std::norm(coarse_plane.data[i] - fine_plane.data[i]);
    power += std::norm(fine_plane.data[i]);
  }
  CHECK(10.0 * std::log10(error / power) < -50.0);
}

TEST_CASE("a narrow main reflector and a wide neighbour cost power where they should",
          "[sim][optics]") {
  GregorianDesign design = single_pivot();
  design.stop_at_first_galvo = false;
  design.main_diameter_m = design.aperture_m;
  const Gregorian optics(design);
  const PowerBudget b = aperture_field(optics, kFrequency_hz, {}).budget;
  // Spill-over of an 11 dB taper moves from the stop to the rim of the main reflector. The map to
  // the ellipsoid is not quite a similarity: 2 % of radius are an eighth of what lies outside.
  CHECK(b.past_main == Approx(1.0 - 0.9205671765).epsilon(0.15));
  CHECK(b.cut_by_stop < 1e-3);
  design.second_galvo_size_m = Vec2(0.16, 0.16);
  // A round second mirror stands in the way of the beam at the near end of the scan.
  const Gregorian round(design);
  const ApertureField dark = aperture_field(round, kFrequency_hz, degrees(16.7, 0));
  CHECK(dark.budget.blocked > 0.9);
  CHECK_THROWS_WITH(aberration(round, dark), Catch::Contains("blocked"));
  CHECK_THROWS_AS(focal_plane(dark, 0.0, 4, 1e-3), InputError);
}
