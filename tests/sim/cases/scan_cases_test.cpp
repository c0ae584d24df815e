// Closed forms of the raster, read off the pulses of a scene's frame (docs/validation-cases.md).
#include <catch2/catch.hpp>
#include <cmath>

#include "support/test_scene.h"
#include "thz/core/constants.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;

namespace {

const std::string kNoErrors =
    "mode = 'interlaced'\nlag_deg = 0\nlag_residual_deg = 0\ntrigger_jitter_s = 0\n"
    "wobble_rad = 0\n";

/// Small angles: the mirrors look from 60 m, so that tangents are lines.
ScanPath path_of(const std::string& scanner, const std::string& imager = "",
                 double separation_m = 0.0) {
  Scene scene = scene_of("[imager]\n" + imager + "[scanner]\n" + kNoErrors + scanner);
  scene.imager.scanner.mirror_separation_m = separation_m;
  scene.imager.scanner.turn_s = 0.0;
  return scan_path(scene.imager.scanner, scene.imager.scan(), 1, 0, 0);
}

double speed_m_s(const ScanPath& path, int line, int sample) {
  const double dx = path.foot_m(line, sample + 1).x() - path.foot_m(line, sample).x();
  return std::abs(dx / (path.time_s(line, sample + 1) - path.time_s(line, sample)));
}

}  // namespace

// V01: pi f FOV and 2 f FOV, the fast amplitude being the field.
TEST_CASE("pulses of a scene run over the field at the drive's speed", "[sim][cases][physics]") {
  const std::string wide = "used_amplitude = 1.0\nrelay_magnification = 0.1\n";
  const double sine = speed_m_s(path_of(wide + "fast_drive = 'sine'\n"), 32, 127);
  const double triangle = speed_m_s(path_of(wide + "fast_drive = 'triangle'\n"), 32, 127);
  CHECK(kPi * 32.0 * 0.45 == Approx(45.23893421).epsilon(1e-9));
  // Half a pulse off the middle of a sine, and angles of 4 mrad: 1e-4.
  CHECK(sine == Approx(kPi * 32.0 * 0.45).epsilon(2e-4));
  CHECK(triangle == Approx(2.0 * 32.0 * 0.45).epsilon(2e-4));
  WARN("speeds " << sine << " and " << triangle << " m/s");
}

// V02: 1 / (2 f 256), and (FOV / 256) / (pi f FOV) at the middle of a sine.
TEST_CASE("pulses of a scene dwell on a pixel as long as the drive lets them",
          "[sim][cases][physics]") {
  const std::string wide = "used_amplitude = 1.0\nrelay_magnification = 0.1\n";
  const ScanPath triangle = path_of(wide + "fast_drive = 'triangle'\n");
  const double pulse_s = std::abs(triangle.time_s(0, 1) - triangle.time_s(0, 0));
  CHECK(pulse_s == Approx(1.0 / (2.0 * 32.0 * 256.0)).epsilon(1e-9));
  CHECK(pulse_s == Approx(6.103515625e-5).epsilon(1e-9));
  const double dwell_s = 0.45 / 256.0 / speed_m_s(path_of(wide + "fast_drive = 'sine'\n"), 32, 127);
  CHECK(dwell_s == Approx(1.0 / (kPi * 32.0 * 256.0)).epsilon(2e-4));
  CHECK(dwell_s == Approx(3.885618728e-5).epsilon(2e-4));
  WARN("dwell " << pulse_s << " and " << dwell_s << " s");
}

// V03: (2 / pi) asin(eta).
TEST_CASE("a sine spends its share of time inside the field", "[sim][cases][physics]") {
  const ScanPath path = path_of(
      "used_amplitude = 0.9\nrelay_magnification = 0.1\nfast_drive = "
      "'sine'\n");
  // 256 pulses uniform in time over the field's share of a half period.
  const double inside_s = 256.0 * std::abs(path.time_s(10, 1) - path.time_s(10, 0));
  const double share = inside_s * 2.0 * 32.0;
  CHECK(share == Approx(2.0 / kPi * std::asin(0.9)).epsilon(1e-9));
  CHECK(share == Approx(0.7128674137).epsilon(1e-9));
  WARN("share of time " << share);
}

// V04: x = (sqrt(d^2 + y^2) + e) tan tx, d and e as tabulated; the scene's field ends at 1 m, short
// of the row's 10 degrees, so the path gives the law and the kernel the row.
TEST_CASE("lines of a scene widen towards the field's edge as two mirrors make them",
          "[sim][cases][physics]") {
  const ScanPath path =
      path_of("relay_magnification = 1.0\n", "field_of_view_m = [2.0, 2.0]\n", 0.1);
  double worst = 0.0;
  for (const int line : {0, 5, 20, 40, 63}) {
    for (const int sample : {0, 31, 200, 255}) {
      // The middle line's own place on this sample gives tan tx.
      const Vec2 foot = path.foot_m(line, sample), middle = path.foot_m(31, sample);
      const double tangent = middle.x() / (std::hypot(6.0, middle.y()) + 0.1);
      const double expected = (std::hypot(6.0, foot.y()) + 0.1) * tangent;
      worst = std::max(worst, std::abs(foot.x() / expected - 1.0));
    }
  }
  CHECK(worst < 1e-6);
  const double ten = deg_to_rad(10.0);
  const double y = 6.0 * std::tan(ten), x = (std::hypot(6.0, y) + 0.1) * std::tan(ten);
  CHECK(two_mirror_foot_m(6.0, 0.1, {ten, ten}).x() == Approx(x).epsilon(1e-12));
  CHECK(x == Approx(1.09191535).epsilon(1e-6));
  CHECK(y == Approx(1.057961884).epsilon(1e-6));
  WARN("pincushion: law kept within " << worst);
}
