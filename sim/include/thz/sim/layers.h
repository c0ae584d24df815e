#pragma once

#include <cmath>
#include <complex>
#include <vector>

/// Plane waves on stacks of flat layers. Time factor exp(+jωt), passive ε = ε' − jε''.
///
/// Sign convention of BOTH polarisations: coefficients relate the component of E parallel to the
/// interface. So r_s = r_p at normal incidence, a perfect conductor has r_s = r_p = −1, and r_p is
/// the negative of the (ε cosθ − q)/(ε cosθ + q) found in textbooks that follow Verdet.
/// Phases: r at the front face, t from the front face to the back face.
namespace thz::sim {

struct Layer {
  std::complex<double> permittivity;
  double thickness_m;
};

/// What the last layer rests on.
enum class Backing { kAir, kDielectric, kConductor };

/// Layers in the order in which the wave meets them. No layers and air behind: nothing there.
struct Stack {
  std::vector<Layer> layers;
  Backing backing = Backing::kAir;
  std::complex<double> substrate_permittivity = 1.0;  ///< used if backing is kDielectric

  double thickness_m() const;
};

Stack half_space(std::complex<double> permittivity);
Stack perfect_conductor();
/// The stack as seen from behind; ContractError if it does not stand in air.
Stack reversed(const Stack& stack);

/// Amplitude and power coefficients of a stack for the two polarisations.
struct StackResponse {
  std::complex<double> r_s, r_p;  ///< reflected over incident tangential E, at the front face
  std::complex<double> t_s, t_p;  ///< tangential E at the back face over incident at the front face
  double reflected_s, reflected_p;  ///< power fractions
  double transmitted_s,
      transmitted_p;  ///< power fractions entering the backing (0 for a conductor)
};

/// Characteristic-matrix method (Born & Wolf, Principles of Optics, 7th ed., section 1.6):
///   q = √(ε − sin²θ),  δ = k q d,  Y_s = q,  Y_p = ε/q,
///   M = [[cos δ, j sin δ/Y], [j Y sin δ, cos δ]],  [B; C] = Π M [1; Y_N],
///   r = (Y0 B − C)/(Y0 B + C),  t = 2 Y0/(Y0 B + C),  T = Re(Y_N)/Y0 |t|²,
/// with e^{jδ} taken out of every M, so that thick lossy layers do not overflow.
/// @param cos_theta     cosine of the angle of incidence in air, (0, 1].
/// @throws thz::ContractError outside that range, for a negative thickness or an active medium.
StackResponse stack_response(const Stack& stack, double cos_theta, double frequency_hz);

/// Difference in propagation between the medium and the air it displaces, per metre of thickness:
/// −jk(√(ε − sin²θ) − cosθ), so that a sheet thicker by Δ multiplies what passes by exp(Δ · this).
std::complex<double> excess_propagation_per_m(std::complex<double> permittivity, double cos_theta,
                                              double frequency_hz);

/// Mean of the polarisations and half their difference. For E at angle φ to the plane of incidence
/// the co-polar coefficient is mean + half_difference cos 2φ, the cross-polar one
/// half_difference sin 2φ; together they carry |r_p|² cos²φ + |r_s|² sin²φ.
struct CoPolar {
  std::complex<float> mean;
  std::complex<float> half_difference;

  std::complex<float> co(float phi_rad) const {
    return mean + half_difference * std::cos(2.0f * phi_rad);
  }
  std::complex<float> cross(float phi_rad) const {
    return half_difference * std::sin(2.0f * phi_rad);
  }
};

/// A stack's co-polar coefficients over cosθ, for hot loops: linear interpolation in complex float.
///
/// reflection: (r_s + r_p)/2 and (r_p − r_s)/2 of StackResponse: what a facet sends back into a
/// linearly polarised monostatic receiver, averaged over the facet's azimuth; −1 for a conductor at
/// every angle.
/// transmission: the same of t, times e^{+jk cosθ d}: relative to the air displaced, so that a
/// caller who traces straight through the stack as if it were air multiplies by this, once a pass.
class ReflectionTable {
 public:
  /// The number of nodes doubles (from 256, to at most 65536) until the largest interpolation error
  /// found at thirds and midpoints of all cells is below `error_bound` (absolute, amplitude).
  ReflectionTable(const Stack& stack, double frequency_hz, double error_bound = 1e-4);

  CoPolar reflection(float cos_theta) const { return lookup(reflection_, cos_theta); }
  CoPolar transmission(float cos_theta) const { return lookup(transmission_, cos_theta); }
  /// Unpolarised power reflectivity (|r_s|² + |r_p|²)/2.
  float power_reflectivity(float cos_theta) const;
  /// Largest interpolation error found while building.
  double measured_error() const { return measured_error_; }
  int nodes() const { return static_cast<int>(reflection_.size()); }

 private:
  CoPolar lookup(const std::vector<CoPolar>& table, float cos_theta) const {
    float position = cos_theta * scale_;
    position = position < 0.0f ? 0.0f : (position > scale_ ? scale_ : position);
    std::size_t i = static_cast<std::size_t>(position);
    if (i + 1 >= table.size()) i = table.size() - 2;
    const float w = position - static_cast<float>(i);
    const CoPolar& a = table[i];
    const CoPolar& b = table[i + 1];
    return {a.mean + w * (b.mean - a.mean),
            a.half_difference + w * (b.half_difference - a.half_difference)};
  }

  std::vector<CoPolar> reflection_;    // [nodes], cosθ = i/(nodes − 1)
  std::vector<CoPolar> transmission_;  // [nodes]
  float scale_ = 0.0f;                 // nodes − 1
  double measured_error_ = 0.0;
};

}  // namespace thz::sim
