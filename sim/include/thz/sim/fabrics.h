#pragma once

#include <complex>
#include <cstdint>
#include <string>
#include <vector>

#include "thz/sim/layers.h"

/// Cloth as an effective medium of fibre, air and water. See docs/theory/garment.md.
namespace thz::sim {

/// A fabric as bought; sample_fabric() makes the piece worn in one capture. Indices of fibres lie
/// in the range of bulk polymers of Jin, Kim & Jeon, J. Korean Phys. Soc. 49, 513 (2006); the total
/// loss is compatible with the bound of 3 dB up to 300 GHz for eight common fabrics of Bjarnason et
/// al., Appl. Phys. Lett. 85, 519 (2004). All other figures are engineering estimates.
struct Fabric {
  std::string id;
  std::string description;
  double areal_mass_kg_m2;
  double thickness_m;
  double fibre_index;
  double fibre_absorption_per_m;  ///< power, at 340 GHz
  double fibre_density_kg_m3;
  double stitch_pitch_m;  ///< repeat of the knit or weave
};

/// "cotton", "denim", "wool", "acrylic", "fleece", "ski-mask", "nylon", "leather".
const std::vector<Fabric>& fabric_catalogue();

/// @throws thz::InputError if no fabric of the catalogue has that id.
const Fabric& find_fabric(const std::string& id);

/// Where water sits in a damp fabric.
enum class Moisture {
  kAbsorbed,  ///< spread through the yarn: third part of the Looyenga mixture
  kFilm,      ///< a film of water on the inner face (upper bound of the loss)
};

/// Spreads of sample_fabric(): normal with half the spread as standard deviation, cut at the
/// spread.
struct FabricPrior {
  double thickness_spread = 0.25;      ///< relative
  double loss_spread = 0.40;           ///< relative, of the fibre's absorption
  double face_sigma_h_low_m = 100e-6;  ///< rms height of the front face, uniform
  double face_sigma_h_high_m = 300e-6;
  double diffuse_sigma0_db = -20.0;  ///< backscatter of the weave per unit area
  double diffuse_spread_db = 5.0;
  double thickness_variation = 0.10;  ///< rms of thickness over the piece, relative
};

/// The piece of fabric worn in one capture.
struct FabricSample {
  Fabric fabric;
  double thickness_m = 0.0;
  double loss_factor = 1.0;     ///< on the fibre's absorption
  double face_sigma_h_m = 0.0;  ///< rms height of the front face
  double diffuse_sigma0 = 0.0;  ///< linear, at normal incidence
  double thickness_variation = 0.0;
  double water_kg_m2 = 0.0;  ///< moisture; breath-damp cloth holds 0.010 to 0.060
  Moisture moisture = Moisture::kAbsorbed;
};

/// The fabric exactly as in the catalogue, dry: no spread.
FabricSample nominal_sample(const Fabric& fabric, const FabricPrior& prior = {});

/// Draws a piece; keyed by (seed, RngPurpose::kFabric, capture). The areal mass stays, so a thicker
/// piece is more open.
FabricSample sample_fabric(const Fabric& fabric, uint64_t seed, uint64_t capture,
                           const FabricPrior& prior = {});

/// Fraction of the volume that is fibre, m/(t ρ).
double fibre_fraction(const FabricSample& sample);

/// Looyenga mixture of fibre, air and absorbed water. The fibre's n and κ are taken as constant
/// around 340 GHz. ContractError if fibre and water do not fit in the thickness.
std::complex<double> fabric_permittivity(const FabricSample& sample, double frequency_hz);

/// `layers` thicknesses of fabric in contact, then the water film if there is one, in air.
Stack fabric_stack(const FabricSample& sample, int layers, double frequency_hz);

/// One-way loss −10 lg T of the stack at normal incidence, absorption and faces, without scatter.
double one_way_loss_db(const FabricSample& sample, int layers, double frequency_hz);

/// Share of the absorption in it, 4.343 α t.
double absorption_loss_db(const FabricSample& sample, int layers, double frequency_hz);

/// Change of ln(transmission), one way, by water breathed into the layers, at their own thickness:
/// the Looyenga mixture with the water in it less that of the dry cloth. Water that finds no room
/// between the fibres lies on the inner face as a film. Nearly linear in the mass; the fronts of
/// faces, which send back a little more, are left out.
/// @param water_kg_m2  of all layers together, on top of what `sample` holds; >= 0.
std::complex<double> damp_propagation(const FabricSample& sample, int layers, double water_kg_m2,
                                      double frequency_hz);

/// Power left in the zero order after a screen of thickness variation σ_t, exp(−(k(n−1)σ_t)²), one
/// way. For callers that do not lay the screen explicitly (GarmentShell::screen).
double screen_coherent_fraction(std::complex<double> permittivity, double thickness_rms_m,
                                double frequency_hz);

/// Angle of order m of a weave of pitch P at normal incidence, asin(mλ/P), rad; InputError if the
/// order does not propagate.
double diffraction_angle_rad(int order, double pitch_m, double frequency_hz);

/// What cloth itself sends back, at the range of its front face.
struct FabricClutter {
  /// Co-polar mean of both faces times e^{-g/2} of the front's relief:
  ///   r (1 - (1 - r^2) e^{-2jkqD} e^{-g'/2}),  q = sqrt(eps - sin^2), D all layers' thickness,
  /// where the back's share fades with the variation of D, g' = (2 k Re(q) sigma_D)^2: two thirds
  /// of it are left of a nylon shell's, nothing of a knit's.
  std::complex<double> coherent_amplitude;
  double sigma0;  ///< diffuse of both faces, sigma0 cos^2 (Lambert's angle dependence)
};
FabricClutter fabric_clutter(const FabricSample& sample, int layers, double cos_theta,
                             double frequency_hz);
/// The same with fabric_permittivity() at hand.
FabricClutter fabric_clutter(const FabricSample& sample, std::complex<double> permittivity,
                             int layers, double cos_theta, double frequency_hz);

/// Where the two faces of a cloth send their diffuse shares back from.
struct FabricFaces {
  double back_share;  ///< of sigma0: T^2/(1 + T^2) with the one-way transmission T through the yarn
  double depth_m;     ///< optical, Re(n) D: how much later than the front
};
FabricFaces fabric_faces(const FabricSample& sample, int layers, double frequency_hz);

}  // namespace thz::sim
