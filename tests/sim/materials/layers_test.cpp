#include "thz/sim/layers.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "sim/materials/frequency.h"
#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/sim/materials.h"

using namespace thz;
using namespace thz::sim;
using thz::test::kFrequency_hz;
using Complex = std::complex<double>;

namespace {

constexpr double kRoundoff = 1e-12;  // a stack of a few layers costs some tens of roundings

Complex index(double n, double kappa) { return Complex(n, -kappa) * Complex(n, -kappa); }

double wavelength_m() { return kSpeedOfLight / kFrequency_hz; }

}  // namespace

// M06, M07 (Fresnel formulas, skin set A).
TEST_CASE("skin has the Fresnel reflectivities of 30 and 60 degrees", "[sim][layers][physics]") {
  const Stack skin = half_space({3.63069248621724, -2.8511082826508507});
  const StackResponse at30 = stack_response(skin, std::cos(deg_to_rad(30.0)), kFrequency_hz);
  CHECK(at30.reflected_s == Approx(0.2037809068).epsilon(1e-6));
  CHECK(at30.reflected_p == Approx(0.1214622497).epsilon(1e-6));
  const StackResponse at60 = stack_response(skin, std::cos(deg_to_rad(60.0)), kFrequency_hz);
  CHECK(at60.reflected_s == Approx(0.3959601978).epsilon(1e-6));
  CHECK(at60.reflected_p == Approx(0.02388597271).epsilon(1e-6));
}

// M08.
TEST_CASE("glass reflects 4 percent and nothing of p at Brewster's angle",
          "[sim][layers][physics]") {
  const Stack glass = half_space(1.5 * 1.5);
  CHECK(stack_response(glass, 1.0, kFrequency_hz).reflected_s == Approx(0.04).epsilon(1e-9));
  const double brewster_rad = std::atan(1.5);
  CHECK(rad_to_deg(brewster_rad) == Approx(56.30993247).epsilon(1e-9));
  CHECK(stack_response(glass, std::cos(brewster_rad), kFrequency_hz).reflected_p < 1e-28);
}

TEST_CASE("both polarisations agree at normal incidence and a conductor gives minus one",
          "[sim][layers][physics]") {
  const StackResponse skin =
      stack_response(named_material("skin", kFrequency_hz), 1.0, kFrequency_hz);
  CHECK(std::abs(skin.r_s - skin.r_p) < kRoundoff);
  // Pins the sign and the time factor: a denser lossy medium turns the phase a little below π.
  CHECK(skin.r_s.real() < 0.0);
  CHECK(skin.r_s.imag() > 0.0);
  for (const double c : {1.0, 0.6, 0.1}) {
    const StackResponse metal = stack_response(perfect_conductor(), c, kFrequency_hz);
    CHECK(std::abs(metal.r_s + 1.0) < kRoundoff);
    CHECK(std::abs(metal.r_p + 1.0) < kRoundoff);
    CHECK(metal.transmitted_s == 0.0);
    // A good conductor (1e14: surface impedance 1e-7) tends to it; grazing p is slower by 1/c.
    const StackResponse good = stack_response(half_space({1.0, -1e14}), c, kFrequency_hz);
    CHECK(std::abs(good.r_s - metal.r_s) < 3e-7);
    CHECK(std::abs(good.r_p - metal.r_p) < 3e-7 / c);
  }
}

TEST_CASE("a conductor seen through air only turns the phase by the way there and back",
          "[sim][layers][physics]") {
  Stack stack = perfect_conductor();
  const double gap_m = 0.7e-3;
  stack.layers = {{1.0, gap_m}};
  const double c = 0.8;
  const double phase = -2.0 * 2.0 * kPi / wavelength_m() * c * gap_m;
  const StackResponse r = stack_response(stack, c, kFrequency_hz);
  CHECK(std::abs(r.r_s + std::polar(1.0, phase)) < kRoundoff);
  CHECK(std::abs(r.r_p + std::polar(1.0, phase)) < kRoundoff);
}

// L01 (Airy summation, Born & Wolf).
TEST_CASE("a slab of index 1.6 is a quarter-wave and a half-wave plate", "[sim][layers][physics]") {
  const auto transmitted = [](double thickness_m) {
    return stack_response({{{1.6 * 1.6, thickness_m}}, Backing::kAir, 1.0}, 1.0, kFrequency_hz)
        .transmitted_s;
  };
  CHECK(transmitted(0.0001377722693014706) == Approx(0.8079787906).epsilon(1e-6));
  CHECK(transmitted(0.0002755445386029412) == Approx(1.0).epsilon(1e-6));
}

