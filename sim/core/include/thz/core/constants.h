#pragma once

#include <complex>

namespace thz {

inline constexpr double kPi = 3.14159265358979323846;
/// The imaginary unit; time goes as exp(+jωt).
inline constexpr std::complex<double> kJ{0.0, 1.0};
/// Speed of light in vacuum, m/s (SI definition).
inline constexpr double kSpeedOfLight = 299792458.0;
/// Boltzmann constant, J/K (SI definition).
inline constexpr double kBoltzmann = 1.380649e-23;

inline constexpr double deg_to_rad(double degrees) { return degrees * (kPi / 180.0); }
inline constexpr double rad_to_deg(double radians) { return radians * (180.0 / kPi); }

}  // namespace thz
