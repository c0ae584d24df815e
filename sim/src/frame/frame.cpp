#include "thz/sim/frame.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "thz/core/error.h"
#include "thz/core/parallel.h"
#include "thz/core/rng.h"

namespace thz::sim {
namespace {

/// Adds the wall time of a scope to a stage.
class StageClock {
 public:
  StageClock(std::map<std::string, double>& seconds, const char* stage)
      : slot_(seconds[stage]), start_(std::chrono::steady_clock::now()) {}
  ~StageClock() {
    slot_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  double& slot_;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace

double two_way_loss(const Imager& imager) {
  return ratio_from_db(-2.0 * imager.radar.losses.total_db());
}

double noise_over_transmitted(const Imager& imager) {
  return noise_budget(imager.radar, imager.standoff_m).total_w() / imager.radar.transmit_power_w;
}

double noise_floor_dbm(const Imager& imager) {
  return dbm_from_watt(noise_budget(imager.radar, imager.standoff_m).total_w());
}

RangeFrame receiver_noise(const Imager& imager, double variance, const CaptureKey& key, int frame,
                          int threads) {
  const RangeAxis axis = imager.range_axis();
  RangeFrame noise;
  noise.bins.assign(static_cast<std::size_t>(axis.bins),
                    ImageC(imager.lines, imager.samples_per_line));
  parallel_for(noise.bins.size(), threads, [&](std::size_t b) {
    // One stream a bin; two range bins a cell are correlated in an instrument (zero padding); drawn
    // independently here, which leaves the mean and the law of each bin as they are.
    Rng rng(key.seed, RngPurpose::kNoise, mix_keys(key.capture, b), static_cast<uint32_t>(frame));
    rng.fill_complex_normal(noise.bins[b].data.data(), noise.bins[b].size(),
                            static_cast<float>(variance));
  });
  return noise;
}

ImageF detect(const std::vector<const RangeFrame*>& parts, Detector detector, int threads) {
  THZ_REQUIRE(!parts.empty() && !parts[0]->bins.empty(), "nothing to detect");
  const ImageC& first = parts[0]->bins[0];
  const std::size_t bins = parts[0]->bins.size();
  ImageF power(first.rows, first.cols);
  parallel_for(static_cast<std::size_t>(first.rows), threads, [&](std::size_t row) {
    float* out = power.row(static_cast<int>(row));
    for (std::size_t b = 0; b < bins; ++b) {
      for (int s = 0; s < first.cols; ++s) {
        std::complex<float> sum = 0.0f;
        for (const RangeFrame* part : parts) sum += part->bins[b](static_cast<int>(row), s);
        const float value = std::norm(sum);
        out[s] = detector == Detector::kPeak ? std::max(out[s], value) : out[s] + value;
      }
    }
  });
  return power;
}

Capture simulate_capture(const Imager& imager, const Sampling& sampling, const Target& target,
                         const std::vector<RigidPose>& poses, const CaptureKey& key,
                         const CaptureOptions& options) {
  THZ_REQUIRE(!poses.empty(), "a capture needs at least one frame");
  const ScanGeometry scan = imager.scan();
  const RangeAxis axis = imager.range_axis();
  const auto loss = static_cast<float>(two_way_loss(imager));
  // Noise is kept in units of coupling, so that parts add before the losses are applied.
  const double noise_variance = noise_over_transmitted(imager) / double{loss};
  const FrameSumOptions sum_options{1e-4, options.threads};

  Capture capture;
  capture.noise_floor_dbm = noise_floor_dbm(imager);
  capture.power = ImageF(imager.lines, imager.samples_per_line);
  for (std::size_t f = 0; f < poses.size(); ++f) {
    if (options.cancel != nullptr) options.cancel->throw_if_requested();
    ScatterParts scatterers;
    {
      StageClock clock(capture.seconds, "surface");
      scatterers = find_scatterers(target, poses[f], imager, sampling, FieldWindow::whole(imager),
                                   {key.seed, key.capture}, options.threads);
    }
    FrameParts parts;
    {
      StageClock clock(capture.seconds, "sum");
      const auto sum = [&](const Scatterers& s) {
        return sum_frame(imager.beam, scan, s, axis, sum_options);
      };
      if (options.keep_parts) {
        parts = {sum(scatterers.coherent), sum(scatterers.diffuse), sum(scatterers.cloth), {}};
      } else {
        parts.coherent = sum(scatterers.all());
      }
    }
    std::vector<const RangeFrame*> present = {&parts.coherent};
    if (options.keep_parts) present.insert(present.end(), {&parts.diffuse, &parts.cloth});
    if (imager.noise) {
      StageClock clock(capture.seconds, "noise");
      parts.noise =
          receiver_noise(imager, noise_variance, key, static_cast<int>(f), options.threads);
      present.push_back(&parts.noise);
    }
    StageClock clock(capture.seconds, "detect");
    const ImageF power = detect(present, imager.detector, options.threads);
    const float share = loss / static_cast<float>(poses.size());
    for (std::size_t i = 0; i < power.size(); ++i) capture.power.data[i] += share * power.data[i];
    if (options.keep_parts) capture.parts.push_back(std::move(parts));
  }
  return capture;
}

}  // namespace thz::sim
