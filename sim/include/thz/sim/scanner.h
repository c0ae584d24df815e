#pragma once

#include <cstdint>
#include <vector>

#include "thz/core/image.h"
#include "thz/core/mesh.h"
#include "thz/sim/integrator.h"
#include "thz/sim/scan.h"

/// The galvo raster: where the beam's foot point is at every pulse of a frame, and where the
/// calibration believes it is. Angles are optical (twice the mechanical ones).
namespace thz::sim {

enum class ScanMode {
  kIdeal,      ///< `lines` level lines at the regular raster's places: what the others aim at
  kHalfCycle,  ///< one half period of the slow triangle: lines / 2 sweeps
  kInterlaced  ///< the up and the down half period of the slow triangle, `lines` sweeps in all
};

enum class ScanDrive { kTriangle, kSine };

/// Drive, errors and their calibration. The defaults are the published imager's where it is
/// published (32 Hz, 1 Hz, 64 lines), otherwise estimates for a galvo of this size
/// (docs/theory/scanner.md).
struct ScannerOptions {
  ScanMode mode = ScanMode::kIdeal;
  ScanDrive fast_drive = ScanDrive::kTriangle;
  /// Of the fast mirror. The slow one's period follows: lines / 2 sweeps a half period and the
  /// retrace; with 64 lines and none it is the published 1 Hz.
  double fast_hz = 32.0;
  /// Share of the fast mirror's amplitude that the field of view takes; the rest is turn-around.
  double used_amplitude = 0.9;
  /// Time the fast triangle takes to turn at each end, at constant acceleration; 0: a sharp corner.
  /// Lies outside the field while below (1 - used_amplitude) / (2 fast_hz).
  double turn_s = 1e-3;
  /// Share of the slow half period that is blanked for turn-around and retrace.
  double retrace_share = 0.0;
  /// Phase lag of the fast mirror behind its drive, degrees of its period, and how much of it the
  /// calibration leaves (forward and backward lines then comb by twice that).
  double lag_deg = 1.0;
  double lag_residual_deg = 0.05;
  double trigger_jitter_s = 2e-6;  ///< standard deviation, each pulse
  double wobble_rad = 5e-5;        ///< mechanical, across the fast axis, standard deviation a sweep
  /// Distance between the two mirrors, and the angular magnification between galvo and target
  /// (the galvo's image sees the target from standoff / magnification); they set the two-mirror
  /// distortion, which the calibration knows.
  double mirror_separation_m = 0.1;  ///< in a scene: that of `[optics]`
  double relay_magnification = 8.0;

  /// @throws thz::InputError naming the first value out of range.
  void validate() const;
};

/// The fast triangle's angle over its amplitude, `turns` periods after it left -1: its corners are
/// rounded by parabolas that take `turn_share` of a period each (0 to 1/2) and stay inside it by
/// turn_share at the peak. Even about a corner, odd about a crossing.
double rounded_triangle(double turns, double turn_share);
/// Spot speed over a field, m/s: pi f FOV at the middle of a sine, 2 f FOV of a triangle.
double peak_spot_speed_m_s(ScanDrive drive, double frequency_hz, double field_m);
/// Share of its time that a drive spends inside a share of its amplitude: (2/pi) asin(eta), or eta.
double active_time_share(ScanDrive drive, double used_amplitude);
/// Foot point on a flat target of a two-mirror scanner (fast mirror first, at distance
/// `separation_m` before the slow one; slow one `distance_m` before the target):
/// y = d tan ty, x = (sqrt(d^2 + y^2) + e) tan tx.
Vec2 two_mirror_foot_m(double distance_m, double separation_m, const Vec2& angles_rad);

/// One frame's pulses, [line][sample]; line 0 is the top of the field as calibrated.
struct ScanPath {
  Image<Vec2> foot_m;   ///< true foot points in the plane z = 0
  Image<Vec2> known_m;  ///< where the calibration puts them: what the image is built from
  ImageD time_s;        ///< since the start of the frame

  int lines() const { return foot_m.rows; }
  int samples() const { return foot_m.cols; }
};

/// Sweeps that one frame has in a mode.
int scan_lines(const ScannerOptions& options, int lines);
/// Half period of the slow mirror, s: also the time between the starts of two frames.
double slow_half_period_s(const ScannerOptions& options, int lines);

/// @param scan  nominal raster: field of view, lines, samples a line.
/// Jitter and wobble are drawn for (seed, capture, frame). @throws thz::InputError by validate().
ScanPath scan_path(const ScannerOptions& options, const ScanGeometry& scan, uint64_t seed,
                   uint64_t capture, int frame);

/// A raster fine enough to read the returns anywhere in between: pitch 0.3 w0 or finer. The spatial
/// spectrum of the two-way field is exp(-(kappa w0)^2 / 8) at every depth (propagation turns its
/// phases only), 1e-3 of its middle at kappa = 7.43 / w0; a pitch of 0.42 w0 would do for an
/// endless sinc, and the rest is room for a short one.
ScanGeometry dense_raster(const BeamOptions& beam, const ScanGeometry& scan);

/// Complex returns at the path's foot points, by interpolation in the dense raster: separable sinc
/// with a Kaiser window over eight samples a side. Points outside the raster return zero.
/// @param shift_m  [line] displacement of the subject since the dense frame, added with its sign:
///   a subject moved by d is seen at foot - d. Empty: still.
RangeFrame read_frame(const RangeFrame& dense, const ScanGeometry& dense_scan, const ScanPath& path,
                      const std::vector<Vec2>& shift_m, int threads);

/// A frame's power on the nominal raster, by what the calibration knows: linear along each line,
/// then linear between the two lines above and below, in linear power (any kernel with negative
/// lobes would ring below zero beside a glint); held constant beyond the outermost pulses. Linear
/// in power, so it commutes with the averaging of frames.
ImageF regrid_power(const ImageF& power, const ScanPath& path, const ScanGeometry& nominal);

}  // namespace thz::sim
