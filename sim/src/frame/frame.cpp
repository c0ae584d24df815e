#include "thz/sim/frame.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "thz/core/error.h"
#include "thz/core/parallel.h"
#include "thz/core/rng.h"
#include "thz/sim/bin_noise.h"
#include "thz/sim/raw_receiver.h"

namespace thz::sim {
namespace {

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

  /// Complex returns of the range bins on the whole raster, no noise.
  RangeFrame bins(const Scatterers& scatterers) const { return sum(scatterers, axis_); }
  /// The same on the depth nodes, for received().
  RangeFrame nodes(const Scatterers& scatterers) const {
    return sum(scatterers, depth_axis(axis_));
  }

  /// Whether the scanner sees the raster as it is.
  bool is_ideal() const { return imager_.scanner.mode == ScanMode::kIdeal; }

  /// What the scanner sees of it on its path.
  RangeFrame seen(const RangeFrame& raster, const ScanPath& path,
                  const std::vector<Vec2>& drift_m) const {
    return is_ideal() ? raster : read_frame(raster, scan_, path, drift_m, threads_);
  }

  /// What the raw mode makes of it: samples of every pulse, noise and imperfections included.
  RangeFrame received(const RangeFrame& raster, const ScanPath& path,
                      const std::vector<Vec2>& drift_m, const CaptureKey& key, int frame) const {
    const RangeAxis nodes = depth_axis(axis_);
    DepthImages images;
    images.first_m = nodes.first_m;
    images.step_m = nodes.spacing_m;
    images.nodes = seen(raster, path, drift_m).bins;
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
  RangeFrame sum(const Scatterers& scatterers, const RangeAxis& axis) const {
    FrameSumOptions options;
    options.threads = threads_;
    if (beam_ != nullptr) return sum_aperture(*beam_, scan_, scatterers, axis, threads_);
    return sum_frame(imager_.beam, scan_, scatterers, axis, options);
  }

  const Imager& imager_;
  const BeamTiles* beam_;
  ScanGeometry scan_;
  RangeAxis axis_;
  int threads_;
};

/// One frame as it is scanned.
struct Scanning {
  ScanPath path;
  std::vector<Vec2> drift_m;
  CaptureKey key;
  int frame;
};

/// Returns of one pose on the raster, as far as they are asked for. They are the same for every
/// frame in which the subject stands still: speckle belongs to the capture, noise comes later.
class Rasters {
 public:
  Rasters() = default;
  Rasters(const FrameSummer& summer, const ScatterParts& scatterers, bool raw, bool keep_parts)
      : raw_(raw), keep_parts_(keep_parts) {
    if (keep_parts) {
      coherent_ = summer.bins(scatterers.coherent);
      diffuse_ = summer.bins(scatterers.diffuse);
      cloth_ = summer.bins(scatterers.cloth);
    }
    if (raw) {
      whole_ = summer.nodes(scatterers.all());
    } else if (!keep_parts) {
      whole_ = summer.bins(scatterers.all());
    }
  }

  /// What the detector adds up in one frame, noise aside: it lies in `parts`, in `whole` or here.
  std::vector<const RangeFrame*> received(const FrameSummer& summer, const Scanning& scanning,
                                          FrameParts& parts, RangeFrame& whole) const {
    const auto& [path, drift_m, key, frame] = scanning;
    if (keep_parts_) {
      parts = {summer.seen(coherent_, path, drift_m),
               summer.seen(diffuse_, path, drift_m),
               summer.seen(cloth_, path, drift_m),
               {}};
    }
    if (raw_) {
      whole = summer.received(whole_, path, drift_m, key, frame);
      return {&whole};
    }
    if (keep_parts_) return {&parts.coherent, &parts.diffuse, &parts.cloth};
    if (summer.is_ideal()) return {&whole_};
    whole = summer.seen(whole_, path, drift_m);
    return {&whole};
  }

