#include "thz/sim/roughness.h"

#include <algorithm>
#include <cmath>

#include "thz/core/error.h"

namespace thz::sim {
namespace {

constexpr double kSmallestCosine = 1e-4;

const std::vector<RoughnessModel>& catalogue() {
  static const std::vector<RoughnessModel> models = {
      {"off", 0.0, 1e-3, 0.0, true},
      {"fine-relief", 20e-6, 0.2e-3, 0.0, true},
      {"meso-relief", 50e-6, 0.5e-3, 0.0, true},
      {"coarse-relief", 100e-6, 1e-3, 0.0, true},
      {"skin", 50e-6, 0.5e-3, 0.01, true},
      {"lambert", 0.0, 1e-3, 0.01, false},
  };
  return models;
}

void check(const RoughnessModel& model) {
  THZ_REQUIRE(model.sigma_h_m >= 0.0, "rms height cannot be negative");
  THZ_REQUIRE(model.correlation_m > 0.0, "correlation length must be positive");
  THZ_REQUIRE(model.lambert_albedo >= 0.0 && model.lambert_albedo <= 1.0,
              "albedo must lie in [0, 1]");
}

// e^{−g} Σ_{m>=1} g^m/(m·m!) e^{−a/m}, g, a >= 0. The logarithm of the terms is concave with its
// peak where ln(g/m) + a/m² = 0; terms further than ten widths from it are below 1e-20 of the peak.
double scattered_series(double g, double a) {
  if (g <= 0.0) return 0.0;
  double low = std::max(g, 1.0);
  double high = low + std::sqrt(a) + 1.0;  // there ln(g/m) + a/m² < 1 already; double until below 0
  while (std::log(g / high) + a / (high * high) > 0.0) high *= 2.0;
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    (std::log(g / middle) + a / (middle * middle) > 0.0 ? low : high) = middle;
  }
  const double width = 1.0 / std::sqrt(1.0 / high + 2.0 * a / (high * high * high));
  const double first = std::max(1.0, std::floor(high - 10.0 * width));
  const double last = std::ceil(high + 10.0 * width + 20.0);
  const double log_g = std::log(g);
  double sum = 0.0;
  for (double m = first; m <= last; m += 1.0) {
    sum += std::exp(-g + m * log_g - std::lgamma(m + 1.0) - a / m) / m;
  }
  return sum;
}

}  // namespace

std::vector<std::string> roughness_names() {
  std::vector<std::string> names;
  for (const RoughnessModel& model : catalogue()) names.push_back(model.name);
  return names;
}

RoughnessModel roughness_model(const std::string& name) {
  std::string allowed;
  for (const RoughnessModel& model : catalogue()) {
    if (model.name == name) return model;
    allowed += (allowed.empty() ? "" : ", ") + model.name;
  }
  throw_input("unknown roughness \"{}\"; allowed are {}", name, allowed);
}

double roughness_parameter(double sigma_h_m, double cos_theta, double wavenumber_per_m) {
  const double phase = 2.0 * wavenumber_per_m * sigma_h_m * cos_theta;
  return phase * phase;
}

double kirchhoff_sigma0(double sigma_h_m, double correlation_m, double power_reflectivity,
                        double cos_theta, double wavenumber_per_m) {
  const double c = std::clamp(cos_theta, kSmallestCosine, 1.0);
  const double kt = wavenumber_per_m * correlation_m;
  const double g = roughness_parameter(sigma_h_m, c, wavenumber_per_m);
  return power_reflectivity * (kt / c) * (kt / c) *
         scattered_series(g, kt * kt * (1.0 - c) * (1.0 + c));
}

double geometrical_optics_sigma0(double sigma_h_m, double correlation_m, double power_reflectivity,
                                 double cos_theta) {
  THZ_REQUIRE(sigma_h_m > 0.0, "the limit needs a rough surface");
  const double c2 = cos_theta * cos_theta;
  const double slope2 = 2.0 * sigma_h_m * sigma_h_m / (correlation_m * correlation_m);
  const double tan2 = (1.0 - c2) / c2;
  return power_reflectivity * std::exp(-tan2 / (2.0 * slope2)) / (2.0 * slope2 * c2 * c2);
}

double lambert_sigma0(double albedo, double cos_theta) {
  return 4.0 * albedo * cos_theta * cos_theta;
}

double backscatter_sigma0(const RoughnessModel& model, double power_reflectivity, double cos_theta,
                          double wavenumber_per_m) {
  check(model);
  if (cos_theta <= 0.0) return 0.0;
  const double lambert = lambert_sigma0(model.lambert_albedo, cos_theta);
  if (!model.coherent) return lambert;
  return lambert + (1.0 - model.lambert_albedo) *
                       kirchhoff_sigma0(model.sigma_h_m, model.correlation_m, power_reflectivity,
                                        cos_theta, wavenumber_per_m);
}

double coherent_amplitude_factor(const RoughnessModel& model, double cos_theta,
                                 double wavenumber_per_m) {
  check(model);
  if (!model.coherent) return 0.0;
  const double g = roughness_parameter(model.sigma_h_m, cos_theta, wavenumber_per_m);
  return std::sqrt(1.0 - model.lambert_albedo) * std::exp(-0.5 * g);
}

RoughnessTable::RoughnessTable(const RoughnessModel& model, double wavenumber_per_m, int nodes) {
  THZ_REQUIRE(nodes >= 2, "a table needs two nodes");
  scale_ = static_cast<float>(nodes - 1);
  for (int i = 0; i < nodes; ++i) {
    const double c = static_cast<double>(i) / (nodes - 1);
    const double lambert = backscatter_sigma0(model, 0.0, c, wavenumber_per_m);
    const double total = backscatter_sigma0(model, 1.0, c, wavenumber_per_m);
    nodes_.push_back({static_cast<float>(total - lambert), static_cast<float>(lambert),
                      static_cast<float>(coherent_amplitude_factor(model, c, wavenumber_per_m))});
  }
}

}  // namespace thz::sim
