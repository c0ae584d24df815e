#include "thz/sim/fabrics.h"

#include <algorithm>
#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/core/rng.h"
#include "thz/sim/materials.h"
#include "thz/sim/roughness.h"

namespace thz::sim {
namespace {

using Complex = std::complex<double>;
constexpr double kFibreFrequency_hz = 340e9;
constexpr double kClothTemperature_k = 303.15;
constexpr double kWaterDensity_kg_m3 = 1000.0;

// Spread treated as two standard deviations and as the hard limit.
double spread(Rng& rng, double mean, double half_width) {
  return rng.truncated_normal(mean, 0.5 * half_width, 2.0);
}

double wavenumber(double frequency_hz) { return 2.0 * kPi * frequency_hz / kSpeedOfLight; }

}  // namespace

const std::vector<Fabric>& fabric_catalogue() {
  // Areal mass, thickness, fibre n and α, density, repeat.
  static const std::vector<Fabric> fabrics = {
      {"cotton", "cotton jersey", 0.160, 0.6e-3, 1.75, 1200.0, 1540.0, 0.6e-3},
      {"denim", "cotton denim", 0.400, 0.9e-3, 1.75, 1200.0, 1540.0, 1.0e-3},
      {"wool", "wool knit", 0.400, 3.0e-3, 1.65, 1200.0, 1310.0, 2.5e-3},
      {"acrylic", "acrylic knit", 0.300, 2.0e-3, 1.65, 800.0, 1180.0, 2.0e-3},
      {"fleece", "polyester fleece", 0.250, 2.5e-3, 1.70, 800.0, 1380.0, 1.0e-3},
      {"ski-mask", "polyester and elastane jersey", 0.220, 0.8e-3, 1.70, 800.0, 1350.0, 0.6e-3},
      {"nylon", "woven nylon shell", 0.080, 0.15e-3, 1.73, 600.0, 1140.0, 0.3e-3},
      {"leather", "leather", 0.800, 1.2e-3, 1.70, 1200.0, 1400.0, 1.0e-3},
  };
  return fabrics;
}

const Fabric& find_fabric(const std::string& id) {
  std::string allowed;
  for (const Fabric& fabric : fabric_catalogue()) {
    if (fabric.id == id) return fabric;
    allowed += (allowed.empty() ? "" : ", ") + fabric.id;
  }
  throw_input("unknown fabric \"{}\"; allowed are {}", id, allowed);
}

FabricSample nominal_sample(const Fabric& fabric, const FabricPrior& prior) {
  FabricSample sample;
  sample.fabric = fabric;
  sample.thickness_m = fabric.thickness_m;
  sample.face_sigma_h_m = 0.5 * (prior.face_sigma_h_low_m + prior.face_sigma_h_high_m);
  sample.diffuse_sigma0 = std::pow(10.0, 0.1 * prior.diffuse_sigma0_db);
  sample.thickness_variation = prior.thickness_variation;
  return sample;
}

FabricSample sample_fabric(const Fabric& fabric, uint64_t seed, uint64_t capture,
                           const FabricPrior& prior) {
  FabricSample sample = nominal_sample(fabric, prior);
  Rng rng(seed, RngPurpose::kFabric, capture);
  sample.thickness_m *= spread(rng, 1.0, prior.thickness_spread);
  sample.loss_factor = spread(rng, 1.0, prior.loss_spread);
  sample.face_sigma_h_m = rng.uniform(prior.face_sigma_h_low_m, prior.face_sigma_h_high_m);
  sample.diffuse_sigma0 =
      std::pow(10.0, 0.1 * spread(rng, prior.diffuse_sigma0_db, prior.diffuse_spread_db));
  return sample;
}

double fibre_fraction(const FabricSample& sample) {
  return sample.fabric.areal_mass_kg_m2 / (sample.thickness_m * sample.fabric.fibre_density_kg_m3);
}

Complex fabric_permittivity(const FabricSample& sample, double frequency_hz) {
  const Complex fibre = permittivity_from_index(
      sample.fabric.fibre_index, sample.fabric.fibre_absorption_per_m * sample.loss_factor,
      kFibreFrequency_hz);
  const double fibre_part = fibre_fraction(sample);
  const double water_part = sample.moisture == Moisture::kAbsorbed
                                ? sample.water_kg_m2 / (kWaterDensity_kg_m3 * sample.thickness_m)
                                : 0.0;
  THZ_REQUIRE(fibre_part > 0.0 && water_part >= 0.0 && fibre_part + water_part <= 1.0,
              "fibre and water must fit in the fabric's thickness");
  return looyenga_mixture({{fibre_part, fibre},
                           {water_part, water_permittivity(frequency_hz, kClothTemperature_k)},
                           {1.0 - fibre_part - water_part, 1.0}});
}

Stack fabric_stack(const FabricSample& sample, int layers, double frequency_hz) {
  THZ_REQUIRE(layers >= 1, "a garment has at least one layer");
  Stack stack;
  stack.layers = {{fabric_permittivity(sample, frequency_hz), layers * sample.thickness_m}};
  if (sample.moisture == Moisture::kFilm && sample.water_kg_m2 > 0.0) {
    stack.layers.push_back({water_permittivity(frequency_hz, kClothTemperature_k),
                            sample.water_kg_m2 / kWaterDensity_kg_m3});
  }
  return stack;
}

double one_way_loss_db(const FabricSample& sample, int layers, double frequency_hz) {
  const Stack stack = fabric_stack(sample, layers, frequency_hz);
  return -10.0 * std::log10(stack_response(stack, 1.0, frequency_hz).transmitted_s);
}

double absorption_loss_db(const FabricSample& sample, int layers, double frequency_hz) {
  double nepers = 0.0;
  for (const Layer& layer : fabric_stack(sample, layers, frequency_hz).layers) {
    nepers += absorption_per_m(layer.permittivity, frequency_hz) * layer.thickness_m;
  }
  return 10.0 * std::log10(std::exp(1.0)) * nepers;
}

double screen_coherent_fraction(Complex permittivity, double thickness_rms_m, double frequency_hz) {
  const double phase_rms =
      wavenumber(frequency_hz) * (refractive_index(permittivity).real() - 1.0) * thickness_rms_m;
  return std::exp(-phase_rms * phase_rms);
}

double diffraction_angle_rad(int order, double pitch_m, double frequency_hz) {
  const double sine = order * kSpeedOfLight / (frequency_hz * pitch_m);
  if (!(std::abs(sine) <= 1.0)) {
    throw_input(
        "order {} of a weave of pitch {} m does not propagate at {} Hz; the pitch must be "
        "at least the order times the wavelength",
        order, pitch_m, frequency_hz);
  }
  return std::asin(sine);
}

Complex damp_propagation(const FabricSample& sample, int layers, double water_kg_m2,
                         double frequency_hz) {
  THZ_REQUIRE(layers >= 1 && water_kg_m2 >= 0.0, "water in at least one layer");
  const double thickness_m = layers * sample.thickness_m;
  const Complex dry =
      excess_propagation_per_m(fabric_permittivity(sample, frequency_hz), 1.0, frequency_hz);
  const double held = sample.moisture == Moisture::kAbsorbed ? sample.water_kg_m2 : 0.0;
  const double room_kg_m2 = std::max(
      0.0, kWaterDensity_kg_m3 * sample.thickness_m * (1.0 - fibre_fraction(sample)) - held);
  FabricSample wet = sample;
  wet.moisture = Moisture::kAbsorbed;
  wet.water_kg_m2 = held + std::min(water_kg_m2 / layers, room_kg_m2);
  const Complex damp =
      excess_propagation_per_m(fabric_permittivity(wet, frequency_hz), 1.0, frequency_hz);
  const double film_m = std::max(0.0, water_kg_m2 - layers * room_kg_m2) / kWaterDensity_kg_m3;
  const Complex film = excess_propagation_per_m(
      water_permittivity(frequency_hz, kClothTemperature_k), 1.0, frequency_hz);
  return (damp - dry) * thickness_m + film * film_m;
}

FabricClutter fabric_clutter(const FabricSample& sample, int layers, double cos_theta,
                             double frequency_hz) {
  return fabric_clutter(sample, fabric_permittivity(sample, frequency_hz), layers, cos_theta,
                        frequency_hz);
}

FabricClutter fabric_clutter(const FabricSample& sample, Complex permittivity, int layers,
                             double cos_theta, double frequency_hz) {
  const double k = wavenumber(frequency_hz);
  const StackResponse face = stack_response(half_space(permittivity), cos_theta, frequency_hz);
  const Complex r = 0.5 * (face.r_s + face.r_p);
  const double thickness_m = layers * sample.thickness_m;
  // -jkq from what a metre of cloth adds to a metre of air.
  const Complex along =
      excess_propagation_per_m(permittivity, cos_theta, frequency_hz) - kJ * k * cos_theta;
  const double washed = 2.0 * along.imag() * sample.thickness_variation * thickness_m;
  const Complex back = (1.0 - r * r) * std::exp(2.0 * along * thickness_m - 0.5 * washed * washed);
  const double g = roughness_parameter(sample.face_sigma_h_m, cos_theta, k);
  return {r * (1.0 - back) * std::exp(-0.5 * g), sample.diffuse_sigma0 * cos_theta * cos_theta};
}

FabricFaces fabric_faces(const FabricSample& sample, int layers, double frequency_hz) {
  const Complex index = refractive_index(fabric_permittivity(sample, frequency_hz));
  const double thickness_m = layers * sample.thickness_m;
  // Power both ways through the yarn.
  const double passed = std::exp(4.0 * wavenumber(frequency_hz) * index.imag() * thickness_m);
  return {passed / (1.0 + passed), index.real() * thickness_m};
}

}  // namespace thz::sim
