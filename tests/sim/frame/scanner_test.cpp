// What the scanner does to the picture of a point, whose place is known.
#include <catch2/catch.hpp>
#include <cmath>

#include "support/test_scene.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;

namespace {

const Vec2 kPlace(0.061, 0.043);

/// A point, or a column of them that every line meets.
/// @param step_m  along +x from one of the three frames to the next.
Capture capture_of_point(const std::string& scanner, double step_m = 0.0, bool column = false) {
  const Scene scene =
      scene_of("[imager]\nnoise = false\n[scanner]\n" + scanner + "[subject]\nkind = 'point'\n");
  std::vector<RigidPose> poses(3);
  for (int f = 0; f < 3; ++f) {
    poses[static_cast<std::size_t>(f)].translation_m = {kPlace.x() + step_m * f, kPlace.y(), 0.0};
  }
  Target target = make_analytic_target(scene);
  for (double y = -0.1; column && y < 0.1; y += 5e-3) {
    target.points.push_back({{0.0, y, 0.0}, scene.subject.rcs_m2});
  }
  return simulate_capture(scene.imager, scene.sampling, target, poses, {1, 0}, {});
}

struct Spot {
  Vec2 centre_m = Vec2::Zero();
  double width_x_m = 0.0;  // standard deviation
  double power = 0.0;
};

Spot spot_of(const ImageF& power) {
  const ScanGeometry scan(6.0, {0.45, 0.45}, power.rows, power.cols);
  Spot spot;
  for (int l = 0; l < power.rows; ++l) {
    for (int s = 0; s < power.cols; ++s) {
      spot.power += power(l, s);
      spot.centre_m += double{power(l, s)} * scan.foot_m(l, s);
    }
  }
  spot.centre_m /= spot.power;
  for (int l = 0; l < power.rows; ++l) {
    for (int s = 0; s < power.cols; ++s) {
      const double dx = scan.foot_m(l, s).x() - spot.centre_m.x();
      spot.width_x_m += double{power(l, s)} * dx * dx / spot.power;
    }
  }
  spot.width_x_m = std::sqrt(spot.width_x_m);
  return spot;
}

const std::string kNoErrors = "lag_residual_deg = 0\ntrigger_jitter_s = 0\nwobble_rad = 0\n";

}  // namespace

TEST_CASE("a calibrated scanner shows a point where it is", "[sim][frame][scanner]") {
  const Spot ideal = spot_of(capture_of_point("").power);
  // Lines 7 mm apart sample a two-way spot of 6.3 mm a little too coarsely.
  CHECK((ideal.centre_m - kPlace).norm() < 1e-3);
  for (const char* mode : {"half-cycle", "interlaced"}) {
    for (const char* drive : {"triangle", "sine"}) {
      const int spot_lines = std::string(mode) == "half-cycle" ? 32 : 64;
      const std::string keys =
          fmt::format("mode = '{}'\nfast_drive = '{}'\n", mode, drive) + kNoErrors;
      const Spot spot = spot_of(capture_of_point(keys).power);
      INFO(keys);
      CHECK(std::abs(spot.centre_m.x() - kPlace.x()) < 2e-4);
      // Lines 14 mm apart miss most of the spot: it can seem a quarter of a line off.
      CHECK(std::abs(spot.centre_m.y() - kPlace.y()) < (spot_lines == 32 ? 3.6e-3 : 1e-3));
      // Linear interpolation between places never makes a spot narrower.
      CHECK(spot.width_x_m > 0.95 * ideal.width_x_m);
      CHECK(spot.width_x_m < 1.15 * ideal.width_x_m);
    }
  }
}

TEST_CASE("an uncalibrated lag tears a column apart along the lines", "[sim][frame][scanner]") {
  const std::string keys =
      "mode = 'interlaced'\nlag_deg = 3\nlag_residual_deg = 3\ntrigger_jitter_s = 0\n";
  const Spot ideal = spot_of(capture_of_point("", 0.0, true).power);
  const Spot torn = spot_of(capture_of_point(keys, 0.0, true).power);
  // Triangle at 0.9: 32 m/s for 0.26 ms, 8.3 mm either way.
  CHECK(std::sqrt(std::pow(torn.width_x_m, 2) - std::pow(ideal.width_x_m, 2)) ==
        Approx(8.3e-3).epsilon(0.15));
}

TEST_CASE("a subject that drifts during its frames is seen on the way", "[sim][frame][scanner]") {
  const std::string keys = "mode = 'half-cycle'\n" + kNoErrors;
  const Spot spot = spot_of(capture_of_point(keys, 4e-3).power);
  // y = 43 mm is scanned 40 % down the field: frames 0 and 2 go down, frame 1 up, so the point is
  // met at 0.40, 1.60 and 2.40 steps of 4 mm; a line more or less is 0.13 mm.
  const double down = 0.5 - kPlace.y() / 0.45;
  const double steps = (down + (1.0 + 1.0 - down) + (2.0 + down)) / 3.0;
  CHECK(spot.centre_m.x() == Approx(kPlace.x() + 4e-3 * steps).margin(5e-4));
}

TEST_CASE("noise of a half-cycle frame keeps its level", "[sim][frame][scanner][statistics]") {
  const Scene scene = scene_of(
      "[scanner]\nmode = 'half-cycle'\n[imager]\nframes = 1\n[subject]\nkind = 'point'\n"
      "position_m = [3.0, 0.0, 0.0]\n");
  const RangeFrame noise = receiver_noise(scene.imager, {1, 0}, 0, 0);
  CHECK(noise.bins[0].rows == 32);
  double mean = 0.0;
  for (const auto& n : noise.bins[0].data) mean += std::norm(std::complex<double>(n));
  const Imager& imager = scene.imager;
  const double expected =
      noise_budget(imager.radar, imager.raw_radar, imager.range_axis().bin_m(0)).total_w() /
      imager.radar.transmit_power_w / two_way_loss(imager);
  // 8192 exponential draws: 1.1 % (one sigma).
  CHECK(mean / static_cast<double>(noise.bins[0].size()) == Approx(expected).epsilon(0.045));
}

TEST_CASE("one key says how far the mirrors are apart", "[sim][frame][scanner]") {
  const Scene scene = scene_of("[optics]\ngalvo_separation_m = 0.02\nsub_focal_m = 0.25\n");
  CHECK(scene.imager.scanner.relay_magnification == Approx(6.0));
  CHECK(scene.imager.scanner.mirror_separation_m == 0.02);
  CHECK(scene.imager.design.galvo_separation_m == 0.02);
  CHECK_THROWS_WITH(
      scene_of("[scanner]\nmirror_separation_m = 0.02\n"),
      Catch::Contains("test scene:3") && Catch::Contains("optics.galvo_separation_m"));
}
