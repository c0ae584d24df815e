// What the instrument's budget takes for granted, derived: the feed's taper and the mirrors'
// roughness off the ray bundle of a scene, the horn's coupling, exposure, and the air.
#include <catch2/catch.hpp>
#include <cmath>

#include "sim/cases/air.h"
#include "support/test_scene.h"
#include "thz/core/constants.h"
#include "thz/sim/aperture_field.h"
#include "thz/sim/gaussian_beam.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;

namespace {

ApertureField bundle_of(const std::string& optics) {
  const Scene scene = scene_of("[optics]\ngalvo_separation_m = 0.0\n" + optics);
  return aperture_field(Gregorian(scene.imager.design), 340e9, {});
}

/// Overlap of a rectangular TE10 aperture of sides 1 x 1 with a Gaussian of radii wx, wy: one axis.
double overlap_of(double radius, bool cosine) {
  constexpr int n = 2000;
  double cross = 0.0, mode = 0.0;
  for (int i = 0; i < n; ++i) {
    const double x = (i + 0.5) / n - 0.5;
    const double e = cosine ? std::cos(kPi * x) : 1.0;
    cross += e * std::exp(-x * x / (radius * radius)) / n;
    mode += e * e / n;
  }
  const double gauss = radius * std::sqrt(kPi / 2.0);  // over the whole line
  return cross * cross / (mode * gauss);
}

template <typename Function>
double argument_of_maximum(double low, double high, Function&& f) {
  for (int i = 0; i < 100; ++i) {
    const double a = low + 0.382 * (high - low), b = low + 0.618 * (high - low);
    (f(a) < f(b) ? low : high) = f(a) < f(b) ? a : b;
  }
  return 0.5 * (low + high);
}

}  // namespace

// G10: D^2 / (2w)^2 20 lg e; what passes the stop tells the feed's radius there.
TEST_CASE("the feed that the stop cuts has the taper of its scene", "[sim][cases][physics]") {
  const double cut = bundle_of("edge_taper_db = 11.0\n").budget.cut_by_stop;
  // Power outside a circle of diameter D: exp(-2 (D / 2w)^2).
  const double radius = 0.65 / 2.0 * std::sqrt(-2.0 / std::log(cut));
  CHECK(20.0 * std::log10(std::exp(1.0)) * std::pow(0.65 / (2.0 * radius), 2) ==
        Approx(11.0).epsilon(1e-6));
  CHECK(radius == Approx(0.2887979937).epsilon(1e-6));
  WARN("feed of " << radius << " m on the aperture, " << cut << " cut");
}

// A08: exp(-(4 pi eps cos theta / lambda)^2) on the main reflector alone, at 14 degrees.
TEST_CASE("a scene with a rough main reflector loses what Ruze says", "[sim][cases][physics]") {
  const std::string smooth = "galvo_rms_m = 0.0\nsub_rms_m = 0.0\nmirror_loss_db = 0.0\n";
  const double rough = bundle_of(smooth + "main_rms_m = 20e-6\n").budget.surface_efficiency;
  CHECK(bundle_of(smooth + "main_rms_m = 0.0\n").budget.surface_efficiency == 1.0);
  const double cosine = std::cos(deg_to_rad(14.0));
  const double wavelength = kSpeedOfLight / 340e9;
  const double normal = std::exp(-std::pow(4.0 * kPi * 20e-6 / wavelength, 2));
  CHECK(normal == Approx(0.9219678671).epsilon(1e-9));
  CHECK(std::pow(rough, 1.0 / (cosine * cosine)) == Approx(normal).epsilon(1e-6));
  WARN("20 um at 14 degrees: " << rough << ", at normal incidence "
                               << std::pow(rough, 1.0 / (cosine * cosine)));
}

// H01, H02: TE10 aperture against the Gaussian that fits it best; the budget's horn is H01's.
TEST_CASE("the budget's horn loss is the coupling of TE10 to its best Gaussian",
          "[sim][cases][physics]") {
  const double wx = argument_of_maximum(0.2, 0.8, [](double w) { return overlap_of(w, true); });
  const double wy = argument_of_maximum(0.2, 0.8, [](double w) { return overlap_of(w, false); });
  const double eta = overlap_of(wx, true) * overlap_of(wy, false);
  CHECK(wx == Approx(0.3516237454).epsilon(0.002));
  CHECK(wy == Approx(0.5050827683).epsilon(0.002));
  CHECK(eta == Approx(0.8806105268).epsilon(0.002));
  const auto round = [](double w) { return overlap_of(w, true) * overlap_of(w, false); };
  const double w = argument_of_maximum(0.2, 0.8, round);
  CHECK(w == Approx(0.4315956459).epsilon(0.002));
  CHECK(round(w) == Approx(0.8430247922).epsilon(0.002));
  CHECK(RadarOptions().losses.horn_db == Approx(-10.0 * std::log10(eta)).margin(0.001));
  WARN("TE10: " << wx << ", " << wy << ", coupling " << eta << "; square " << w << ", "
                << round(w));
}

