#include <algorithm>
#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/core/rng.h"
#include "thz/sim/scanner.h"

namespace thz::sim {
namespace {

void require_scanner_value(const char* name, double value, double low, double high) {
  if (!(value >= low && value <= high)) {
    throw_input("scanner: {} is {}; allowed: {} to {}", name, value, low, high);
  }
}

/// A sweep: which way the mirrors go, and when.
struct Sweep {
  double start_s;
  bool forward;     // towards +x
  bool downward;    // the slow mirror, towards -y
  double middle_y;  // nominal foot of its middle, in half fields: +1 top, -1 bottom
};

/// Both mirrors' angles in time, and their feet on the target.
class Galvo {
 public:
  Galvo(const ScannerOptions& options, const ScanGeometry& scan)
      : options_(options),
        sweep_s_(0.5 / options.fast_hz),
        distance_m_(scan.standoff_m() / options.relay_magnification),
        edge_x_rad_(std::atan(0.5 * scan.field_of_view_m().x() /
                              (distance_m_ + options.mirror_separation_m))),
        half_y_m_(0.5 * scan.field_of_view_m().y()) {}

  double sweep_s() const { return sweep_s_; }

  /// Seconds into a sweep of pulse `s` of `samples`, uniform in time over the field.
  double pulse_s(int s, int samples) const {
    const double share = active_time_share(options_.fast_drive, options_.used_amplitude);
    return sweep_s_ * (0.5 + share * ((s + 0.5) / samples - 0.5));
  }

  /// Fast angle, `time_s` after the start of a forward sweep at -amplitude.
  double fast_rad(double time_s) const {
    const double amplitude = edge_x_rad_ / options_.used_amplitude;
    const double turns = 0.5 * time_s / sweep_s_;
    if (options_.fast_drive == ScanDrive::kSine) {
      return -amplitude * std::cos(2.0 * kPi * turns);
    }
    return amplitude * rounded_triangle(turns, options_.turn_s * options_.fast_hz);
  }

  /// Slow angle `time_s` from the middle of a sweep; `sweeps_m` is the slow travel of one sweep.
  double slow_rad(const Sweep& sweep, double time_s, double sweeps_m) const {
    const double travel = (sweep.downward ? -1.0 : 1.0) * sweeps_m * time_s / sweep_s_;
    return std::atan((sweep.middle_y * half_y_m_ + travel) / distance_m_);
  }

  Vec2 foot(double fast, double slow) const {
    return two_mirror_foot_m(distance_m_, options_.mirror_separation_m, {fast, slow});
  }

