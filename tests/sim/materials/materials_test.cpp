#include "thz/sim/materials.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "sim/materials/frequency.h"
#include "thz/core/constants.h"
#include "thz/core/error.h"

using namespace thz;
using namespace thz::sim;
using thz::test::kFrequency_hz;
using Complex = std::complex<double>;

namespace {

double normal_reflectivity(Complex permittivity) {
  return stack_response(half_space(permittivity), 1.0, kFrequency_hz).reflected_s;
}

// Tabulated to 10 digits; the tolerance leaves room for other rounding of the constants.
constexpr double kTabulated = 1e-4;

void check_permittivity(Complex eps, double real, double minus_imaginary, double reflectivity) {
  CHECK(eps.real() == Approx(real).epsilon(kTabulated));
  CHECK(-eps.imag() == Approx(minus_imaginary).epsilon(kTabulated));
  CHECK(normal_reflectivity(eps) == Approx(reflectivity).epsilon(kTabulated));
}

}  // namespace

// M01: parameters attributed to Pickwell et al. 2004, set A.
TEST_CASE("skin set A has its permittivity, index and absorption at 340 GHz",
          "[sim][materials][physics]") {
  const Complex eps = debye_permittivity(kSkinSetA, kFrequency_hz);
  check_permittivity(eps, 3.630692486, 2.851108283, 0.1606861099);
  const Complex n = refractive_index(eps);
  CHECK(n.real() == Approx(2.030646311).epsilon(kTabulated));
  CHECK(-n.imag() == Approx(0.7020199104).epsilon(kTabulated));
  CHECK(absorption_per_m(eps, kFrequency_hz) == Approx(100.0500955e2).epsilon(kTabulated));
}

// M02: Kindt & Schmuttenmaer 1996. M03, M04: ITU-R P.840. Set B: Pickwell et al. 2004.
TEST_CASE("water and the second skin set have their permittivity at 340 GHz",
          "[sim][materials][physics]") {
  check_permittivity(debye_permittivity(kWaterKindtSchmuttenmaer, kFrequency_hz), 4.97942795,
                     4.643781376, 0.2331920237);
  check_permittivity(water_permittivity(kFrequency_hz, 293.15), 5.183441849, 4.46164414,
                     0.2303723728);
  check_permittivity(water_permittivity(kFrequency_hz, 305.15), 5.215336625, 5.236509195,
                     0.2512313713);
  const Complex set_b = debye_permittivity(kSkinSetB, kFrequency_hz);
  CHECK(set_b.real() == Approx(3.6573).margin(1e-4));
  CHECK(-set_b.imag() == Approx(2.9033).margin(1e-4));
}

TEST_CASE("a Debye medium has its static and infinite limits", "[sim][materials][physics]") {
  // 1e3 Hz against relaxation at 16 GHz: ω τ1 = 6e-8. 1e19 Hz: 1/(ω τ2) = 8e-8.
  CHECK(debye_permittivity(kSkinSetA, 1e3).real() == Approx(60.0).epsilon(1e-6));
  CHECK(debye_permittivity(kSkinSetA, 1e19).real() == Approx(3.0).epsilon(1e-6));
}

// M05, and stratum corneum and hair of the same mixture.
TEST_CASE("Looyenga mixtures of water and dry matter give tissues", "[sim][materials][physics]") {
  check_permittivity(tissue_permittivity(kCorneaWater, kFrequency_hz), 4.675127326, 3.644473872,
                     0.2014108413);
  const Complex horn = tissue_permittivity(kStratumCorneumWater, kFrequency_hz);
  CHECK(horn.real() == Approx(3.360).margin(1e-3));
  CHECK(-horn.imag() == Approx(1.083).margin(1e-3));
  const Complex hair = tissue_permittivity(kHairWater, kFrequency_hz);
  CHECK(hair.real() == Approx(2.844).margin(1e-3));
  CHECK(-hair.imag() == Approx(0.415).margin(1e-3));
}

TEST_CASE("a mixture of one part is that part, and order does not matter",
          "[sim][materials][physics]") {
  const Complex a{3.0, -1.0};
  const Complex b{5.0, -0.2};
  CHECK(std::abs(looyenga_mixture({{1.0, a}}) - a) < 1e-12);
  CHECK(std::abs(looyenga_mixture({{0.3, a}, {0.7, b}}) - looyenga_mixture({{0.7, b}, {0.3, a}})) <
        1e-12);
  // Dilute limit of any mixing rule of this family: linear in the fraction, 3φ(ε^(1/3) − 1).
  const double dilute = 1e-6;
  const Complex slope = (looyenga_mixture({{dilute, a}, {1.0 - dilute, 1.0}}) - 1.0) / dilute;
  CHECK(std::abs(slope - 3.0 * (std::pow(a, 1.0 / 3.0) - 1.0)) < 1e-5);
  CHECK_THROWS_AS(looyenga_mixture({{0.5, a}}), ContractError);
}

TEST_CASE("index and absorption make the permittivity they came from", "[sim][materials]") {
  const Complex eps = permittivity_from_index(1.65, 800.0, kFrequency_hz);
  CHECK(refractive_index(eps).real() == Approx(1.65).epsilon(1e-12));
  CHECK(absorption_per_m(eps, kFrequency_hz) == Approx(800.0).epsilon(1e-12));
}

// L04: stratum corneum 15 µm (30 %), epidermis 80 µm (70 %), dermis (65 %) at 32 degrees Celsius.
TEST_CASE("layered skin reflects as tabulated, in power and phase", "[sim][materials][physics]") {
  const StackResponse r =
      stack_response(named_material("skin-layered", kFrequency_hz), 1.0, kFrequency_hz);
  CHECK(r.reflected_s == Approx(0.1707052194).epsilon(1e-3));
  CHECK(std::arg(r.r_s) == Approx(2.743803289).epsilon(1e-3));
}

TEST_CASE("named materials reflect like what they are called", "[sim][materials]") {
  const auto reflectivity = [](const char* name) {
    return stack_response(named_material(name, kFrequency_hz), 1.0, kFrequency_hz).reflected_s;
  };
  CHECK(reflectivity("pec") == 1.0);
  CHECK(reflectivity("skin") == Approx(0.1606861099).epsilon(kTabulated));
  CHECK(reflectivity("water") == Approx(0.2303723728).epsilon(kTabulated));
  CHECK(reflectivity("cornea") == Approx(0.206).margin(5e-4));  // with 5 µm of tears
  CHECK(reflectivity("hair") == Approx(0.068).margin(1e-3));
  for (const std::string& name : material_names()) CHECK_NOTHROW(named_material(name, 340e9));
  CHECK_THROWS_AS(named_material("cheese", kFrequency_hz), InputError);
}