 private:
  bool raw_ = false, keep_parts_ = false;
  RangeFrame whole_, coherent_, diffuse_, cloth_;
};

bool same_pose(const RigidPose& a, const RigidPose& b) {
  return a.rotation == b.rotation && a.translation_m == b.translation_m;
}

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

BinNoise frame_noise(const Imager& imager, const CaptureKey& key, int frame) {
  const RangeAxis axis = imager.range_axis();
  std::vector<double> variances = bin_noise_variances_w(imager.radar, imager.raw_radar, axis);
  for (double& v : variances) v /= received_power_w(frame_radar(imager), 1.0);
  return {
      imager.radar.window,         axis, imager.samples_per_line, variances, key.seed, key.capture,
      static_cast<uint32_t>(frame)};
}

RangeFrame receiver_noise(const Imager& imager, const CaptureKey& key, int frame, int threads) {
  return frame_noise(imager, key, frame).frame(scan_lines(imager.scanner, imager.lines), threads);
}

ImageF detect(const std::vector<const RangeFrame*>& parts, Detector detector, int threads,
              const BinNoise* noise) {
  THZ_REQUIRE(!parts.empty() && !parts[0]->bins.empty(), "nothing to detect");
  const ImageC& first = parts[0]->bins[0];
  const std::size_t bins = parts[0]->bins.size();
  THZ_REQUIRE(noise == nullptr || (static_cast<std::size_t>(noise->bins()) == bins &&
                                   noise->samples() == first.cols),
              "noise and returns differ");
  ImageF power(first.rows, first.cols);
  const auto cols = static_cast<std::size_t>(first.cols);
  parallel_for(static_cast<std::size_t>(first.rows), threads, [&](std::size_t r) {
    const int row = static_cast<int>(r);
    float* out = power.row(row);
    // The noise of the line, or a place for the sum of its parts, one bin after the other.
    BinLine line(noise != nullptr ? static_cast<int>(bins) : 1, first.cols);
    if (noise != nullptr) noise->draw(row, line);
    for (std::size_t b = 0; b < bins; ++b) {
      std::complex<float>* sum = line.bin(noise != nullptr ? static_cast<int>(b) : 0);
      if (noise == nullptr) std::fill_n(sum, cols, std::complex<float>());
      for (const RangeFrame* part : parts) {
        const std::complex<float>* more = part->bins[b].row(row);
        for (std::size_t s = 0; s < cols; ++s) sum[s] += more[s];
      }
      for (std::size_t s = 0; s < cols; ++s) {
        const float value = sum[s].real() * sum[s].real() + sum[s].imag() * sum[s].imag();
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
  StageTimes times;
  Rasters rasters;
  for (std::size_t f = 0; f < poses.size(); ++f) {
    if (options.cancel != nullptr) options.cancel->throw_if_requested();
    const int frame = static_cast<int>(f);
    Scanning scanning{
        scan_path(imager.scanner, scan, key.seed, key.capture, frame), {}, key, frame};
    scanning.drift_m =
        line_drift(poses, f, scanning.path, slow_half_period_s(imager.scanner, imager.lines));
    if (f == 0 || !same_pose(poses[f], poses[f - 1])) {
      ScatterParts scatterers;
      {
        StageClock clock(&times, "surface");
        scatterers = find_scatterers(target, poses[f], imager, sampling, FieldWindow::whole(imager),
                                     speckle_key(imager, key.seed, key.capture), options.threads);
      }
      StageClock clock(&times, "sum");
      rasters = Rasters(summer, scatterers, imager.raw, options.keep_parts);
    }
    FrameParts parts;
    RangeFrame whole;
    std::vector<const RangeFrame*> received;
    {
      StageClock clock(&times, "sum");
      received = rasters.received(summer, scanning, parts, whole);
    }
    std::optional<BinNoise> noise;
    if (imager.noise && !imager.raw) {
      StageClock clock(&times, "noise");
      noise = frame_noise(imager, key, frame);
      if (options.keep_parts || options.keep_range) {
        parts.noise = noise->frame(scanning.path.lines(), options.threads);
        received.push_back(&parts.noise);
        noise.reset();
      }
    }
    StageClock clock(&times, "detect");
    const ImageF power =
        regrid_power(detect(received, imager.detector, options.threads, noise ? &*noise : nullptr),
                     scanning.path, scan);
    const float share = loss / static_cast<float>(poses.size());
    for (std::size_t i = 0; i < power.size(); ++i) capture.power.data[i] += share * power.data[i];
    if (options.keep_range) {
      add_range_power(received, scanning.path, scan, share, options.threads, capture.range_power);
    }
    if (options.keep_parts) capture.parts.push_back(std::move(parts));
  }
  for (const auto& [stage, time] : times) capture.seconds[stage] = time.wall_s;
  return capture;
}

}  // namespace thz::sim