// L02, L03.
TEST_CASE("a lossy slab transmits and reflects as tabulated", "[sim][layers][physics]") {
  const Stack slab{{{index(1.7, 0.01), 1e-3}}, Backing::kAir, 1.0};
  const StackResponse normal = stack_response(slab, 1.0, kFrequency_hz);
  CHECK(normal.reflected_s == Approx(0.04921482538).epsilon(1e-4));
  CHECK(normal.transmitted_s == Approx(0.8118070873).epsilon(1e-4));
  CHECK(std::arg(normal.t_s) == Approx(0.5006747094).epsilon(1e-4));
  const StackResponse at40 = stack_response(slab, std::cos(deg_to_rad(40.0)), kFrequency_hz);
  CHECK(at40.reflected_s == Approx(0.3282045971).epsilon(1e-4));
  CHECK(at40.reflected_p == Approx(0.08992204671).epsilon(1e-4));
  CHECK(at40.transmitted_s == Approx(0.5571020778).epsilon(1e-4));
  CHECK(at40.transmitted_p == Approx(0.7747035982).epsilon(1e-4));
}

// L05.
TEST_CASE("the gap between knit and skin makes the reflection swing", "[sim][layers][physics]") {
  const auto reflected = [](double gap_m) {
    Stack stack = half_space({3.63069248621724, -2.8511082826508507});
    stack.layers = {{index(1.08, 0.004), 2e-3}, {1.0, gap_m}};
    return stack_response(stack, 1.0, kFrequency_hz).reflected_s;
  };
  CHECK(reflected(0.005) == Approx(0.1382201272).epsilon(1e-3));
  CHECK(reflected(0.005220435630882353) == Approx(0.1182877866).epsilon(1e-3));
}

TEST_CASE("lossless stacks conserve power and lossy ones never gain", "[sim][layers][physics]") {
  const double c = GENERATE(1.0, 0.9, 0.5, 0.1, 0.01);
  CAPTURE(c);
  Stack stack{{{2.3, 0.31e-3}, {1.2, 1.7e-3}, {4.0, 0.11e-3}}, Backing::kAir, 1.0};
  const StackResponse clear = stack_response(stack, c, kFrequency_hz);
  CHECK(clear.reflected_s + clear.transmitted_s == Approx(1.0).epsilon(1e-10));
  CHECK(clear.reflected_p + clear.transmitted_p == Approx(1.0).epsilon(1e-10));
  stack.backing = Backing::kDielectric;
  stack.substrate_permittivity = 2.0;
  const StackResponse backed = stack_response(stack, c, kFrequency_hz);
  CHECK(backed.reflected_s + backed.transmitted_s == Approx(1.0).epsilon(1e-10));
  CHECK(backed.reflected_p + backed.transmitted_p == Approx(1.0).epsilon(1e-10));
  for (Layer& layer : stack.layers) layer.permittivity -= Complex(0.0, 0.05);
  const StackResponse lossy = stack_response(stack, c, kFrequency_hz);
  CHECK(lossy.reflected_s + lossy.transmitted_s < 1.0);
  CHECK(lossy.reflected_p + lossy.transmitted_p < 1.0);
}

TEST_CASE("transmission does not depend on the side, reflection does", "[sim][layers][physics]") {
  const Stack stack{
      {{index(1.3, 0.02), 0.8e-3}, {index(2.0, 0.7), 30e-6}, {1.0, 2e-3}}, Backing::kAir, 1.0};
  for (const double c : {1.0, 0.7, 0.2}) {
    const StackResponse front = stack_response(stack, c, kFrequency_hz);
    const StackResponse back = stack_response(reversed(stack), c, kFrequency_hz);
    CHECK(std::abs(front.t_s - back.t_s) < kRoundoff);
    CHECK(std::abs(front.t_p - back.t_p) < kRoundoff);
    CHECK(std::abs(front.r_s - back.r_s) > 1e-3);
  }
  CHECK_THROWS_AS(reversed(half_space(2.0)), ContractError);
}

