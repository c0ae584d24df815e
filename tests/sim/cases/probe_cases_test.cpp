// Closed forms of the beam and of targets read off the probe: the same code path as faces. Each
// figure is computed here from its formula and held against the simulator's answer; the rows of
// docs/validation-cases.md name these cases.
#include <catch2/catch.hpp>
#include <cmath>

#include "support/test_scene.h"
#include "thz/core/constants.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;

namespace {

const double kWavelength_m = kSpeedOfLight / 340e9;

std::complex<double> amplitude(const Scene& scene, const Vec2& foot = {0.0, 0.0}) {
  return probe(scene.imager, scene.sampling, make_analytic_target(scene),
               {subject_pose(scene.subject)}, {scene.seed, 0}, foot, 0, 0)
      .coupling;
}

Scene point_at(double waist_m, const Vec3& place) {
  return scene_of(
      fmt::format("[imager]\nwaist_m = {}\n[subject]\nkind = 'point'\nposition_m = [{}, {}, {}]\n",
                  waist_m, place.x(), place.y(), place.z()));
}

double gaussian_radius_m(double waist_m, double z_m) {
  return waist_m * std::hypot(1.0, z_m * kWavelength_m / (kPi * waist_m * waist_m));
}

/// Beam radius behind the focus from two points there: |a|^2 falls as exp(-4 r^2 / w^2).
double probed_radius_m(double waist_m, double behind_m, double aside_m) {
  const double axis = std::norm(amplitude(point_at(waist_m, {0.0, 0.0, -behind_m})));
  const double off = std::norm(amplitude(point_at(waist_m, {aside_m, 0.0, -behind_m})));
  return 2.0 * aside_m / std::sqrt(std::log(axis / off));
}

}  // namespace

// G01, G02, G05.
TEST_CASE("two points tell the beam's radius at any depth", "[sim][cases][physics]") {
  const double waist = 7.585e-3, rayleigh = kPi * waist * waist / kWavelength_m;
  CHECK(rayleigh == Approx(0.2049836665).epsilon(1e-9));
  const double at_rayleigh = probed_radius_m(waist, rayleigh, 5e-3);
  CHECK(at_rayleigh == Approx(gaussian_radius_m(waist, rayleigh)).epsilon(1e-4));
  CHECK(at_rayleigh == Approx(0.01072680987).epsilon(1e-4));
  // 6 m behind the focus the beam about its pivot meets the point 0.1 m aside at 1/120 rad;
  // distance from the axis and along it differ from the point's own by (1/120)^2, 7e-5.
  const double far = probed_radius_m(waist, 6.0, 0.1);
  CHECK(far == Approx(gaussian_radius_m(waist, 6.0)).epsilon(3e-4));
  CHECK(far == Approx(0.2221472183).epsilon(3e-4));
  CHECK(far / 6.0 == Approx(kWavelength_m / (kPi * waist)).epsilon(1e-3));
  WARN("w(z_R) " << at_rayleigh << " m, w(6 m) " << far << " m");
}

// G11: the radius of a 20 mm waist after 6 m, and no power lost on the way.
TEST_CASE("a beam of 20 mm keeps its power over six metres", "[sim][cases][physics]") {
  const double waist = 0.02, radius = gaussian_radius_m(waist, 6.0);
  const double probed = probed_radius_m(waist, 6.0, 0.05);
  CHECK(probed == Approx(radius).epsilon(2e-4));
  CHECK(probed == Approx(0.08654290926).epsilon(2e-4));
  // One-way irradiance on the axis times w^2 is the power: |a| of a point goes as irradiance.
  const double near = std::abs(amplitude(point_at(waist, Vec3::Zero()))) * waist * waist;
  const double far = std::abs(amplitude(point_at(waist, {0.0, 0.0, -6.0}))) * probed * probed;
  CHECK(far / near == Approx(1.0).epsilon(1e-3));
  WARN("w(6 m) of a 20 mm waist " << probed << " m, power ratio " << far / near);
}

// R09: sigma = 4 pi A^2 / lambda^2, read through R05 in a beam much wider than the plate. What the
// beam's Gaussian takes at the plate's edge is an error function, divided out exactly.
TEST_CASE("a small plate has the cross section 4 pi A squared over lambda squared",
          "[sim][cases][physics]") {
  const double side = 0.01, waist = 0.1;
  const Scene scene = scene_of(
      "[imager]\nwaist_m = 0.1\n[subject]\nkind = 'plane'\nsize_m = [0.01, 0.01]\n"
      "[sampling]\nray_pitch_m = 0.1e-3\n");
  const double edge = side / (std::sqrt(2.0) * waist);
  const double share = std::erf(edge) * std::sqrt(kPi) / (2.0 * edge);
  const double sigma = std::norm(amplitude(scene)) * std::pow(kPi, 3) * std::pow(waist, 4) /
                       (kWavelength_m * kWavelength_m) / std::pow(share, 4);
  const double area = side * side;
  const double expected = 4.0 * kPi * area * area / (kWavelength_m * kWavelength_m);
  CHECK(expected == Approx(0.1616316075).epsilon(1e-9));
  // Cells at the border are cut at half of 0.1 mm: at most 25 um of 10 mm each way.
  CHECK(sigma == Approx(expected).epsilon(0.01));
  CHECK(plate_rcs_m2(area, kWavelength_m) == Approx(expected).epsilon(1e-12));
  // A trihedral needs three bounces, which the simulator does not do: its formula alone.
  CHECK(trihedral_rcs_m2(5e-3, kWavelength_m) ==
        Approx(4.0 * kPi * std::pow(5e-3, 4) / (3.0 * kWavelength_m * kWavelength_m)));
  CHECK(trihedral_rcs_m2(5e-3, kWavelength_m) == Approx(0.003367325157).epsilon(1e-6));
  WARN("plate of 10 mm: " << sigma << " m^2");
}

// F08: 2 v / lambda.
TEST_CASE("a point that comes nearer turns the phase by its Doppler shift",
          "[sim][cases][physics]") {
  // 1 m/s for 100 us; nearer is a shorter way, so the phase exp(-2jkr) advances.
  const double time_s = 1e-4;
  const auto still = amplitude(point_at(7.585e-3, Vec3::Zero()));
  const auto moved = amplitude(point_at(7.585e-3, {0.0, 0.0, time_s}));
  const double doppler_hz = std::arg(moved * std::conj(still)) / (2.0 * kPi * time_s);
  CHECK(2.0 / kWavelength_m == Approx(2268.235847).epsilon(1e-9));
  // The focus' phase anomaly, 2 z / z_R on the way there and back, takes 2 / (k z_R) = 7e-4 of it.
  const double rayleigh = kPi * 7.585e-3 * 7.585e-3 / kWavelength_m;
  const double anomaly_hz = 2.0 * std::atan(time_s / rayleigh) / (2.0 * kPi * time_s);
  CHECK(doppler_hz + anomaly_hz == Approx(2.0 / kWavelength_m).epsilon(1e-5));
  WARN("Doppler at 1 m/s: " << doppler_hz << " Hz, focal phase anomaly " << anomaly_hz << " Hz");
}
