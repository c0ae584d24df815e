#include "thz/sim/gregorian.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "optics_support.h"
#include "thz/core/constants.h"
#include "thz/core/error.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;

// O01, O02: closed forms, ten digits given.
TEST_CASE("the reference design has its derived constants", "[sim][optics][physics]") {
  const Gregorian optics(single_pivot());
  CHECK(rad_to_deg(optics.sub_incidence_rad()) == Approx(-17.31016778).epsilon(1e-6));
  CHECK(optics.semi_major_m() == Approx(3.75).epsilon(1e-9));
  CHECK(optics.focal_distance_m() == Approx(4.728312947).epsilon(1e-6));
  CHECK(optics.eccentricity() == Approx(0.6304417263).epsilon(1e-6));
  CHECK(optics.semi_minor_m() == Approx(2.910887179).epsilon(1e-6));
  CHECK(optics.main_focal_length_m() == Approx(1.2).epsilon(1e-9));
  CHECK(optics.expansion() == Approx(8.0).epsilon(1e-12));
  CHECK(optics.galvo_distance_m() == Approx(0.2109375).epsilon(1e-9));
}

// O03-O10: within 10 micrometres.
TEST_CASE("chief rays land where an independent trace says", "[sim][optics][physics]") {
  struct Case {
    double in_deg, out_deg, x_m, y_m;
  };
  const Case cases[] = {{0, 0, 0, 0},
                        {5, 0, -0.06757562748, 0},
                        {-5, 0, 0.06358671347, 0},
                        {0, 5, -0.002002624099, 0.06554365169},
                        {10, 10, -0.147308167, 0.1328115024},
                        {16.7, 0, -0.2448463288, 0},
                        {-16.7, 0, 0.2021631382, 0},
                        {0, 16.7, -0.02234224183, 0.222082419}};
  const Gregorian optics(single_pivot());
  for (const Case& c : cases) {
    CAPTURE(c.in_deg, c.out_deg);
    const auto ray = optics.trace(degrees(c.in_deg, c.out_deg), Vec2::Zero());
    REQUIRE(ray);
    const Vec2 landing = optics.landing_m(*ray);
    CHECK(landing.x() == Approx(c.x_m).margin(1e-5));
    CHECK(landing.y() == Approx(c.y_m).margin(1e-5));
    const ScanAngles back = optics.aim(landing);
    CHECK(back.in_plane_rad == Approx(deg_to_rad(c.in_deg)).margin(1e-7));
    CHECK(back.out_of_plane_rad == Approx(deg_to_rad(c.out_deg)).margin(1e-7));
  }
}

// Confocal conics: every path from the feed's plane to F2 has the same length, to rounding.
TEST_CASE("on the axis every ray meets the second focus after the same path",
          "[sim][optics][physics]") {
  const Gregorian optics(single_pivot());
  const double chief_path = optics.galvo_distance_m() + 0.1875 + 1.5 + 6.0;
  for (const Vec2& pupil :
       {Vec2(0, 0), Vec2(0.04, 0), Vec2(-0.04, 0), Vec2(0.02, 0.03), Vec2(0.0, -0.0406)}) {
    const auto ray = optics.trace({}, pupil);
    REQUIRE(ray);
    CHECK(optics.landing_m(*ray).norm() < 1e-12);
    CHECK(ray->path_m + (optics.second_focus() - ray->main).norm() ==
          Approx(chief_path).margin(1e-12));
    // Both points lie on their conics.
    CHECK(optics.feed_axis().dot(ray->sub) + ray->sub.norm() ==
          Approx(optics.feed_axis().dot(optics.sub_chief_point()) + 0.1875).margin(1e-13));
    CHECK(ray->main.norm() + (ray->main - optics.second_focus()).norm() ==
          Approx(7.5).margin(1e-13));
  }
}

// |Δx| = R tan β / M, expansion M, and no walk on the main reflector for a small tilt.
TEST_CASE("small tilts follow the paraxial relations", "[sim][optics][physics]") {
  const Gregorian optics(single_pivot());
  const double beta = 1e-4;
  for (const ScanAngles& scan : {ScanAngles{beta, 0.0}, ScanAngles{0.0, beta}}) {
    const auto ray = optics.trace(scan, Vec2::Zero());
    REQUIRE(ray);
    // Third-order terms at 1e-4 rad are far below a permille.
    CHECK(optics.landing_m(*ray).norm() == Approx(6.0 * std::tan(beta) / 8.0).epsilon(1e-3));
    CHECK((ray->main - optics.main_chief_point()).norm() < 2e-6);
  }
  const auto edge = optics.trace({}, Vec2(0.0, 1e-4));
  REQUIRE(edge);
  CHECK((edge->main - optics.main_chief_point()).norm() == Approx(8e-4).epsilon(1e-3));
}

