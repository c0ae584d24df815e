// Co- and cross-polar reception: closed forms of a facet, power between the two, what is left out.
#include <catch2/catch.hpp>
#include <cmath>

#include "support/test_scene.h"
#include "support/z_test.h"
#include "thz/core/constants.h"
#include "thz/sim/layers.h"
#include "thz/sim/materials.h"
#include "thz/sim/radar_budget.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;

namespace {

ImageF power_of(const std::string& polarisation, const std::string& subject) {
  const Scene scene =
      scene_of("[imager]\nnoise = false\nframes = 1\nsamples_per_line = 64\npolarisation = '" +
               polarisation + "'\n" + subject);
  CaptureOptions options;
  return simulate_capture(scene.imager, scene.sampling, make_analytic_target(scene),
                          {subject_pose(scene.subject)}, {1, 2}, options)
      .power;
}

double total(const ImageF& power) {
  double sum = 0.0;
  for (const float p : power.data) sum += double{p};
  return sum;
}

/// Power, cell by cell some 7 mm apart, which speckle of 6.3 mm leaves nearly independent.
Draws draws_of(const ImageF& power) {
  Draws draws;
  for (const float p : power.data) draws.add(double{p});
  return draws;
}

const std::string kLambert =
    "[subject]\nkind = 'plane'\nsize_m = [0.5, 0.5]\nroughness = 'lambert'\n";

}  // namespace

TEST_CASE("a facet turns the polarisation by half the difference of s and p",
          "[sim][materials][physics]") {
  // Fresnel in the frame of the plane of incidence: E at angle psi to it has the parts cos psi (p)
  // and sin psi (s); what returns across E is (r_p - r_s)/2 sin 2 psi.
  const double f = 340e9;
  const Stack skin = named_material("skin", f);
  const ReflectionTable table(skin, f);
  for (const double degrees : {0.0, 10.0, 30.0, 45.0, 60.0}) {
    const double c = std::cos(deg_to_rad(degrees));
    const StackResponse r = stack_response(skin, c, f);
    const CoPolar facet = table.reflection(static_cast<float>(c));
    for (const double psi : {0.0, 0.3, kPi / 4.0, 1.2}) {
      const std::complex<double> p = r.r_p * std::cos(psi), s = r.r_s * std::sin(psi);
      const auto along = p * std::cos(psi) + s * std::sin(psi);
      const auto across = p * std::sin(psi) - s * std::cos(psi);
      CAPTURE(degrees, psi);
      // The table's own bound is 1e-4 of amplitude.
      CHECK(std::abs(std::complex<double>(facet.co(static_cast<float>(psi))) - along) < 2e-4);
      CHECK(std::abs(std::complex<double>(facet.cross(static_cast<float>(psi))) - across) < 2e-4);
      CHECK(std::norm(along) + std::norm(across) ==
            Approx(r.reflected_p * std::cos(psi) * std::cos(psi) +
                   r.reflected_s * std::sin(psi) * std::sin(psi)));
      if (degrees == 0.0) CHECK(std::abs(across) < 1e-12);
    }
  }
}

TEST_CASE("what slanting facets return across is far below what rough ones do",
          "[sim][materials][physics]") {
  // A coherent return comes from facets within the beam's half angle of 2.1 degrees.
  const double f = 340e9;
  const double c = std::cos(deg_to_rad(2.12));
  for (const char* material : {"skin", "skin-layered", "cornea"}) {
    const StackResponse r = stack_response(named_material(material, f), c, f);
    const double ratio = std::norm(0.5 * (r.r_s - r.r_p)) / std::norm(0.5 * (r.r_s + r.r_p));
    CAPTURE(material, db_from_ratio(ratio));
    CHECK(db_from_ratio(ratio) < -60.0);
  }
}

TEST_CASE("smooth single bounces return nothing across", "[sim][target][physics]") {
  for (const char* subject :
       {"[subject]\nkind = 'sphere'\nposition_m = [0.0, 0.0, -0.08]\n",
        "[subject]\nkind = 'sphere'\nposition_m = [0.0, 0.0, -0.08]\nmaterial = 'skin'\nroughness "
        "= 'off'\n",
        "[subject]\nkind = 'point'\n"}) {
    CHECK(total(power_of("co", subject)) > 0.0);
    CHECK(total(power_of("cross", subject)) == 0.0);
  }
}

TEST_CASE("diffuse power divides between the polarisations as it is told",
          "[sim][target][statistics]") {
  const ImageF co = power_of("co", kLambert);
  const Draws along = draws_of(co);
  for (const double ratio_db : {-10.0, 0.0}) {
    const ImageF cross =
        power_of("cross", "depolarisation_db = " + std::to_string(ratio_db) + "\n" + kLambert);
    const double ratio = ratio_from_db(ratio_db);
    const Draws across = draws_of(cross);
    // Together they carry (1 + chi) times the co-polar power that the models of roughness give.
    CAPTURE(ratio_db, across.mean() / along.mean());
    CHECK(std::abs(across.mean() - ratio * along.mean()) <
          z_limit(4) * std::sqrt((across.variance() + ratio * ratio * along.variance()) /
                                 static_cast<double>(along.count)));
    // Its speckle is its own: powers are not correlated.
    Draws product;
    for (std::size_t i = 0; i < co.size(); ++i) {
      product.add((double{co.data[i]} / along.mean() - 1.0) *
                  (double{cross.data[i]} / across.mean() - 1.0));
    }
    CHECK(std::abs(product.z(0.0)) < z_limit(4));
  }
}

TEST_CASE("the crossed channel of skin is its diffuse part", "[sim][target]") {
  const std::string skin =
      "[subject]\nkind = 'sphere'\nposition_m = [0.0, 0.0, -0.08]\nmaterial = 'skin'\n";
  const ImageF co = power_of("co", skin), cross = power_of("cross", skin);
  const auto glint =
      static_cast<std::size_t>(std::max_element(co.data.begin(), co.data.end()) - co.data.begin());
  // The glint of the co-polar image is gone; Kirchhoff's and Lambert's parts stay 10 dB lower.
  CHECK(cross.data[glint] < 0.05f * co.data[glint]);
  CHECK(total(cross) > 0.0);
}
