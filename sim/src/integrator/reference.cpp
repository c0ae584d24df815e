#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/sim/integrator.h"

namespace thz::sim {
namespace {

using Complex = std::complex<double>;
constexpr Complex kJ{0.0, 1.0};

BeamOptions beam_at(const BeamOptions& beam, double frequency_hz, bool scale_waist) {
  BeamOptions other = beam;
  other.frequency_hz = frequency_hz;
  if (scale_waist) other.waist_m = beam.waist_m * beam.frequency_hz / frequency_hz;
  return other;
}

}  // namespace

double BeamOptions::wavelength_m() const { return kSpeedOfLight / frequency_hz; }
double BeamOptions::wavenumber() const { return 2.0 * kPi / wavelength_m(); }
double BeamOptions::rayleigh_range_m() const { return kPi * waist_m * waist_m / wavelength_m(); }

Complex two_way_field(const BeamOptions& beam, double standoff_m, const Vec3& axis,
                      const Vec3& direction, double range_m) {
  const double k = beam.wavenumber();
  const double z_r = beam.rayleigh_range_m();
  // 1 - cos(angle) from the chord, which keeps its digits for small angles.
  const double one_minus_cos = 0.5 * (direction - axis).squaredNorm();
  const double z = (range_m - standoff_m) - range_m * one_minus_cos;
  const double rho_squared = range_m * range_m * one_minus_cos * (2.0 - one_minus_cos);
  const Complex gouy = 1.0 / (1.0 - kJ * (z / z_r));
  const Complex envelope = 2.0 / (kPi * beam.waist_m * beam.waist_m) * gouy * gouy *
                           std::exp(-kJ * k * rho_squared / Complex(z, z_r));
  return envelope * std::exp(-kJ * (2.0 * k * z));
}

Complex reference_coupling(const BeamOptions& beam, double standoff_m, const Vec3& axis,
                           const Scatterers& scatterers) {
  Complex sum = 0.0;
  for (std::size_t i = 0; i < scatterers.size(); ++i) {
    sum += scatterers.gamma[i] *
           two_way_field(beam, standoff_m, axis, scatterers.direction[i], scatterers.range_m[i]);
  }
  return sum;
}

std::vector<Complex> reference_range_profile(const BeamOptions& beam, double standoff_m,
                                             const Vec3& axis, const Scatterers& scatterers,
                                             double bandwidth_hz, int frequencies,
                                             const RangeAxis& range_axis, bool scale_waist) {
  THZ_REQUIRE(frequencies >= 2, "at least two frequencies are needed");
  std::vector<Complex> profile(static_cast<std::size_t>(range_axis.bins), 0.0);
  double window_sum = 0.0;
  for (int n = 0; n < frequencies; ++n) {
    const double x = (n + 0.5) / frequencies - 0.5;  // position in the chirp, -1/2 .. 1/2
    const double frequency_hz = beam.frequency_hz + bandwidth_hz * x;
    const double window = 0.5 + 0.5 * std::cos(2.0 * kPi * x);
    window_sum += window;
    const Complex sample =
        reference_coupling(beam_at(beam, frequency_hz, scale_waist), standoff_m, axis, scatterers);
    for (int b = 0; b < range_axis.bins; ++b) {
      // Mixing with the local copy delayed by the bin's range, relative to the centre frequency:
      // what is left at the bin is the return's phase at the centre frequency.
      const double z_bin = range_axis.bin_m(b) - standoff_m;
      const double turn = 4.0 * kPi * bandwidth_hz * x * z_bin / kSpeedOfLight;
      profile[static_cast<std::size_t>(b)] += window * sample * std::exp(kJ * turn);
    }
  }
  for (auto& value : profile) value /= window_sum;
  return profile;
}

}  // namespace thz::sim