// T01-T07: ITU-R P.676-12 line by line; the budget's air is its two-way loss over 12 m, halved.
TEST_CASE("the budget's loss by air is that of the standard", "[sim][cases][physics]") {
  struct Row {
    double frequency_ghz, oxygen, water;
  };
  const Air standard{1013.25, 288.15, 7.5};
  for (const Row& row :
       {Row{325.0, 0.030098959, 37.86211053}, Row{335.0, 0.032184165, 10.21178984},
        Row{340.0, 0.033403146, 9.228130801}, Row{345.0, 0.034859115, 9.385170648}}) {
    const Attenuation a = attenuation(standard, row.frequency_ghz);
    CAPTURE(row.frequency_ghz);
    CHECK(a.oxygen_db_km == Approx(row.oxygen).epsilon(2e-4));
    CHECK(a.water_db_km == Approx(row.water).epsilon(2e-4));
    WARN(row.frequency_ghz << " GHz: " << a.oxygen_db_km << " + " << a.water_db_km << " dB/km");
  }
  const double indoor = attenuation({1013.25, 296.15, 10.0}, 340.0).total_db_km();
  CHECK(indoor == Approx(11.81738844).epsilon(2e-4));
  CHECK(indoor * 0.012 == Approx(0.1418086612).epsilon(2e-4));
  const double two_way_db = attenuation(standard, 340.0).total_db_km() * 0.012;
  CHECK(two_way_db == Approx(0.1111384074).epsilon(2e-4));
  CHECK(RadarOptions().losses.atmosphere_db == Approx(0.5 * two_way_db).margin(0.001));
  // The optical path is longer by 3.8 mm than in vacuum, a quarter of a range cell and the same for
  // everything in sight: the range axis is calibrated to the focus, and may leave it out.
  const double refractivity = refractivity_n(standard);
  CHECK(refractivity == Approx(317.7047113).epsilon(1e-6));
  CHECK(refractivity * 1e-6 * 12.0 == Approx(0.003812456535).epsilon(1e-6));
  CHECK(refractivity * 1e-6 * 12.0 < 0.3 * Chirp().range_cell_m());
  WARN("indoor " << indoor << " dB/km, standard two-way " << two_way_db << " dB, N "
                 << refractivity);
}

// X01, X02: limits of ICNIRP 2020 at 300 GHz, and the still beam averaged over 4 cm^2.
TEST_CASE("the still beam stays below the limit for the public", "[sim][cases][physics]") {
  const double limit = 55.0 * std::pow(300.0, -0.177);
  CHECK(limit == Approx(20.04066957).epsilon(1e-6));
  CHECK(5.0 * limit == Approx(100.2033478).epsilon(1e-6));
  const GaussianBeam beam(7.585e-3, kSpeedOfLight / 340e9);
  constexpr int n = 400;
  double share = 0.0;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      const double x = 0.02 * ((i + 0.5) / n - 0.5), y = 0.02 * ((j + 0.5) / n - 0.5);
      share += std::norm(beam.field(std::hypot(x, y), 0.0)) * 0.02 * 0.02 / (n * n);
    }
  }
  const double power_w = 20.0 * kPi * 7.585e-3 * 7.585e-3 / 2.0;  // G08: 20 W/m^2 in the middle
  const double mean = power_w * share / 4e-4;
  const double expected = power_w * std::pow(std::erf(std::sqrt(2.0) * 0.01 / 7.585e-3), 2) / 4e-4;
  CHECK(expected == Approx(4.443249369).epsilon(1e-6));
  CHECK(mean == Approx(expected).epsilon(1e-4));
  CHECK(power_at_target_w(RadarOptions()) == Approx(power_w).epsilon(1e-3));
  CHECK(mean < limit);
  WARN("4 cm^2 mean " << mean << " W/m^2, limit " << limit);
}
