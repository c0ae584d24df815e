#include <algorithm>
#include <cmath>
#include <optional>

#include "thz/core/error.h"
#include "thz/core/rng.h"
#include "thz/sim/bin_noise.h"
#include "thz/sim/envelope.h"
#include "thz/sim/frame.h"
#include "thz/sim/window.h"

namespace thz::sim {
namespace {

/// Two-way fields of one scan position: the Gaussian beam's, or those of the reflectors' exact
/// beam.
class ProbeField {
 public:
  ProbeField(const Imager& imager, const Vec2& foot_m, int threads)
      : imager_(imager), axis_(imager.scan().direction(foot_m)), threads_(threads) {
    if (imager.optics != OpticsKind::kAperture) return;
    optics_.emplace(imager.design);
    beam_.emplace(*optics_, imager.beam.frequency_hz, foot_m, PupilSampling{});
  }

  const Vec3& axis() const { return axis_; }

  /// u^2 exp(-2jk h) times each amplitude.
  std::vector<std::complex<double>> returns(const Scatterers& s) const {
    std::vector<std::complex<double>> values;
    if (!beam_) {
      for (std::size_t i = 0; i < s.size(); ++i) {
        values.push_back(s.gamma[i] * two_way_field(imager_.beam, imager_.standoff_m, axis_,
                                                    s.direction[i], s.range_m[i]));
      }
      return values;
    }
    std::vector<Vec3> points;
    for (std::size_t i = 0; i < s.size(); ++i) {
      points.push_back(imager_.scan().pivot_m() + s.range_m[i] * s.direction[i]);
    }
    if (points.empty()) return values;
    values = beam_->envelope(points, threads_);
    const double k2 = 2.0 * imager_.beam.wavenumber();
    for (std::size_t i = 0; i < s.size(); ++i) {
      values[i] *= s.gamma[i] * std::polar(1.0, -k2 * (s.range_m[i] - imager_.standoff_m));
    }
    return values;
  }

 private:
  const Imager& imager_;
  Vec3 axis_;
  int threads_;
  std::optional<Gregorian> optics_;
  std::optional<AimedBeam> beam_;
};

/// Scatterers that the beam at `axis` can reach; the rest are below -100 dB each (Gaussian), or
/// beyond what frames follow too.
Scatterers within_reach(const Scatterers& all, const Imager& imager, const Vec3& axis) {
  const double z_r = imager.beam.rayleigh_range_m();
  const double widest_m = beam_reach_m(imager);
  Scatterers near;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const double zeta = (all.range_m[i] - imager.standoff_m) / z_r;
    const double radius = imager.beam.waist_m * std::sqrt(1.0 + zeta * zeta);
    // u^2 falls as exp(-2 rho^2 / w^2): 2.4 w is 1e-5 in amplitude.
    const double rho = all.range_m[i] * (all.direction[i] - axis).norm();
    const double reach_m = imager.optics == OpticsKind::kAperture ? widest_m : 2.4 * radius;
    if (rho < reach_m) near.add(all.direction[i], all.range_m[i], all.gamma[i]);
  }
  return near;
}

double detect_profile(const Imager& imager, const Scatterers& scatterers,
                      const std::vector<std::complex<double>>& fields, const CaptureKey& key,
                      int frame) {
  const RangeAxis bins = imager.range_axis();
  const double loss = two_way_loss(imager);
  Rng noise(key.seed, RngPurpose::kNoise, mix_keys(key.capture, 0x9E0BEULL),
            static_cast<uint32_t>(frame));
  const std::vector<double> noise_w = bin_noise_variances_w(imager.radar, imager.raw_radar, bins);
  double peak = 0.0, energy = 0.0;
  for (int b = 0; b < bins.bins; ++b) {
    std::complex<double> sum = 0.0;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      sum += fields[i] * range_response(imager.radar.window,
                                        (scatterers.range_m[i] - bins.bin_m(b)) / bins.cell_m);
    }
    sum *= std::sqrt(loss);
    if (imager.noise) {
      const double variance = noise_w[static_cast<std::size_t>(b)] / imager.radar.transmit_power_w;
      sum += std::sqrt(variance) * noise.complex_normal();
    }
    peak = std::max(peak, std::norm(sum));
    energy += std::norm(sum);
  }
  return (imager.detector == Detector::kPeak ? peak : energy) * imager.radar.transmit_power_w;
}

}  // namespace

Probe probe(const Imager& imager, const Sampling& sampling, const Target& target,
            const std::vector<RigidPose>& poses, const CaptureKey& key, const Vec2& foot_m,
            uint64_t realisation, int threads) {
  THZ_REQUIRE(!poses.empty(), "a probe needs at least one frame");
  CaptureKey drawn = key;
  if (realisation > 0) drawn.capture = mix_keys(key.capture, realisation);
  const ProbeField field(imager, foot_m, threads);
  const FieldWindow window{foot_m, Vec2::Zero()};
  // Over a cell the beam is taken as constant, which bends a curved surface's phase by
  // (2/3) (pitch / w0)^2 of itself: 5e-4 at this pitch, 2e-3 at that of frames.
  Sampling fine = sampling;
  fine.ray_pitch_m = std::min(sampling.ray_pitch_m, imager.beam.waist_m / 38.0);
  Probe result;
  result.foot_m = foot_m;
  for (std::size_t f = 0; f < poses.size(); ++f) {
    const Scatterers near =
        within_reach(find_scatterers(target, poses[f], imager, fine, window,
                                     speckle_key(imager, drawn.seed, drawn.capture), threads)
                         .all(),
                     imager, field.axis());
    const auto returns = field.returns(near);
    if (f == 0) {
      for (const auto& value : returns) result.coupling += value;
    }
    result.detected_w += detect_profile(imager, near, returns, drawn, static_cast<int>(f)) /
                         static_cast<double>(poses.size());
  }
  return result;
}

}  // namespace thz::sim
