#include "thz/sim/frame.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "thz/core/error.h"
#include "thz/core/parallel.h"
#include "thz/core/rng.h"
#include "thz/sim/bin_noise.h"
#include "thz/sim/raw_receiver.h"

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

/// Sums a frame where the scanner looked: on its raster if that is ideal, else on a dense one that
/// is read along the path.
class FrameSummer {
 public:
  FrameSummer(const Imager& imager, const Sampling& sampling, const BeamTiles* beam, int threads)
      : imager_(imager),
        beam_(beam),
        scan_(frame_raster(imager)),
        axis_(imager.range_axis()),
        threads_(threads) {
    THZ_REQUIRE((imager.optics == OpticsKind::kAperture) == (beam != nullptr),
                "aperture-level optics need tables of the beam, and nothing else does");
    axis_.nodes_per_cell = sampling.nodes_per_cell;
  }

  /// Complex returns in the range bins, no noise.
  RangeFrame operator()(const Scatterers& scatterers, const ScanPath& path,
                        const std::vector<Vec2>& drift_m) const {
    return sum(scatterers, axis_, path, drift_m);
  }

  /// What the raw mode makes of it: samples of every pulse, noise and imperfections included.
  RangeFrame received(const Scatterers& scatterers, const ScanPath& path,
                      const std::vector<Vec2>& drift_m, const CaptureKey& key, int frame) const {
    const RangeAxis nodes = depth_axis(axis_);
    DepthImages images;
    images.first_m = nodes.first_m;
    images.step_m = nodes.spacing_m;
    images.nodes = sum(scatterers, nodes, path, drift_m).bins;
    const PulseKey pulses{key.seed, key.capture, static_cast<uint32_t>(frame), 0};
    RadarOptions radar = frame_radar(imager_);
    RawRadarOptions raw = imager_.raw_radar;
    if (!imager_.noise) {
      raw.silence();
      radar.effective_floor_dbm.reset();
    }
    return raw_frame(radar, raw, axis_, images, pulses, threads_);
  }

 private:
  RangeFrame sum(const Scatterers& scatterers, const RangeAxis& axis, const ScanPath& path,
                 const std::vector<Vec2>& drift_m) const {
    FrameSumOptions options;
    options.threads = threads_;
    RangeFrame frame = beam_ != nullptr ? sum_aperture(*beam_, scan_, scatterers, axis, threads_)
                                        : sum_frame(imager_.beam, scan_, scatterers, axis, options);
    if (imager_.scanner.mode == ScanMode::kIdeal) return frame;
    return read_frame(frame, scan_, path, drift_m, threads_);
  }

  const Imager& imager_;
  const BeamTiles* beam_;
  ScanGeometry scan_;
  RangeAxis axis_;
  int threads_;
};

/// How far the subject has gone since the frame began when each line is scanned: evenly from this
/// frame's place to the next one's. Turning within a frame is left out: it is far below a degree.
std::vector<Vec2> line_drift(const std::vector<RigidPose>& poses, std::size_t frame,
                             const ScanPath& path, double frame_time_s) {
  std::vector<Vec2> drift(static_cast<std::size_t>(path.lines()), Vec2::Zero());
  if (poses.size() < 2) return drift;
  const std::size_t from = std::min(frame, poses.size() - 2);
  const Vec2 step = (poses[from + 1].translation_m - poses[from].translation_m).head<2>();
  for (int l = 0; l < path.lines(); ++l) {
    const double middle_s = path.time_s(l, path.samples() / 2);
    drift[static_cast<std::size_t>(l)] = step * (middle_s / frame_time_s);
  }
  return drift;
}

/// Adds a frame's power by range bin on the nominal raster: what `detect` makes of each bin alone.
void add_range_power(const std::vector<const RangeFrame*>& parts, const ScanPath& path,
                     const ScanGeometry& scan, float share, int threads,
                     std::vector<ImageF>& cube) {
  const std::size_t bins = parts[0]->bins.size();
  if (cube.empty()) cube.assign(bins, ImageF(scan.lines(), scan.samples_per_line()));
  parallel_for(bins, threads, [&](std::size_t b) {
    ImageC sum = parts[0]->bins[b];
    for (std::size_t p = 1; p < parts.size(); ++p) {
      for (std::size_t i = 0; i < sum.size(); ++i) sum.data[i] += parts[p]->bins[b].data[i];
    }
    ImageF power(sum.rows, sum.cols);
    for (std::size_t i = 0; i < power.size(); ++i) power.data[i] = std::norm(sum.data[i]);
    power = regrid_power(power, path, scan);
    for (std::size_t i = 0; i < power.size(); ++i) cube[b].data[i] += share * power.data[i];
  });
}

}  // namespace