TEST_CASE("splitting a layer changes nothing and a layer of air only delays",
          "[sim][layers][physics]") {
  const Complex eps = index(1.4, 0.03);
  const double c = 0.6;
  const StackResponse one = stack_response({{{eps, 1.0e-3}}, Backing::kAir, 1.0}, c, kFrequency_hz);
  const StackResponse two =
      stack_response({{{eps, 0.4e-3}, {eps, 0.6e-3}}, Backing::kAir, 1.0}, c, kFrequency_hz);
  CHECK(std::abs(one.r_p - two.r_p) < kRoundoff);
  CHECK(std::abs(one.t_p - two.t_p) < kRoundoff);
  const StackResponse air = stack_response({{{1.0, 1e-3}}, Backing::kAir, 1.0}, c, kFrequency_hz);
  CHECK(std::abs(air.r_s) < kRoundoff);
  CHECK(std::abs(air.t_s - std::polar(1.0, -2.0 * kPi / wavelength_m() * c * 1e-3)) < kRoundoff);
}

TEST_CASE("a metre of water neither overflows nor differs from a half-space",
          "[sim][layers][physics]") {
  const Complex water = water_permittivity(kFrequency_hz, 293.15);
  const StackResponse thick =
      stack_response({{{water, 1.0}}, Backing::kAir, 1.0}, 0.7, kFrequency_hz);
  const StackResponse half = stack_response(half_space(water), 0.7, kFrequency_hz);
  CHECK(std::abs(thick.r_s - half.r_s) < kRoundoff);
  CHECK(thick.transmitted_s == 0.0);
}

TEST_CASE("active media, negative thickness and grazing zero are refused", "[sim][layers]") {
  CHECK_THROWS_AS(stack_response(half_space({2.0, 0.1}), 1.0, kFrequency_hz), ContractError);
  CHECK_THROWS_AS(stack_response({{{2.0, -1e-3}}, Backing::kAir, 1.0}, 1.0, kFrequency_hz),
                  ContractError);
  CHECK_THROWS_AS(stack_response(half_space(2.0), 0.0, kFrequency_hz), ContractError);
}

TEST_CASE("the table stays within its error bound at every angle", "[sim][layers][table]") {
  const double bound = 1e-4;
  const std::vector<Stack> stacks = {perfect_conductor(),
                                     named_material("skin-layered", kFrequency_hz),
                                     Stack{{{index(1.08, 0.006), 4e-3}}, Backing::kAir, 1.0},
                                     Stack{{{1.0, 2e-3}}, Backing::kAir, 1.0}};
  for (const Stack& stack : stacks) {
    const ReflectionTable table(stack, kFrequency_hz, bound);
    CHECK(table.measured_error() <= bound);
    double worst = 0.0;
    // Steps that share no divisor with the nodes.
    for (int i = 1; i <= 9973; ++i) {
      const double c = i / 9973.0;
      const StackResponse r = stack_response(stack, c, kFrequency_hz);
      const Complex displaced =
          std::polar(1.0, 2.0 * kPi / wavelength_m() * c * stack.thickness_m());
      const float cf = static_cast<float>(c);
      worst = std::max(
          {worst, std::abs(Complex(table.reflection(cf).mean) - 0.5 * (r.r_s + r.r_p)),
           std::abs(Complex(table.reflection(cf).half_difference) - 0.5 * (r.r_p - r.r_s)),
           std::abs(Complex(table.transmission(cf).mean) - 0.5 * (r.t_s + r.t_p) * displaced)});
      REQUIRE(table.power_reflectivity(cf) ==
              Approx(0.5 * (r.reflected_s + r.reflected_p)).margin(4.0 * bound));
    }
    // Thirds and midpoints bracket the parabola of the error; a tenth for what lies between.
    CHECK(worst <= 1.1 * bound);
  }
}

TEST_CASE("a table of air lets everything through unturned", "[sim][layers][table]") {
  const ReflectionTable air(Stack{{{1.0, 3e-3}}, Backing::kAir, 1.0}, kFrequency_hz);
  CHECK(std::abs(air.transmission(0.37f).mean - 1.0f) < 1e-5f);
  CHECK(std::abs(air.reflection(0.37f).mean) < 1e-5f);
}

TEST_CASE("excess propagation is the derivative of the transmitted logarithm",
          "[sim][layers][physics]") {
  // Index 1.0 + small: no reflections to speak of, so t follows the bulk law to 1e-6.
  const Complex eps = index(1.0002, 0.0001);
  const double c = 0.8;
  const double step_m = 0.5e-3;
  const StackResponse r = stack_response({{{eps, step_m}}, Backing::kAir, 1.0}, c, kFrequency_hz);
  const Complex displaced = std::polar(1.0, 2.0 * kPi / wavelength_m() * c * step_m);
  const Complex expected = std::exp(step_m * excess_propagation_per_m(eps, c, kFrequency_hz));
  CHECK(std::abs(r.t_s * displaced - expected) < 1e-6);
}
