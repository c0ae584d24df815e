#include <catch2/catch.hpp>
#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/sim/scanner.h"

using namespace thz;
using namespace thz::sim;

namespace {

const ScanGeometry kScan(6.0, {0.45, 0.45}, 64, 256);

ScannerOptions perfect(ScanMode mode) {
  ScannerOptions options;
  options.mode = mode;
  options.lag_deg = options.lag_residual_deg = 0.0;
  options.trigger_jitter_s = options.wobble_rad = 0.0;
  return options;
}

double rms_residual_m(const ScanPath& path) {
  double sum = 0.0;
  for (std::size_t i = 0; i < path.foot_m.size(); ++i) {
    sum += (path.foot_m.data[i] - path.known_m.data[i]).squaredNorm();
  }
  return std::sqrt(sum / static_cast<double>(path.foot_m.size()));
}

// Mean y of a line, which for drives without errors is that of its middle.
double middle_y_m(const ScanPath& path, int line) {
  return 0.5 * (path.foot_m(line, 127).y() + path.foot_m(line, 128).y());
}

}  // namespace

TEST_CASE("spot speed, dwell and active time follow the kinematics", "[sim][scanner][physics]") {
  // V01-V03: pi f FOV and 2 f FOV, their dwell on 1/256 of the field, (2/pi) asin(eta).
  CHECK(peak_spot_speed_m_s(ScanDrive::kSine, 32.0, 0.45) == Approx(45.23893421).epsilon(1e-9));
  CHECK(peak_spot_speed_m_s(ScanDrive::kTriangle, 32.0, 0.45) == Approx(28.8).epsilon(1e-9));
  CHECK(active_time_share(ScanDrive::kSine, 0.9) == Approx(0.7128674137).epsilon(1e-9));
  CHECK(active_time_share(ScanDrive::kTriangle, 0.9) == Approx(0.9));
}

TEST_CASE("pulses of a path are as far apart as the drive's dwell says", "[sim][scanner]") {
  ScannerOptions options = perfect(ScanMode::kHalfCycle);
  options.used_amplitude = 1.0;
  options.fast_drive = ScanDrive::kTriangle;
  const ScanPath path = scan_path(options, kScan, 1, 0, 0);
  // V02: 1 / (2 f 256) with both directions used and no turn-around.
  CHECK(std::abs(path.time_s(0, 1) - path.time_s(0, 0)) == Approx(6.103515625e-5).epsilon(1e-9));
}

TEST_CASE("two mirrors give the pincushion of ray geometry", "[sim][scanner][physics]") {
  const double ten = 10.0 * kPi / 180.0;
  const Vec2 corner = two_mirror_foot_m(6.0, 0.1, {ten, ten});  // V04
  CHECK(corner.x() == Approx(1.09191535).epsilon(1e-6));
  CHECK(corner.y() == Approx(1.057961884).epsilon(1e-6));
  CHECK(two_mirror_foot_m(6.0, 0.1, {ten, 0.0}).x() == Approx(1.075594582).epsilon(1e-6));
}

TEST_CASE("a half cycle has every second line, and fills the field either way", "[sim][scanner]") {
  const ScannerOptions options = perfect(ScanMode::kHalfCycle);
  // 32 sweeps at 64 a second: the published half second, hence 1 Hz.
  CHECK(slow_half_period_s(options, 64) == Approx(0.5));
  for (const int frame : {0, 1}) {
    const ScanPath path = scan_path(options, kScan, 1, 0, frame);
    REQUIRE(path.lines() == 32);
    for (int l = 0; l < 32; ++l) {
      CHECK(middle_y_m(path, l) == Approx(0.225 - (l + 0.5) * 0.45 / 32).margin(1e-4));
    }
    // The slow mirror moves on during a sweep: lines slant by their own pitch times the share of
    // the time that the field takes.
    const double slant = path.foot_m(5, 255).y() - path.foot_m(5, 0).y();
    CHECK(std::abs(slant) == Approx(0.45 / 32 * 0.9).epsilon(0.02));
    CHECK((path.time_s(31, 0) > path.time_s(0, 0)) == (frame == 0));
  }
}

TEST_CASE("interlaced sweeps fall between each other", "[sim][scanner]") {
  const ScanPath path = scan_path(perfect(ScanMode::kInterlaced), kScan, 1, 0, 0);
  REQUIRE(path.lines() == 64);
  for (int l = 0; l < 64; ++l) {
    CHECK(middle_y_m(path, l) == Approx(0.225 - (l + 0.5) * 0.45 / 64).margin(1e-4));
  }
  // Down in the first half second, up in the second.
  CHECK(path.time_s(62, 128) < 0.5);
  CHECK(path.time_s(63, 128) > 0.5);
  CHECK(path.time_s(1, 128) > path.time_s(63, 128));
}

