#include "thz/sim/materials.h"

#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/error.h"

namespace thz::sim {
namespace {

using Complex = std::complex<double>;
// Dry matter of tissue and keratin (engineering estimate).
constexpr Complex kDryMatter{2.5, -0.05};
constexpr double kRoomTemperature_k = 293.15;

Stack layered_skin(double frequency_hz) {
  Stack stack = half_space(tissue_permittivity(kDermisWater, frequency_hz));
  stack.layers = {
      {tissue_permittivity(kStratumCorneumWater, frequency_hz), kStratumCorneumThickness_m},
      {tissue_permittivity(kEpidermisWater, frequency_hz), kEpidermisThickness_m}};
  return stack;
}

Stack wet_cornea(double frequency_hz) {
  Stack stack = half_space(tissue_permittivity(kCorneaWater, frequency_hz));
  stack.layers = {{water_permittivity(frequency_hz, kSkinTemperature_k), kTearFilmThickness_m}};
  return stack;
}

}  // namespace

Complex debye_permittivity(const DoubleDebye& m, double frequency_hz) {
  THZ_REQUIRE(frequency_hz > 0.0, "frequency must be positive");
  const Complex jw = kJ * (2.0 * kPi * frequency_hz);
  return m.infinite + (m.static_value - m.intermediate) / (1.0 + jw * m.tau1_s) +
         (m.intermediate - m.infinite) / (1.0 + jw * m.tau2_s);
}

Complex water_permittivity(double frequency_hz, double temperature_k) {
  THZ_REQUIRE(frequency_hz > 0.0, "frequency must be positive");
  THZ_REQUIRE(temperature_k >= 273.0 && temperature_k <= 373.0, "liquid water only");
  const double inverse = 300.0 / temperature_k - 1.0;
  const double eps0 = 77.66 + 103.3 * inverse;
  const double eps1 = 0.0671 * eps0;
  constexpr double eps2 = 3.52;
  const double principal_ghz = 20.20 - 146.0 * inverse + 316.0 * inverse * inverse;
  const double secondary_ghz = 39.8 * principal_ghz;
  const double f_ghz = frequency_hz * 1e-9;
  return eps2 + (eps0 - eps1) / (1.0 + kJ * (f_ghz / principal_ghz)) +
         (eps1 - eps2) / (1.0 + kJ * (f_ghz / secondary_ghz));
}

Complex looyenga_mixture(const std::vector<MixturePart>& parts) {
  Complex cube_root = 0.0;
  double total = 0.0;
  for (const MixturePart& part : parts) {
    THZ_REQUIRE(part.volume_fraction >= 0.0 && part.volume_fraction <= 1.0 + 1e-9,
                "volume fractions lie in [0, 1]");
    // The principal root: passive media lie in the lower half plane and stay there.
    cube_root += part.volume_fraction * std::pow(part.permittivity, 1.0 / 3.0);
    total += part.volume_fraction;
  }
  THZ_REQUIRE(std::abs(total - 1.0) < 1e-9, "volume fractions must sum to 1");
  return cube_root * cube_root * cube_root;
}

Complex tissue_permittivity(double water_fraction, double frequency_hz, double temperature_k) {
  return looyenga_mixture({{water_fraction, water_permittivity(frequency_hz, temperature_k)},
                           {1.0 - water_fraction, kDryMatter}});
}

Complex refractive_index(Complex permittivity) {
  const Complex root = std::sqrt(permittivity);
  return root.imag() > 0.0 ? -root : root;
}

Complex permittivity_from_index(double index, double absorption, double frequency_hz) {
  const double kappa = absorption * kSpeedOfLight / (4.0 * kPi * frequency_hz);
  const Complex n{index, -kappa};
  return n * n;
}

double absorption_per_m(Complex permittivity, double frequency_hz) {
  const double k = 2.0 * kPi * frequency_hz / kSpeedOfLight;
  return -2.0 * k * refractive_index(permittivity).imag();
}

std::vector<std::string> material_names() {
  return {"pec", "skin", "skin-layered", "cornea", "water", "hair"};
}

Stack named_material(const std::string& name, double frequency_hz) {
  if (name == "pec") return perfect_conductor();
  if (name == "skin") return half_space(debye_permittivity(kSkinSetA, frequency_hz));
  if (name == "skin-layered") return layered_skin(frequency_hz);
  if (name == "cornea") return wet_cornea(frequency_hz);
  if (name == "water") return half_space(water_permittivity(frequency_hz, kRoomTemperature_k));
  if (name == "hair") return half_space(tissue_permittivity(kHairWater, frequency_hz));
  throw_input(
      "unknown material \"{}\"; allowed are pec, skin, skin-layered, cornea, water and hair", name);
}

}  // namespace thz::sim
