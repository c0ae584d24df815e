#pragma once

#include <string>
#include <vector>

/// Backscatter from rough surfaces: a coherent part that keeps the phase of the mean surface, and
/// an incoherent part given by σ0, the radar cross section per unit area of the mean surface.
namespace thz::sim {

/// Gaussian heights with rms sigma_h and correlation exp(−ξ²/T²) between points ξ apart, and a
/// Lambertian part. One sigma_h feeds both the coherent loss and σ0. A share lambert_albedo of the
/// incident power meets scatterers that send it everywhere, the rest meets the interface: coherent
/// and Kirchhoff parts carry the factor 1 − lambert_albedo, so no power is counted twice and the
/// total never exceeds R(1 − ρ) + ρ <= 1.
struct RoughnessModel {
  std::string name = "off";
  double sigma_h_m = 0.0;       ///< rms height, >= 0
  double correlation_m = 1e-3;  ///< T, > 0
  double lambert_albedo = 0.0;  ///< ρ, co-polar, [0, 1]
  bool coherent = true;         ///< false: no interface part at all, only the Lambertian one
};

/// Names that roughness_model() knows.
std::vector<std::string> roughness_names();

/// "off", "fine-relief" (20 µm, 0.2 mm), "meso-relief" (50 µm, 0.5 mm), "coarse-relief" (100 µm,
/// 1 mm), "skin" (meso-relief with 1 % Lambert), "lambert" (1 %, no coherent part).
/// @throws thz::InputError for any other name.
RoughnessModel roughness_model(const std::string& name);

/// Roughness parameter g = (2 k σ_h cosθ)², the variance of the two-way phase.
double roughness_parameter(double sigma_h_m, double cos_theta, double wavenumber_per_m);

/// Kirchhoff backscatter of a Gaussian surface with Gaussian correlation,
///   σ0 = R (kT)² sec²θ e^{−g} Σ_{m>=1} g^m/(m·m!) exp(−(kT sinθ)²/m),
/// summed around its largest term, so that large g neither overflows nor underflows.
/// Source: Beckmann & Spizzichino (1963), ch. 5, backscatter form.
/// Valid for kT above about 1, gentle slopes and no shadowing (θ below about 80°); 0 for σ_h = 0.
/// @param cos_theta  [0, 1]; values below 1e-4 are treated as 1e-4.
double kirchhoff_sigma0(double sigma_h_m, double correlation_m, double power_reflectivity,
                        double cos_theta, double wavenumber_per_m);

/// Its limit for large g: R exp(−tan²θ/2s²)/(2 s² cos⁴θ), s² = 2σ_h²/T².
double geometrical_optics_sigma0(double sigma_h_m, double correlation_m, double power_reflectivity,
                                 double cos_theta);

/// Lambertian backscatter 4 ρ cos²θ.
double lambert_sigma0(double albedo, double cos_theta);

/// σ0 of a model: (1 − ρ) Kirchhoff + Lambert. 0 for cosθ <= 0.
double backscatter_sigma0(const RoughnessModel& model, double power_reflectivity, double cos_theta,
                          double wavenumber_per_m);

/// Factor on the coherent reflection amplitude, √(1 − ρ) e^{−g/2}; 0 if the model is incoherent.
double coherent_amplitude_factor(const RoughnessModel& model, double cos_theta,
                                 double wavenumber_per_m);

/// The two above over cosθ for hot loops, linear interpolation in float. σ0 is split so that the
/// reflectivity can vary: σ0 = R · interface + lambert.
class RoughnessTable {
 public:
  RoughnessTable(const RoughnessModel& model, double wavenumber_per_m, int nodes = 4096);

  float sigma0(float power_reflectivity, float cos_theta) const {
    const Node n = lookup(cos_theta);
    return power_reflectivity * n.interface_sigma0 + n.lambert_sigma0;
  }
  float coherent_factor(float cos_theta) const { return lookup(cos_theta).coherent; }

 private:
  struct Node {
    float interface_sigma0, lambert_sigma0, coherent;
  };
  Node lookup(float cos_theta) const {
    float position = cos_theta * scale_;
    position = position < 0.0f ? 0.0f : (position > scale_ ? scale_ : position);
    std::size_t i = static_cast<std::size_t>(position);
    if (i + 1 >= nodes_.size()) i = nodes_.size() - 2;
    const float w = position - static_cast<float>(i);
    const Node& a = nodes_[i];
    const Node& b = nodes_[i + 1];
    return {a.interface_sigma0 + w * (b.interface_sigma0 - a.interface_sigma0),
            a.lambert_sigma0 + w * (b.lambert_sigma0 - a.lambert_sigma0),
            a.coherent + w * (b.coherent - a.coherent)};
  }

  std::vector<Node> nodes_;
  float scale_ = 0.0f;
};

}  // namespace thz::sim