TEST_CASE("lines run from -x to +x whichever way the mirror went", "[sim][scanner]") {
  const ScanPath path = scan_path(perfect(ScanMode::kInterlaced), kScan, 1, 0, 0);
  for (int l = 0; l < path.lines(); ++l) {
    // Pulses are uniform in time, so the outermost lie half a pulse inside the field; above and
    // below the middle the pincushion stretches the line.
    CHECK(path.foot_m(l, 0).x() < -0.224);
    CHECK(path.foot_m(l, 255).x() > 0.224);
    for (int s = 1; s < 256; ++s) {
      if (path.foot_m(l, s).x() <= path.foot_m(l, s - 1).x())
        FAIL("line " << l << ", sample " << s);
    }
  }
  CHECK(path.foot_m(0, 255).x() > 1.02 * path.foot_m(32, 255).x());
}

TEST_CASE("a lagging mirror combs the lines, and the calibration takes out what it knows",
          "[sim][scanner][physics]") {
  ScannerOptions options = perfect(ScanMode::kInterlaced);
  options.fast_drive = ScanDrive::kSine;
  options.used_amplitude = 1.0;
  options.relay_magnification = 0.5;  // angles so small that tangents are lines
  options.mirror_separation_m = 0.0;
  const ScanPath straight = scan_path(options, kScan, 1, 0, 0);
  options.lag_deg = options.lag_residual_deg = 1.0;  // nothing is calibrated
  const ScanPath lagging = scan_path(options, kScan, 1, 0, 0);
  int forward = 0, backward = 0;
  for (int l = 0; l < 64; ++l) {
    const double shift = lagging.foot_m(l, 128).x() - straight.foot_m(l, 128).x();
    // 1 degree of 32 Hz at the middle of a sine: 86.8 us * 45.24 m/s = 3.93 mm.
    CHECK(std::abs(shift) == Approx(3.927e-3).epsilon(2e-3));
    (shift < 0.0 ? forward : backward) += 1;
  }
  CHECK(forward == 32);
  CHECK(backward == 32);
  CHECK(rms_residual_m(lagging) > 2e-3);
  options.lag_residual_deg = 0.0;
  CHECK(rms_residual_m(scan_path(options, kScan, 1, 0, 0)) < 1e-12);
}

TEST_CASE("what the default calibration leaves is below 0.2 of a sample", "[sim][scanner]") {
  for (const ScanDrive drive : {ScanDrive::kTriangle, ScanDrive::kSine}) {
    ScannerOptions options;
    options.mode = ScanMode::kInterlaced;
    options.fast_drive = drive;
    const double residual = rms_residual_m(scan_path(options, kScan, 1, 0, 0));
    CHECK(residual > 0.0);
    CHECK(residual < 0.2 * 0.45 / 256);
  }
}

TEST_CASE("jitter and wobble are drawn for the frame and have their spread", "[sim][scanner]") {
  ScannerOptions options = perfect(ScanMode::kInterlaced);
  options.trigger_jitter_s = 20e-6;
  const ScanPath a = scan_path(options, kScan, 5, 7, 0);
  CHECK(a.foot_m.data == scan_path(options, kScan, 5, 7, 0).foot_m.data);
  CHECK_FALSE(a.foot_m.data == scan_path(options, kScan, 5, 7, 2).foot_m.data);
  CHECK_FALSE(a.foot_m.data == scan_path(options, kScan, 6, 7, 0).foot_m.data);
  // 20 us at a triangle's 28.8 m/s over 0.9 of the amplitude; 16384 draws, so 0.6 % (one sigma) on
  // the spread, and the angles' tangents stretch it by up to 6 % towards the edges.
  CHECK(rms_residual_m(a) == Approx(20e-6 * 28.8 / 0.9).epsilon(0.08));

  options = perfect(ScanMode::kInterlaced);
  options.wobble_rad = 100e-6;
  // Twice the mechanical angle, from R / M = 0.75 m, over cos^2 of up to 16.7 degrees; 64 draws:
  // 9 % on the spread.
  CHECK(rms_residual_m(scan_path(options, kScan, 5, 7, 0)) ==
        Approx(2.0 * 100e-6 * 0.75 * 1.03).epsilon(0.35));
}

