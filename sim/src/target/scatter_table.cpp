#include <algorithm>
#include <cmath>

#include "thz/core/constants.h"
#include "thz/sim/target.h"

namespace thz::sim {
namespace {
constexpr int kNodes = 2048;

double place(double cos_incidence, std::size_t& index) {
  const double position = std::clamp(cos_incidence, 0.0, 1.0) * (kNodes - 1);
  index = std::min<std::size_t>(static_cast<std::size_t>(position), kNodes - 2);
  return position - static_cast<double>(index);
}

double wavenumber(double frequency_hz) { return 2.0 * kPi * frequency_hz / kSpeedOfLight; }
}  // namespace

template <typename Fill>
void ScatterTable::tabulate(Fill&& fill) {
  for (int i = 0; i < kNodes; ++i) {
    // Grazing incidence (cos 0) is singular for layers; the first node stands in for it.
    const double cos_incidence = std::max(i, 1) / static_cast<double>(kNodes - 1);
    std::complex<double> coherent = 0.0;
    double sigma0 = 0.0;
    fill(cos_incidence, coherent, sigma0);
    coherent_.emplace_back(coherent);
    sigma0_.push_back(static_cast<float>(sigma0));
    has_coherent_ = has_coherent_ || coherent != 0.0;
    has_diffuse_ = has_diffuse_ || sigma0 > 0.0;
  }
}

ScatterTable::ScatterTable(const Stack& stack, const RoughnessModel& roughness,
                           double frequency_hz) {
  const double k = wavenumber(frequency_hz);
  tabulate([&](double c, std::complex<double>& coherent, double& sigma0) {
    const StackResponse response = stack_response(stack, c, frequency_hz);
    coherent = 0.5 * (response.r_s + response.r_p) * coherent_amplitude_factor(roughness, c, k);
    const double reflectivity = 0.5 * (response.reflected_s + response.reflected_p);
    sigma0 = backscatter_sigma0(roughness, reflectivity, c, k);
  });
}

ScatterTable::ScatterTable(const FabricSample& fabric, int layers, double frequency_hz) {
  const std::complex<double> permittivity = fabric_permittivity(fabric, frequency_hz);
  tabulate([&](double c, std::complex<double>& coherent, double& sigma0) {
    const FabricClutter clutter = fabric_clutter(fabric, permittivity, layers, c, frequency_hz);
    coherent = clutter.coherent_amplitude;
    sigma0 = clutter.sigma0;
  });
}

ScatterTable ScatterTable::diffuse_only(double sigma0_at_normal) {
  ScatterTable table;
  table.tabulate(
      [&](double c, std::complex<double>&, double& sigma0) { sigma0 = sigma0_at_normal * c * c; });
  return table;
}

ScatterTable ScatterTable::cross_polar(double depolarisation) const {
  ScatterTable table;
  table.tabulate([&](double c, std::complex<double>&, double& sigma0) {
    sigma0 = depolarisation * this->sigma0(c);
  });
  return table;
}

ScatterTable ScatterTable::absorber() { return diffuse_only(0.0); }

std::complex<double> ScatterTable::coherent(double cos_incidence) const {
  std::size_t i = 0;
  const double w = place(cos_incidence, i);
  return (1.0 - w) * std::complex<double>(coherent_[i]) +
         w * std::complex<double>(coherent_[i + 1]);
}

double ScatterTable::sigma0(double cos_incidence) const {
  std::size_t i = 0;
  const double w = place(cos_incidence, i);
  return (1.0 - w) * double{sigma0_[i]} + w * double{sigma0_[i + 1]};
}

}  // namespace thz::sim
