#include "thz/sim/layers.h"

#include <algorithm>
#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/error.h"

namespace thz::sim {
namespace {

using Complex = std::complex<double>;

// Normal component of the wave vector over k: the root that decays (or travels) away.
Complex normal_index(Complex permittivity, double sin2) {
  const Complex root = std::sqrt(permittivity - sin2);
  return root.imag() > 0.0 ? -root : root;
}

Complex admittance(bool p_polarised, Complex permittivity, Complex q) {
  return p_polarised ? permittivity / q : q;
}

struct Coefficients {
  Complex r, t;
  double transmitted;
};

Coefficients solve(const Stack& stack, bool p_polarised, double cos_theta, double wavenumber) {
  const double sin2 = (1.0 - cos_theta) * (1.0 + cos_theta);
  const Complex y0 = admittance(p_polarised, 1.0, cos_theta);
  Complex b = 1.0;
  Complex c = 0.0;
  if (stack.backing == Backing::kConductor) {
    b = 0.0;
    c = 1.0;
  } else {
    const Complex eps =
        stack.backing == Backing::kAir ? Complex(1.0) : stack.substrate_permittivity;
    c = admittance(p_polarised, eps,
                   stack.backing == Backing::kAir ? Complex(cos_theta) : normal_index(eps, sin2));
  }
  const double backing_admittance = c.real();
  // M = e^{jδ}/2 [[1 + E, (1 − E)/Y], [Y(1 − E), 1 + E]] with E = e^{−2jδ}, |E| <= 1: the factor
  // e^{jδ} cancels in r and is gathered in `passage` for t.
  Complex passage = 1.0;
  for (auto layer = stack.layers.rbegin(); layer != stack.layers.rend(); ++layer) {
    const Complex q = normal_index(layer->permittivity, sin2);
    const Complex y = admittance(p_polarised, layer->permittivity, q);
    const Complex half = std::exp(-kJ * wavenumber * q * layer->thickness_m);
    const Complex even = 0.5 * (1.0 + half * half);
    const Complex odd = 0.5 * (1.0 - half * half);
    const Complex b_next = even * b + odd / y * c;
    c = odd * y * b + even * c;
    b = b_next;
    passage *= half;
  }
  Coefficients out;
  out.r = (y0 * b - c) / (y0 * b + c);
  out.t = stack.backing == Backing::kConductor ? Complex(0.0) : 2.0 * y0 / (y0 * b + c) * passage;
  out.transmitted = stack.backing == Backing::kConductor
                        ? 0.0
                        : backing_admittance / y0.real() * std::norm(out.t);
  return out;
}

}  // namespace

double Stack::thickness_m() const {
  double sum = 0.0;
  for (const Layer& layer : layers) sum += layer.thickness_m;
  return sum;
}

Stack half_space(Complex permittivity) {
  Stack stack;
  stack.backing = Backing::kDielectric;
  stack.substrate_permittivity = permittivity;
  return stack;
}

Stack perfect_conductor() {
  Stack stack;
  stack.backing = Backing::kConductor;
  return stack;
}

Stack reversed(const Stack& stack) {
  THZ_REQUIRE(stack.backing == Backing::kAir, "only a stack in air can be seen from behind");
  Stack result = stack;
  std::reverse(result.layers.begin(), result.layers.end());
  return result;
}

StackResponse stack_response(const Stack& stack, double cos_theta, double frequency_hz) {
  THZ_REQUIRE(cos_theta > 0.0 && cos_theta <= 1.0, "cos theta must lie in (0, 1]");
  THZ_REQUIRE(frequency_hz > 0.0, "frequency must be positive");
  for (const Layer& layer : stack.layers) {
    THZ_REQUIRE(layer.thickness_m >= 0.0, "a layer's thickness cannot be negative");
    THZ_REQUIRE(layer.permittivity.imag() <= 0.0, "layers must be passive (eps'' >= 0)");
  }
  THZ_REQUIRE(stack.backing != Backing::kDielectric || stack.substrate_permittivity.imag() <= 0.0,
              "the substrate must be passive (eps'' >= 0)");
  const double k = 2.0 * kPi * frequency_hz / kSpeedOfLight;
  const Coefficients s = solve(stack, false, cos_theta, k);
  const Coefficients p = solve(stack, true, cos_theta, k);
  return {s.r, p.r, s.t, p.t, std::norm(s.r), std::norm(p.r), s.transmitted, p.transmitted};
}

Complex excess_propagation_per_m(Complex permittivity, double cos_theta, double frequency_hz) {
  THZ_REQUIRE(cos_theta >= 0.0 && cos_theta <= 1.0, "cos theta must lie in [0, 1]");
  const double k = 2.0 * kPi * frequency_hz / kSpeedOfLight;
  const double sin2 = (1.0 - cos_theta) * (1.0 + cos_theta);
  return -kJ * k * (normal_index(permittivity, sin2) - cos_theta);
}

}  // namespace thz::sim