TEST_CASE("a calibrated frame comes back on the nominal raster", "[sim][scanner]") {
  // Power that is linear in x and y is reproduced exactly by linear interpolation.
  const auto scene = [](const Vec2& foot) { return 2.0 + 3.0 * foot.x() - 1.5 * foot.y(); };
  for (const ScanMode mode : {ScanMode::kIdeal, ScanMode::kHalfCycle, ScanMode::kInterlaced}) {
    ScannerOptions options = perfect(mode);
    options.lag_deg = 2.0;  // known, so taken out
    const ScanPath path = scan_path(options, kScan, 1, 0, 0);
    ImageF power(path.lines(), path.samples());
    for (std::size_t i = 0; i < power.size(); ++i) {
      power.data[i] = static_cast<float>(scene(path.foot_m.data[i]));
    }
    const ImageF raster = regrid_power(power, path, kScan);
    REQUIRE(raster.rows == 64);
    REQUIRE(raster.cols == 256);
    double worst = 0.0;
    // Half a coarse line in from the edge; outside of that the outermost value is held.
    for (int l = 2; l < 62; ++l) {
      for (int s = 8; s < 248; ++s) {
        worst = std::max(worst, std::abs(raster(l, s) - scene(kScan.foot_m(l, s))));
      }
    }
    // Lines bend by two-mirror distortion, so neighbours differ a little from a straight edge.
    CHECK(worst < 2e-5);
    if (mode == ScanMode::kIdeal) CHECK(raster.data == power.data);
  }
}

TEST_CASE("a scanner that cannot be is refused in one sentence", "[sim][scanner]") {
  ScannerOptions options;
  options.mode = ScanMode::kInterlaced;
  options.used_amplitude = 1.5;
  CHECK_THROWS_WITH(scan_path(options, kScan, 1, 0, 0),
                    "scanner: used_amplitude is 1.5; allowed: 0.1 to 1");
  options.used_amplitude = 0.9;
  CHECK_THROWS_AS(scan_path(options, ScanGeometry(6.0, {0.45, 0.45}, 63, 256), 1, 0, 0),
                  InputError);
}

TEST_CASE("a triangle turns at a finite acceleration", "[sim][scanner][physics]") {
  // Against the triangle's running mean over the turn, which is what such a parabola is.
  const double share = 0.08;
  const auto mean_of_sharp = [&](double turns) {
    double sum = 0.0;
    constexpr int n = 4000;
    for (int i = 0; i < n; ++i) {
      sum += rounded_triangle(turns + share * ((i + 0.5) / n - 0.5), 0.0);
    }
    return sum / n;
  };
  for (const double turns : {-0.03, 0.0, 0.01, 0.04, 0.2, 0.25, 0.47, 0.5, 0.53, 0.8, 0.99}) {
    CAPTURE(turns);
    CHECK(rounded_triangle(turns, share) == Approx(mean_of_sharp(turns)).margin(1e-6));
  }
  // The peak stays inside by the share of a period, and the slope never jumps.
  CHECK(rounded_triangle(0.5, share) == Approx(1.0 - share));
  CHECK(rounded_triangle(0.0, share) == Approx(share - 1.0));
  const double step = 1e-4;
  const double acceleration = 8.0 / share;  // slopes of +-4 a period in one turn
  for (double t = 0.0; t < 1.0; t += step) {
    const double second = (rounded_triangle(t + step, share) - 2.0 * rounded_triangle(t, share) +
                           rounded_triangle(t - step, share)) /
                          (step * step);
    if (std::abs(second) > acceleration * 1.001) FAIL("acceleration " << second << " at " << t);
  }
}

TEST_CASE(
    "a turn beside the field leaves it alone, a longer one bends its ends, and the "
    "calibration knows",
    "[sim][scanner]") {
  ScannerOptions options = perfect(ScanMode::kHalfCycle);
  options.turn_s = 0.0;
  const ScanPath sharp = scan_path(options, kScan, 1, 0, 0);
  // A tenth of a sweep of 15.6 ms lies outside the field, half of it at each end.
  options.turn_s = 1.5e-3;
  CHECK(scan_path(options, kScan, 1, 0, 0).foot_m.data == sharp.foot_m.data);
  options.turn_s = 3e-3;
  const ScanPath bent = scan_path(options, kScan, 1, 0, 0);
  CHECK(bent.foot_m(3, 128) == sharp.foot_m(3, 128));
  CHECK(std::abs(bent.foot_m(3, 0).x()) < std::abs(sharp.foot_m(3, 0).x()) - 1e-4);
  CHECK(rms_residual_m(bent) == 0.0);
  options.turn_s = 20e-3;
  CHECK_THROWS_AS(scan_path(options, kScan, 1, 0, 0), InputError);
}