// The foci of a thin pencil in and out of plane of a slightly scanned beam: their distance has a
// term linear in the scan angle (astigmatism) that the tilt of the sub-reflector cancels.
TEST_CASE("the zero-astigmatism tilt cancels linear astigmatism", "[sim][optics][physics]") {
  const auto astigmatism = [](const GregorianDesign& design) {
    const Gregorian optics(design);
    const auto slope = [&](double beta) {
      const double h = 1e-4;
      const auto error = [&](const Vec2& pupil) {
        const ScanAngles scan{beta, 0.0};
        const auto chief = optics.trace(scan, Vec2::Zero());
        const auto ray = optics.trace(scan, pupil);
        const Vec3 focus = optics.landing_point(*chief);
        return ray->path_m + (focus - ray->main).norm();
      };
      const double in = error({h, 0}) + error({-h, 0});
      const double out = error({0, h}) + error({0, -h});
      return (in - out) / (h * h);
    };
    const double beta = 0.02;
    return (slope(beta) - slope(-beta)) / (2.0 * beta);
  };
  GregorianDesign design = single_pivot();
  const double none = std::abs(astigmatism(design));
  design.sub_incidence_rad = 0.0;
  CHECK(none < 0.02 * std::abs(astigmatism(design)));
  design.sub_incidence_rad = -astigmatism_free_incidence_rad(1.5, 6.0, deg_to_rad(14.0));
  CHECK(none < 0.01 * std::abs(astigmatism(design)));
}

TEST_CASE("two pivots differ from one only where the first mirror tilts",
          "[sim][optics][physics]") {
  GregorianDesign design = single_pivot();
  const Gregorian one(design);
  design.galvo_separation_m = 0.1;
  const Gregorian two(design);
  const auto landing = [](const Gregorian& optics, const ScanAngles& scan) {
    return optics.landing_m(*optics.trace(scan, Vec2::Zero()));
  };
  CHECK((landing(one, degrees(10, 0)) - landing(two, degrees(10, 0))).norm() < 1e-12);
  CHECK((landing(one, degrees(0, 10)) - landing(two, degrees(0, 10))).norm() > 1e-4);
  // The beam leaves the second pivot by e tan β.
  const auto ray = two.trace(degrees(0, 10), Vec2::Zero());
  CHECK((ray->second_galvo - two.second_pivot()).norm() ==
        Approx(0.1 * std::tan(deg_to_rad(10.0))).epsilon(1e-9));
}

TEST_CASE("a shifted sub-reflector or tilted feed moves the spot by the paraxial amount",
          "[sim][optics][physics]") {
  GregorianDesign design = single_pivot();
  const double shift = 1e-5;
  design.misalignment.sub_shift_m = Vec3(0.0, 0.0, shift);
  const Gregorian shifted(design);
  // F1 moves with the sub-reflector, its image by r2/r1 the other way.
  const Vec2 spot = shifted.landing_m(*shifted.trace({}, Vec2::Zero()));
  CHECK(spot.y() == Approx(-4.0 * shift).epsilon(2e-3));
  design = single_pivot();
  design.misalignment.feed_tilt_rad = Vec2(0.0, 1e-5);
  const Gregorian tilted(design);
  const Vec2 moved = tilted.landing_m(*tilted.trace({}, Vec2::Zero()));
  CHECK(moved.norm() == Approx(6.0e-5 / 8.0).epsilon(2e-3));
}

TEST_CASE("world coordinates have the focus at the origin and +z towards the imager",
          "[sim][optics]") {
  const Gregorian optics(single_pivot());
  CHECK(optics.world_from_optics(optics.second_focus()).norm() < 1e-15);
  const Vec3 p = optics.world_from_optics(optics.main_chief_point());
  CHECK((p - Vec3(0.0, 0.0, 6.0)).norm() < 1e-12);
  const Vec3 any(0.1, -0.2, 0.3);
  CHECK((optics.world_from_optics(optics.optics_from_world(any)) - any).norm() < 1e-12);
  // A rotation, no mirror image.
  Mat3 axes;
  for (int i = 0; i < 3; ++i) {
    axes.col(i) = optics.world_from_optics(optics.second_focus() + Vec3::Unit(i));
  }
  CHECK(axes.determinant() == Approx(1.0).epsilon(1e-12));
}

// A08.
TEST_CASE("surface errors cost what Ruze says", "[sim][optics][physics]") {
  CHECK(ruze_efficiency(2e-5, 1.0, kSpeedOfLight / 340e9) == Approx(0.9219678671).epsilon(1e-6));
}

TEST_CASE("impossible designs are refused with the parameter's name", "[sim][optics]") {
  GregorianDesign design;
  design.sub_focal_m = 2.0;
  CHECK_THROWS_WITH(Gregorian(design), Catch::Contains("sub_focal_m"));
  design = {};
  design.edge_taper_db = -1.0;
  CHECK_THROWS_AS(Gregorian(design), InputError);
  design = {};
  design.main_incidence_rad = deg_to_rad(3.0);
  CHECK_THROWS_WITH(Gregorian(design), Catch::Contains("first focus"));
  CHECK_THROWS_AS(Gregorian(GregorianDesign{}).aim({5.0, 0.0}), InputError);
}
