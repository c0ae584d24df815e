#pragma once

#include <cmath>
#include <complex>
#include <vector>

#include "thz/sim/raw_receiver.h"
#include "thz/sim/window.h"

namespace thz::test {

/// Raw mode with everything off; a test turns on what it is about.
inline sim::RawRadarOptions ideal_radar() {
  sim::RawRadarOptions raw;
  raw.chirp_error_on = raw.phase_noise_on = raw.leakage_on = raw.mixer_on = false;
  raw.thermal_on = raw.filter_on = raw.adc_on = false;
  return raw;
}

/// `bins` bins from a range on, `padding` a range cell.
inline sim::RangeAxis axis_from(const sim::RadarOptions& radar, double first_m, int bins,
                                int padding) {
  sim::RangeAxis axis;
  axis.cell_m = radar.chirp.range_cell_m();
  axis.spacing_m = axis.cell_m / padding;
  axis.first_m = first_m;
  axis.bins = bins;
  return axis;
}

/// One receiver with its workspace; a target is a power at a range with the phase of its path.
class Rig {
 public:
  Rig(const sim::RadarOptions& radar, const sim::RawRadarOptions& raw,
      const std::vector<double>& ranges_m, const sim::RangeAxis& axis)
      : receiver_(radar, raw, ranges_m, axis), workspace_(receiver_.make_workspace()) {}

  std::vector<float> pulse(const std::vector<std::complex<float>>& amplitudes,
                           const sim::PulseKey& key = {}) {
    std::vector<float> samples(static_cast<std::size_t>(receiver_.samples()));
    receiver_.pulse(*workspace_, amplitudes.data(), key, samples.data());
    return samples;
  }
  std::vector<std::complex<double>> profile(const std::vector<std::complex<float>>& amplitudes,
                                            const sim::PulseKey& key = {}) {
    std::vector<std::complex<float>> bins(static_cast<std::size_t>(receiver_.bins()));
    receiver_.profile(*workspace_, pulse(amplitudes, key).data(), bins.data());
    return std::vector<std::complex<double>>(bins.begin(), bins.end());
  }

 private:
  sim::RawReceiver receiver_;
  sim::RawReceiver::WorkspacePtr workspace_;
};

inline double db(double power_ratio) { return 10.0 * std::log10(power_ratio); }

}  // namespace thz::test
