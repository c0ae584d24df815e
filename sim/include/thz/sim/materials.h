#pragma once

#include <complex>
#include <string>
#include <vector>

#include "thz/sim/layers.h"

/// Complex permittivities at millimetre waves. Time factor exp(+jωt): passive media have
/// ε = ε' − jε'' with ε'' >= 0, and the refractive index is n − jκ. See docs/theory/materials.md.
namespace thz::sim {

/// Two-pole Debye relaxation:
///   ε(ω) = ε_inf + (ε_s − ε_2)/(1 + jωτ1) + (ε_2 − ε_inf)/(1 + jωτ2).
struct DoubleDebye {
  double infinite;
  double static_value;
  double intermediate;
  double tau1_s;
  double tau2_s;
};

/// In-vivo skin; parameters attributed to Pickwell et al., Appl. Phys. Lett. 84, 2190 (2004).
inline constexpr DoubleDebye kSkinSetA{3.0, 60.0, 3.6, 10.0e-12, 0.20e-12};
/// In-vivo skin; parameters attributed to Pickwell et al., Phys. Med. Biol. 49, 1595 (2004).
inline constexpr DoubleDebye kSkinSetB{3.0, 58.0, 3.6, 9.4e-12, 0.18e-12};
/// Liquid water at room temperature; Kindt & Schmuttenmaer, J. Phys. Chem. 100, 10373 (1996).
inline constexpr DoubleDebye kWaterKindtSchmuttenmaer{3.48, 78.36, 4.93, 8.24e-12, 0.18e-12};

/// Temperature of facial skin, K (32 degrees Celsius; faces lie within 2 K of it).
inline constexpr double kSkinTemperature_k = 305.15;

std::complex<double> debye_permittivity(const DoubleDebye& model, double frequency_hz);

/// Pure water, double Debye of Recommendation ITU-R P.840-8, eqs. (3)-(9).
/// Valid to 1 THz; temperature in [273, 373] K (ContractError outside).
std::complex<double> water_permittivity(double frequency_hz, double temperature_k);

/// One part of a mixture; the fractions of a mixture sum to 1.
struct MixturePart {
  double volume_fraction;
  std::complex<double> permittivity;
};

/// Landau-Lifshitz-Looyenga mixing ε^(1/3) = Σ φ_i ε_i^(1/3) (Looyenga, Physica 31, 401, 1965).
/// ContractError unless every fraction lies in [0, 1] and they sum to 1 within 1e-9.
std::complex<double> looyenga_mixture(const std::vector<MixturePart>& parts);

/// Tissue as a mixture of P.840 water and dry matter ε = 2.5 − j0.05 (engineering estimate).
/// water_fraction by volume, [0, 1].
std::complex<double> tissue_permittivity(double water_fraction, double frequency_hz,
                                         double temperature_k = kSkinTemperature_k);

/// Water fractions of the tissues modelled here (engineering estimates).
inline constexpr double kStratumCorneumWater = 0.30;
inline constexpr double kEpidermisWater = 0.70;
inline constexpr double kDermisWater = 0.65;
inline constexpr double kCorneaWater = 0.78;
inline constexpr double kHairWater = 0.12;
/// Thicknesses of the layers over the dermis of thin (facial) skin; stratum corneum after Christ et
/// al., Bioelectromagnetics 42 (2021).
inline constexpr double kStratumCorneumThickness_m = 15e-6;
inline constexpr double kEpidermisThickness_m = 80e-6;
/// Tear film over the cornea.
inline constexpr double kTearFilmThickness_m = 5e-6;

/// n − jκ of a permittivity, the root that decays along the direction of travel.
std::complex<double> refractive_index(std::complex<double> permittivity);
/// Permittivity (n − jκ)² of an index n with power absorption α, κ = αλ/(4π).
std::complex<double> permittivity_from_index(double index, double absorption_per_m,
                                             double frequency_hz);
/// Power absorption coefficient α = 2kκ, 1/m.
double absorption_per_m(std::complex<double> permittivity, double frequency_hz);

/// Names that named_material() knows.
std::vector<std::string> material_names();

/// The material of that name as a stack seen from air:
///   "pec"           perfect conductor (r = −1)
///   "skin"          one interface, skin set A
///   "skin-layered"  stratum corneum, epidermis, dermis at 32 degrees Celsius
///   "cornea"        tear film over cornea
///   "water"         P.840 water at 20 degrees Celsius
///   "hair"          keratin with 12 % water
/// @throws thz::InputError for any other name.
Stack named_material(const std::string& name, double frequency_hz);

}  // namespace thz::sim
