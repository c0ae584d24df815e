#include "thz/sim/beam_summary.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>

#include "optics_support.h"
#include "thz/core/constants.h"
#include "thz/core/error.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;

// A05, A06 through rays and reflectors. The cuts are sampled at 0.25 and 4 mm, and the offset
// reflectors stretch the pupil by some 2 % at its rim in one plane: 1 % of the widths.
TEST_CASE("the beam's summary has the tabulated spot, focal shift and depth of focus",
          "[sim][optics][physics]") {
  const Gregorian optics(single_pivot());
  const BeamFigures beam = beam_figures(optics, kFrequency_hz, Vec2::Zero());
  for (const SpotFigures& spot : {beam.x, beam.y}) {
    CHECK(spot.peak_at_m == Approx(0.0).margin(0.3e-3));
    CHECK(spot.fwhm_one_way_m == Approx(0.009462789689).epsilon(0.01));
    CHECK(spot.diameter_1e2_one_way_m == Approx(0.01534836482).epsilon(0.01));
    CHECK(spot.fwhm_two_way_m == Approx(0.006768677929).epsilon(0.01));
    CHECK(spot.sidelobe_one_way_db == Approx(-25.32).margin(0.5));
  }
  CHECK(beam.focal_shift_m == Approx(-0.0197).margin(0.003));
  CHECK(beam.depth_one_way_m == Approx(0.5554).epsilon(0.01));
  CHECK(beam.depth_two_way_m == Approx(0.3973).epsilon(0.01));
  CHECK(beam.peak_irradiance_per_m2 / beam.budget.surface_efficiency ==
        Approx(9656.653055).epsilon(0.005));
  CHECK(beam.beam_walk_m < 1e-9);
}

TEST_CASE("figures of a cut are those of the curve it samples", "[sim][optics]") {
  // A Gaussian of 1/e² radius 4 mm at 1 mm with a lobe 20 dB down at 12 mm.
  BeamCut cut{-0.03, 1e-4, {}};
  for (int i = 0; i <= 600; ++i) {
    const double x = cut.first_m + 1e-4 * i;
    const auto bump = [&](double at, double w) {
      return std::exp(-2.0 * std::pow((x - at) / w, 2));
    };
    cut.irradiance.push_back(bump(1e-3, 4e-3) + 0.01 * bump(12e-3, 1e-3));
  }
  const SpotFigures spot = spot_figures(cut);
  CHECK(spot.peak_at_m == Approx(1e-3).margin(1e-9));
  CHECK(spot.fwhm_one_way_m == Approx(4e-3 * std::sqrt(2.0 * std::log(2.0))).epsilon(1e-3));
  CHECK(spot.diameter_1e2_one_way_m == Approx(8e-3).epsilon(1e-3));
  CHECK(spot.fwhm_two_way_m == Approx(4e-3 * std::sqrt(std::log(2.0))).epsilon(1e-3));
  CHECK(spot.diameter_1e2_two_way_m == Approx(8e-3 / std::sqrt(2.0)).epsilon(1e-3));
  CHECK(spot.sidelobe_one_way_db == Approx(-20.0).margin(0.01));
  CHECK_THROWS_AS(spot_figures(BeamCut{}), ContractError);
}

TEST_CASE("the summary maps the field from the top left", "[sim][optics]") {
  const Gregorian optics(GregorianDesign{});
  const CancelToken cancel;
  std::size_t calls = 0;
  const BeamSummary summary = summarise_beam(
      optics, kFrequency_hz, {0.45, 0.45}, 2, 2, 0, [&](std::size_t, std::size_t) { ++calls; },
      cancel);
  REQUIRE(summary.field.size() == 4);
  CHECK(calls == 4);
  CHECK(summary.field[0].landing_m.x() == Approx(-0.225));
  CHECK(summary.field[0].landing_m.y() == Approx(0.225));
  // Symmetric about the plane y = 0, worse than the centre.
  CHECK(summary.field[0].peak_irradiance_per_m2 ==
        Approx(summary.field[2].peak_irradiance_per_m2).epsilon(1e-3));
  CHECK(summary.field[0].peak_irradiance_per_m2 < summary.centre.peak_irradiance_per_m2);
  CHECK(summary.field[1].focal_shift_m > 0.05);
  CancelToken stop;
  stop.request();
  CHECK_THROWS_AS(summarise_beam(optics, kFrequency_hz, {0.45, 0.45}, 2, 2, 0, {}, stop),
                  Cancelled);
}

// Hidden: "[.bench]". The map of docs/theory/optics.md.
TEST_CASE("figures over the field of the reference design", "[.bench]") {
  for (const double separation : {0.0, 0.1}) {
    GregorianDesign design;
    design.galvo_separation_m = separation;
    const Gregorian optics(design);
    for (const Vec2& at : {Vec2(0, 0), Vec2(0.225, 0), Vec2(-0.225, 0), Vec2(0, 0.225),
                           Vec2(0.225, 0.225), Vec2(-0.225, 0.225)}) {
      const BeamFigures b = beam_figures(optics, kFrequency_hz, at);
      std::printf(
          "e %.1f (%+.3f, %+.3f) m, angles (%+.2f, %+.2f) deg: 1/e2 %.2f x %.2f mm, two-way fwhm "
          "%.2f x %.2f mm, lobe %.1f dB, shift %+.0f mm, depth %.0f/%.0f mm, Strehl %.3f/%.3f, "
          "blur %.1f mm, walk %.0f mm, spill %.3f/%.3f/%.3f/%.3f, blocked %.3f, throughput %.3f\n",
          separation, at.x(), at.y(), rad_to_deg(b.scan.in_plane_rad),
          rad_to_deg(b.scan.out_of_plane_rad), b.x.diameter_1e2_one_way_m * 1e3,
          b.y.diameter_1e2_one_way_m * 1e3, b.x.fwhm_two_way_m * 1e3, b.y.fwhm_two_way_m * 1e3,
          std::max(b.x.sidelobe_one_way_db, b.y.sidelobe_one_way_db), b.focal_shift_m * 1e3,
          b.depth_one_way_m * 1e3, b.depth_two_way_m * 1e3, b.aberration.strehl_flat,
          b.aberration.strehl_best, b.aberration.blur_rms_m * 1e3, b.beam_walk_m * 1e3,
          b.budget.cut_by_stop, b.budget.past_second_galvo, b.budget.past_sub, b.budget.past_main,
          b.budget.blocked, b.budget.throughput);
    }
  }
}