 private:
  const ScannerOptions& options_;
  double sweep_s_, distance_m_, edge_x_rad_, half_y_m_;
};

/// The sweeps of a frame, top line first.
std::vector<Sweep> frame_sweeps(const ScannerOptions& options, int lines, int frame,
                                double sweep_s) {
  const int half = lines / 2;
  const double half_period_s = slow_half_period_s(options, lines);
  std::vector<Sweep> sweeps;
  const auto add = [&](bool downward, double start_s, double first, double step, int count) {
    for (int k = 0; k < count; ++k) {
      // In time order k-th from the top when the slow mirror goes down, from the bottom otherwise.
      const int order = downward ? k : count - 1 - k;
      sweeps.push_back({start_s + order * sweep_s, order % 2 == 0, downward, first - step * k});
    }
  };
  if (options.mode == ScanMode::kHalfCycle) {
    add(frame % 2 == 0, 0.0, 1.0 - 1.0 / half, 2.0 / half, half);
    return sweeps;
  }
  // Interlaced: the way back is half a line lower.
  std::vector<Sweep> down, up;
  add(true, 0.0, 1.0 - 1.0 / lines, 2.0 / half, half);
  down.swap(sweeps);
  add(false, half_period_s, 1.0 - 3.0 / lines, 2.0 / half, half);
  up.swap(sweeps);
  for (int k = 0; k < half; ++k) {
    sweeps.push_back(down[static_cast<std::size_t>(k)]);
    sweeps.push_back(up[static_cast<std::size_t>(k)]);
  }
  return sweeps;
}

ScanPath empty_path(int lines, int samples) {
  const Image<Vec2> feet(lines, samples, Vec2::Zero());
  return {feet, feet, ImageD(lines, samples)};
}

ScanPath ideal_path(const ScannerOptions& options, const ScanGeometry& scan) {
  ScanPath path = empty_path(scan.lines(), scan.samples_per_line());
  const double line_s = 0.5 / options.fast_hz;
  for (int l = 0; l < path.lines(); ++l) {
    for (int s = 0; s < path.samples(); ++s) {
      path.foot_m(l, s) = path.known_m(l, s) = scan.foot_m(l, s);
      path.time_s(l, s) = line_s * (l + (s + 0.5) / path.samples());
    }
  }
  return path;
}

}  // namespace

void ScannerOptions::validate() const {
  require_scanner_value("fast_hz", fast_hz, 0.01, 1e4);
  require_scanner_value("used_amplitude", used_amplitude, 0.1, 1.0);
  require_scanner_value("turn_s", turn_s, 0.0, 0.5 / fast_hz);
  require_scanner_value("retrace_share", retrace_share, 0.0, 0.9);
  require_scanner_value("lag_deg", lag_deg, -30.0, 30.0);
  require_scanner_value("lag_residual_deg", lag_residual_deg, -30.0, 30.0);
  require_scanner_value("trigger_jitter_s", trigger_jitter_s, 0.0, 1e-3);
  require_scanner_value("wobble_rad", wobble_rad, 0.0, 0.01);
  require_scanner_value("mirror_separation_m", mirror_separation_m, 0.0, 10.0);
  require_scanner_value("relay_magnification", relay_magnification, 0.1, 100.0);
}

double rounded_triangle(double turns, double turn_share) {
  const double t = turns - std::floor(turns);
  // Up from -1 at t = 0 and down again: distance of t from the nearer corner, and its sign.
  const bool upper = t > 0.25 && t < 0.75;
  const double apart = upper ? std::abs(t - 0.5) : std::min(t, 1.0 - t);
  const double half = 0.5 * turn_share;
  // Slope 4 a period; the parabola meets the line at `half` from the corner, value and slope.
  const double below = apart < half ? 2.0 * (apart * apart + half * half) / half : 4.0 * apart;
  return upper ? 1.0 - below : below - 1.0;
}

double peak_spot_speed_m_s(ScanDrive drive, double frequency_hz, double field_m) {
  return (drive == ScanDrive::kSine ? kPi : 2.0) * frequency_hz * field_m;
}

double active_time_share(ScanDrive drive, double used_amplitude) {
  return drive == ScanDrive::kSine ? 2.0 / kPi * std::asin(used_amplitude) : used_amplitude;
}

Vec2 two_mirror_foot_m(double distance_m, double separation_m, const Vec2& angles_rad) {
  const double y = distance_m * std::tan(angles_rad.y());
  const double x = (std::hypot(distance_m, y) + separation_m) * std::tan(angles_rad.x());
  return {x, y};
}

int scan_lines(const ScannerOptions& options, int lines) {
  return options.mode == ScanMode::kHalfCycle ? lines / 2 : lines;
}

double slow_half_period_s(const ScannerOptions& options, int lines) {
  if (options.mode == ScanMode::kIdeal) return lines * 0.5 / options.fast_hz;
  return (lines / 2) * 0.5 / options.fast_hz / (1.0 - options.retrace_share);
}

ScanPath scan_path(const ScannerOptions& options, const ScanGeometry& scan, uint64_t seed,
                   uint64_t capture, int frame) {
  options.validate();
  if (options.mode == ScanMode::kIdeal) return ideal_path(options, scan);
  if (scan.lines() % 2 != 0) {
    throw_input("scanner: {} lines; allowed: an even number in the half-cycle and interlaced modes",
                scan.lines());
  }
  const Galvo galvo(options, scan);
  const auto sweeps = frame_sweeps(options, scan.lines(), frame, galvo.sweep_s());
  ScanPath path = empty_path(static_cast<int>(sweeps.size()), scan.samples_per_line());
  const double sweep_travel_m = 2.0 * scan.field_of_view_m().y() / scan.lines();
  const double lag_s = options.lag_deg / 360.0 / options.fast_hz;
  const double known_lag_s = (options.lag_deg - options.lag_residual_deg) / 360.0 / options.fast_hz;
  for (int l = 0; l < path.lines(); ++l) {
    const Sweep& sweep = sweeps[static_cast<std::size_t>(l)];
    Rng rng(seed, RngPurpose::kScanner, mix_keys(capture, static_cast<uint64_t>(l)),
            static_cast<uint32_t>(frame));
    const double wobble_rad = 2.0 * options.wobble_rad * rng.normal();
    for (int s = 0; s < path.samples(); ++s) {
      // Samples stand in the order of place: a backward sweep takes them last to first.
      const int pulse = sweep.forward ? s : path.samples() - 1 - s;
      const double t = galvo.pulse_s(pulse, path.samples());
      const double fast_t = t + (sweep.forward ? 0.0 : galvo.sweep_s());
      const double jitter_s = options.trigger_jitter_s * rng.normal();
      const double slow = galvo.slow_rad(sweep, t - 0.5 * galvo.sweep_s(), sweep_travel_m);
      path.foot_m(l, s) = galvo.foot(galvo.fast_rad(fast_t + jitter_s - lag_s), slow + wobble_rad);
      path.known_m(l, s) = galvo.foot(galvo.fast_rad(fast_t - known_lag_s), slow);
      path.time_s(l, s) = sweep.start_s + t + jitter_s;
    }
  }
  return path;
}

}  // namespace thz::sim