ScanGeometry frame_raster(const Imager& imager) {
  return imager.scanner.mode == ScanMode::kIdeal ? imager.scan()
                                                 : dense_raster(imager.beam, imager.scan());
}

RangeAxis frame_depths(const Imager& imager) {
  RangeAxis axis = imager.range_axis();
  // Nodes reach two steps beyond what the bins need: the coarsest reach furthest.
  axis.nodes_per_cell = 1;
  return axis;
}

RadarOptions frame_radar(const Imager& imager) {
  RadarOptions radar = imager.radar;
  if (imager.optics == OpticsKind::kAperture) {
    radar.losses.spill_over_db = radar.losses.mirrors_db = radar.losses.remaining_db = 0.0;
  }
  return radar;
}

double two_way_loss(const Imager& imager) {
  return ratio_from_db(-2.0 * frame_radar(imager).losses.total_db());
}

double noise_over_transmitted(const Imager& imager) {
  return noise_budget(imager.radar, imager.raw_radar, imager.standoff_m).total_w() /
         imager.radar.transmit_power_w;
}

double noise_floor_dbm(const Imager& imager) {
  return dbm_from_watt(noise_over_transmitted(imager) * imager.radar.transmit_power_w);
}

RangeFrame receiver_noise(const Imager& imager, const CaptureKey& key, int frame, int threads) {
  const RangeAxis axis = imager.range_axis();
  std::vector<double> variances = bin_noise_variances_w(imager.radar, imager.raw_radar, axis);
  for (double& v : variances) v /= received_power_w(imager.radar, 1.0);
  return correlated_bin_noise(imager.radar.window, axis, scan_lines(imager.scanner, imager.lines),
                              imager.samples_per_line, variances, key.seed, key.capture,
                              static_cast<uint32_t>(frame), threads);
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
  const auto loss = static_cast<float>(two_way_loss(imager));
  const FrameSummer summer(imager, sampling, options.beam, options.threads);
  Capture capture;
  capture.noise_floor_dbm = noise_floor_dbm(imager);
  capture.power = ImageF(imager.lines, imager.samples_per_line);
  for (std::size_t f = 0; f < poses.size(); ++f) {
    if (options.cancel != nullptr) options.cancel->throw_if_requested();
    const int frame = static_cast<int>(f);
    const ScanPath path = scan_path(imager.scanner, scan, key.seed, key.capture, frame);
    const auto drift_m =
        line_drift(poses, f, path, slow_half_period_s(imager.scanner, imager.lines));
    ScatterParts scatterers;
    {
      StageClock clock(capture.seconds, "surface");
      scatterers = find_scatterers(target, poses[f], imager, sampling, FieldWindow::whole(imager),
                                   speckle_key(imager, key.seed, key.capture), options.threads);
    }
    FrameParts parts;
    std::vector<const RangeFrame*> received;
    RangeFrame whole;
    {
      StageClock clock(capture.seconds, "sum");
      if (options.keep_parts) {
        parts = {summer(scatterers.coherent, path, drift_m),
                 summer(scatterers.diffuse, path, drift_m),
                 summer(scatterers.cloth, path, drift_m),
                 {}};
        received = {&parts.coherent, &parts.diffuse, &parts.cloth};
      }
      if (imager.raw) {
        whole = summer.received(scatterers.all(), path, drift_m, key, frame);
        received = {&whole};
      } else if (!options.keep_parts) {
        whole = summer(scatterers.all(), path, drift_m);
        received = {&whole};
      }
    }
    if (imager.noise && !imager.raw) {
      StageClock clock(capture.seconds, "noise");
      parts.noise = receiver_noise(imager, key, frame, options.threads);
      received.push_back(&parts.noise);
    }
    StageClock clock(capture.seconds, "detect");
    const ImageF power =
        regrid_power(detect(received, imager.detector, options.threads), path, scan);
    const float share = loss / static_cast<float>(poses.size());
    for (std::size_t i = 0; i < power.size(); ++i) capture.power.data[i] += share * power.data[i];
    if (options.keep_range) {
      add_range_power(received, path, scan, share, options.threads, capture.range_power);
    }
    if (options.keep_parts) capture.parts.push_back(std::move(parts));
  }
  return capture;
}

}  // namespace thz::sim
