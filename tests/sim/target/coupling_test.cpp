// Closed forms of a confocal TX = RX Gaussian mode, answered through a scene and the probe: the
// same code path as faces. Rows R01-R08; overlap integrals after Goldsmith, Quasioptical Systems
// (1998).
#include <catch2/catch.hpp>
#include <cmath>
#include <string>

#include "support/test_scene.h"
#include "thz/core/constants.h"
#include "thz/sim/frame.h"
#include "thz/sim/scene.h"

using namespace thz;
using namespace thz::sim;
using thz::test::scene_of;

namespace {

double coupling(const Scene& scene, const Vec2& foot = {0.0, 0.0}, uint64_t realisation = 0) {
  return std::norm(probe(scene.imager, scene.sampling, make_analytic_target(scene),
                         {subject_pose(scene.subject)}, {scene.seed, 0}, foot, realisation, 0)
                       .coupling);
}

}  // namespace

TEST_CASE("a plane mirror at and off the focus", "[sim][target][physics]") {
  CHECK(coupling(scene_of("[subject]\nkind = 'plane'")) == Approx(1.0).epsilon(1e-3));
  // R01: 1 / (1 + (z / zR)^2), on either side of the focus.
  for (const char* z : {"-0.1", "0.1"}) {
    CHECK(coupling(scene_of(std::string("[subject]\nkind = 'plane'\nposition_m = [0, 0, ") + z +
                            "]")) == Approx(0.8077599745).epsilon(1e-3));
  }
}

TEST_CASE("a tilted mirror", "[sim][target][physics]") {
  // R02: exp(-(k w0 alpha)^2), about either axis, either way.
  for (const char* tilt : {"1.0, 0.0", "-1.0, 0.0", "0.0, 1.0", "0.0, -1.0"}) {
    CHECK(coupling(scene_of(std::string("[subject]\nkind = 'plane'\ntilt_deg = [") + tilt + "]")) ==
          Approx(0.4106960936).epsilon(1e-3));
  }
}

TEST_CASE("convex sphere and ellipsoid", "[sim][target][physics]") {
  // R03: 1 / (1 + (zR / R)^2).
  CHECK(
      coupling(scene_of("[subject]\nkind = 'sphere'\nradius_m = 0.08\nposition_m = [0,0,-0.08]")) ==
      Approx(0.1321814176).epsilon(1e-3));
  // R04: radii 80 and 120 mm at the apex of an ellipsoid: R_x = a^2 / c, R_y = b^2 / c, c = 0.08.
  const double b = std::sqrt(0.12 * 0.08);
  CHECK(coupling(scene_of("[subject]\nkind = 'ellipsoid'\nsemi_axes_m = [0.08, " +
                          std::to_string(b) + ", 0.08]\nposition_m = [0,0,-0.08]")) ==
        Approx(0.1836777019).epsilon(1e-3));
}

TEST_CASE("points on axis, off axis and in depth", "[sim][target][physics]") {
  // R05, R07: lambda^2 sigma / (pi^3 w0^4) (w0/w)^4 exp(-4 r^2 / w^2).
  CHECK(coupling(scene_of("[subject]\nkind = 'point'\nrcs_m2 = 1e-4")) ==
        Approx(0.0007575505419).epsilon(1e-3));
  CHECK(
      coupling(scene_of("[subject]\nkind = 'point'\nrcs_m2 = 1e-4\nposition_m = [0.005,0,0.15]")) ==
      Approx(0.0001035866286).epsilon(3e-3));
}

TEST_CASE("the probe's offset and the point's are the same thing", "[sim][target][physics]") {
  const double aside = coupling(scene_of("[subject]\nkind = 'point'\nposition_m = [0.005,0,0]"));
  const double probed = coupling(scene_of("[subject]\nkind = 'point'"), {0.005, 0.0});
  CHECK(aside == Approx(probed).epsilon(1e-4));
  CHECK(aside < 0.9 * coupling(scene_of("[subject]\nkind = 'point'")));
}

TEST_CASE("a small metal sphere has the cross section pi a^2", "[sim][target][physics]") {
  // R06 at 2.5 mm: optical region to 0.5 dB (ka = 17.8). The ray grid is finer for so small a
  // thing.
  const Scene scene = scene_of(
      "[subject]\nkind = 'sphere'\nradius_m = 0.0025\nposition_m = [0,0,-0.0025]\n"
      "[sampling]\nray_pitch_m = 0.05e-3\ntaper_begin_deg = 40\ntaper_end_deg = 70");
  CHECK(10 * std::log10(coupling(scene)) == Approx(-38.27558497).margin(0.5));
}

TEST_CASE("Lambert plane: mean over realisations of the speckle", "[sim][target][statistics]") {
  // R08: rho (lambda / (pi w0))^2 = -48.635 dB. 1500 exponential draws: standard error 2.6 % =
  // 0.11 dB; the row's tolerance of 0.3 dB is 2.7 of them.
  const Scene scene =
      scene_of("[subject]\nkind = 'plane'\nsize_m = [0.05, 0.05]\nroughness = 'lambert'");
  double sum = 0.0, squares = 0.0;
  constexpr int n = 1500;
  for (int i = 1; i <= n; ++i) {
    const double p = coupling(scene, {0.0, 0.0}, static_cast<uint64_t>(i));
    sum += p;
    squares += p * p;
  }
  const double mean = sum / n;
  CHECK(10 * std::log10(mean) == Approx(-48.63527344).margin(0.3));
  // S01: fully developed speckle has contrast 1; its standard error over n draws is sqrt(2 / n).
  const double contrast = std::sqrt(squares / n - mean * mean) / mean;
  CHECK(contrast == Approx(1.0).margin(4.0 * std::sqrt(2.0 / n)));
}
