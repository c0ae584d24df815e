#pragma once

#include <map>
#include <string>
#include <vector>

#include "thz/core/image.h"
#include "thz/core/progress.h"
#include "thz/sim/beam_tiles.h"
#include "thz/sim/bin_noise.h"
#include "thz/sim/integrator.h"
#include "thz/sim/target.h"

namespace thz::sim {

/// Names the random draws of one capture; nothing else decides them.
struct CaptureKey {
  uint64_t seed = 1;
  uint64_t capture = 0;  ///< unique for (identity, posture, condition, capture)
};

/// Complex returns by mechanism of one frame, received over transmitted amplitude without the
/// instrument's losses; for dumps and ablations. In the raw mode of the radar the mechanisms are
/// those that entered the receiver, and `noise` is empty: it cannot be told apart there.
struct FrameParts {
  RangeFrame coherent, diffuse, cloth, noise;
};

/// One capture: frames averaged in linear power.
struct Capture {
  ImageF power;  ///< [line][sample], received over transmitted power, losses included
  std::vector<FrameParts> parts;  ///< one a frame if asked for
  /// [bin] of [line][sample], received over transmitted power, frames averaged; if asked for.
  std::vector<ImageF> range_power;
  double noise_floor_dbm = 0.0;  ///< mean noise power of one range bin, referred to the mixer
  std::map<std::string, double> seconds;  ///< wall time by stage
};

struct CaptureOptions {
  bool keep_parts = false;
  bool keep_range = false;  ///< Capture::range_power
  /// Tables for frame_raster() and frame_depths() of the imager; aperture-level optics only.
  const BeamTiles* beam = nullptr;
  int threads = 0;
  const CancelToken* cancel = nullptr;
};

/// Scan positions at which a frame is summed: the raster, or a dense one that the scanner's path is
/// read from.
ScanGeometry frame_raster(const Imager& imager);
/// A range axis whose depth nodes hold those of any frame of the imager.
RangeAxis frame_depths(const Imager& imager);

/// Simulates a capture: for each frame the subject's pose (moving a little between frames), its
/// scatterers, the range-resolved sum, receiver noise, detector; then the mean power.
/// @param poses  world_from_body of each frame; its size is the number of frames.
Capture simulate_capture(const Imager& imager, const Sampling& sampling, const Target& target,
                         const std::vector<RigidPose>& poses, const CaptureKey& key,
                         const CaptureOptions& options);

/// Noise of one frame in units of coupling (before the instrument's losses), independent from pixel
/// to pixel, with the budget's variance in every bin and as correlated from bin to bin as in a
/// zero-padded transform; keyed by (seed, capture, frame), so the same whatever the target.
BinNoise frame_noise(const Imager& imager, const CaptureKey& key, int frame);
/// All lines of it.
RangeFrame receiver_noise(const Imager& imager, const CaptureKey& key, int frame, int threads);

/// Power of each pixel by the imager's detector. @param parts  summed before detection.
/// @param noise  added to them line by line, without a frame of its own; or null.
ImageF detect(const std::vector<const RangeFrame*>& parts, Detector detector, int threads,
              const BinNoise* noise = nullptr);

/// Noise power of a range bin at the stand-off distance over transmitted power, and in dBm at the
/// mixer; whether or not the scene has its noise on.
double noise_over_transmitted(const Imager& imager);
double noise_floor_dbm(const Imager& imager);
/// The imager's radar, without the losses that aperture-level optics compute (spill-over, mirrors
/// and what remains): they are in the beam.
RadarOptions frame_radar(const Imager& imager);
/// Two-way loss of the instrument, received over transmitted power of a mirror at the focus.
double two_way_loss(const Imager& imager);

/// What one beam sees: `simulate --probe`.
struct Probe {
  Vec2 foot_m;
  std::complex<double> coupling;  ///< a at the centre frequency, no loss, no noise, ungated
  double detected_w = 0.0;        ///< after losses, gate, noise and detector; mean of the frames
};

/// Sums every scatterer in double at the centre frequency for frame 0's pose (reference
/// integrator; with aperture-level optics the exact beam of this scan position), and for
/// `detected_w` each frame's range profile with noise.
/// @param realisation  mixes into the capture key; 0 is the capture itself.
Probe probe(const Imager& imager, const Sampling& sampling, const Target& target,
            const std::vector<RigidPose>& poses, const CaptureKey& key, const Vec2& foot_m,
            uint64_t realisation, int threads);

}  // namespace thz::sim
