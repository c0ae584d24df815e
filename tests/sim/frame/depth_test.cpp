// Range of what a pixel sees against geometry, in both modes of the radar. A bin is 7.5 mm.
#include <catch2/catch.hpp>
#include <cmath>

#include "support/test_scene.h"
#include "thz/core/constants.h"
#include "thz/sim/depth_map.h"
#include "thz/sim/radar_budget.h"
#include "thz/sim/window.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;

namespace {

struct DepthShot {
  Scene scene;
  Capture capture;
  ImageF range_m, z_m;

  double bin_m() const { return scene.imager.range_axis().spacing_m; }
  ScanGeometry scan() const { return scene.imager.scan(); }
};

DepthShot shoot(const std::string& imager, const std::string& subject) {
  DepthShot shot{scene_of("[imager]\n" + imager + subject), {}, {}, {}};
  const Scene& scene = shot.scene;
  CaptureOptions options;
  options.keep_range = true;
  shot.capture =
      simulate_capture(scene.imager, scene.sampling, make_analytic_target(scene),
                       std::vector<RigidPose>(static_cast<std::size_t>(scene.imager.frames),
                                              subject_pose(scene.subject)),
                       {scene.seed, 5}, options);
  shot.range_m = peak_range_m(shot.capture.range_power, scene.imager.range_axis(),
                              noise_over_transmitted(scene.imager));
  shot.z_m = depth_z_m(shot.range_m, shot.scan());
  return shot;
}

/// Mean and root mean square of map - expected over a bin, of pixels that `expected` wants (not
/// NaN) and the map has; how many of those wanted it has.
struct Error {
  double mean = 0.0, rms = 0.0, worst = 0.0, share = 0.0;
};

template <typename Expected>
Error error_bins(const DepthShot& shot, const ImageF& map, Expected&& expected) {
  Error error;
  double wanted = 0.0, seen = 0.0;
  for (int l = 0; l < map.rows; ++l) {
    for (int s = 0; s < map.cols; ++s) {
      const double truth = expected(shot.scan().foot_m(l, s));
      if (std::isnan(truth)) continue;
      wanted += 1.0;
      if (std::isnan(map(l, s))) continue;
      seen += 1.0;
      const double off = (double{map(l, s)} - truth) / shot.bin_m();
      error.mean += off;
      error.rms += off * off;
      error.worst = std::max(error.worst, std::abs(off));
    }
  }
  error.mean /= seen;
  error.rms = std::sqrt(error.rms / seen);
  error.share = seen / wanted;
  return error;
}

const double kNotWanted = std::nan("");

}  // namespace

TEST_CASE("the place between two bins of a Hann window is exact", "[sim][radar][physics]") {
  for (const double bins : {-0.5, -0.3, -0.01, 0.0, 0.2, 0.5}) {
    const double cells = 0.5 * bins;
    const double low = range_response(WindowKind::kHann, cells + 0.5);
    const double high = range_response(WindowKind::kHann, cells - 0.5);
    CHECK(hann_peak_offset_bins(7.0 * low * low, 7.0 * high * high) == Approx(bins).margin(1e-12));
  }
  CHECK(hann_peak_offset_bins(0.0, 0.0) == 0.0);
}

TEST_CASE("a point stands at its range to a thousandth of a bin", "[sim][frame][radar][physics]") {
  const std::string radar = GENERATE("direct", "raw");
  const double z_m = GENERATE(0.0, -0.0567, -0.1234);
  const DepthShot shot = shoot(
      "noise = false\nframes = 1\nfield_of_view_m = [0.01, 0.01]\nlines = 2\nsamples_per_line = 2\n"
      "radar = '" +
          radar + "'\n",
      "[subject]\nkind = 'point'\nrcs_m2 = 1e-4\nposition_m = [0.0, 0.0, " + std::to_string(z_m) +
          "]\n");
  for (const float range_m : shot.range_m.data) {
    CAPTURE(radar, z_m, range_m);
    // Depth nodes (-58 dB) and, in the raw mode, the residual video phase; of the neighbours'
    // amplitudes.
    CHECK(std::abs(double{range_m} - (6.0 - z_m)) < 1.5e-3 * shot.bin_m());
  }
}

TEST_CASE("a smooth sphere stands where its glint is", "[sim][frame][radar][physics]") {
  // The return of a convex mirror of radius a comes from a complex place rho = s/(1 + j kappa),
  // kappa = (k w0^2/2)(1/a + 1/R), so the range grows by Re<rho^2>(1/a + 1/R)/2 only: a tenth of
  // the sphere's own sagitta, with the other sign.
  const std::string radar = GENERATE("direct", "raw");
  const DepthShot shot = shoot(
      "noise = false\nframes = 1\nfield_of_view_m = [0.03, 0.03]\nlines = 16\n"
      "samples_per_line = 16\nradar = '" +
          radar + "'\n",
      "[subject]\nkind = 'sphere'\nradius_m = 0.08\nposition_m = [0.0, 0.0, -0.08]\n");
  const BeamOptions beam;
  const double bend = 1.0 / 0.08 + 1.0 / 6.0;
  const double kappa = 0.5 * beam.wavenumber() * beam.waist_m * beam.waist_m * bend;
  const auto expected = [&](const Vec2& foot) {
    if (foot.norm() > 0.012) return kNotWanted;
    const double moment =
        foot.squaredNorm() * (1.0 - kappa * kappa) / std::pow(1.0 + kappa * kappa, 2) +
        0.5 * beam.waist_m * beam.waist_m / (1.0 + kappa * kappa);
    return 6.0 + 0.5 * bend * moment;
  };
  const Error error = error_bins(shot, shot.range_m, expected);
  CAPTURE(radar, error.mean, error.rms);
  CHECK(error.share == 1.0);
  CHECK(error.worst < 0.005);
}

TEST_CASE("a smooth tilted plate lies in its plane", "[sim][frame][radar][physics]") {
  const std::string radar = GENERATE("direct", "raw");
  const DepthShot shot = shoot(
      "noise = false\nframes = 1\nfield_of_view_m = [0.16, 0.16]\n"
      "lines = 16\nsamples_per_line = 32\nradar = '" +
          radar + "'\n",
      "[subject]\nkind = 'plane'\nsize_m = [0.3, 0.3]\ntilt_deg = [1.0, "
      "0.0]\nposition_m = [0.0, 0.0, -0.05]\n");
  // Tilted about +x by 1 degree: its normal is (0, -sin, cos).
  const double slope = std::tan(deg_to_rad(1.0));
  const auto expected = [&](const Vec2& foot) {
    const Vec3 axis = shot.scan().direction(foot);
    return (6.0 + 0.05) / (-axis.z() + slope * axis.y());
  };
  const Error error = error_bins(shot, shot.range_m, expected);
  CAPTURE(radar, error.mean, error.rms);
  CHECK(error.share == 1.0);
  // The beam's phase fronts bend about the pivot, (s / R + alpha) against the plate: 0.008.
  CHECK(error.worst < 0.015);
}

TEST_CASE("rough shapes are where they are, but for their speckle",
          "[sim][frame][radar][statistics]") {
  // Defaults with receiver noise; a spot holds slopes times 6.3 mm of range, so single pixels
  // scatter and their mean does not.
  const std::string radar = GENERATE("direct", "raw");
  const std::string imager =
      "frames = 3\nfield_of_view_m = [0.2, 0.2]\nlines = 32\n"
      "samples_per_line = 32\nradar = '" +
      radar + "'\n";
  SECTION("plate of 30 degrees") {
    const DepthShot shot =
        shoot(imager,
              "[subject]\nkind = 'plane'\nsize_m = [0.3, 0.3]\ntilt_deg = [0.0, 30.0]\n"
              "position_m = [0.0, 0.0, -0.08]\nmaterial = 'pec'\nroughness = 'lambert'\n");
    // About +y by 30 degrees: normal (sin, 0, cos), z falls with x.
    const auto expected = [&](const Vec2& foot) {
      const Vec3 axis = shot.scan().direction(foot);
      const double slope = std::tan(deg_to_rad(30.0));
      const double along = (6.0 + 0.08) / (-axis.z() - slope * axis.x());
      return std::abs(foot.x()) < 0.08 && std::abs(foot.y()) < 0.08 ? 6.0 + along * axis.z()
                                                                    : kNotWanted;
    };
    const Error error = error_bins(shot, shot.z_m, expected);
    CAPTURE(radar, error.mean, error.rms, error.share);
    CHECK(error.share > 0.99);
    CHECK(std::abs(error.mean) < 0.1);
    CHECK(error.rms < 0.45);
  }
  SECTION("80 mm sphere") {
    const DepthShot shot =
        shoot(imager,
              "[subject]\nkind = 'sphere'\nradius_m = 0.08\nposition_m = [0.0, 0.0, "
              "-0.08]\nmaterial = 'pec'\nroughness = 'lambert'\n");
    const auto expected = [&](const Vec2& foot) {
      if (foot.norm() > 0.04) return kNotWanted;  // slopes of 30 degrees
      const Vec3 pivot(0.0, 0.0, 6.0), centre(0.0, 0.0, -0.08);
      const Vec3 axis = shot.scan().direction(foot);
      const double b = axis.dot(centre - pivot);
      const double range = b - std::sqrt(b * b - (centre - pivot).squaredNorm() + 0.08 * 0.08);
      return 6.0 + range * axis.z();
    };
    const Error error = error_bins(shot, shot.z_m, expected);
    CAPTURE(radar, error.mean, error.rms, error.share);
    CHECK(error.share > 0.99);
    CHECK(std::abs(error.mean) < 0.1);
    CHECK(error.rms < 0.4);
  }
}

TEST_CASE("where nothing stands out of the noise there is no depth", "[sim][frame][radar]") {
  const DepthShot dark =
      shoot("lines = 32\nsamples_per_line = 32\n", "[subject]\nkind = 'point'\nrcs_m2 = 0.0\n");
  for (const float z : dark.z_m.data) CHECK(std::isnan(z));
  // Beside the gate: the strongest bin is the last, and says nothing.
  const DepthShot behind = shoot(
      "noise = false\nframes = 1\nlines = 4\nsamples_per_line = 4\nfield_of_view_m = [0.01, "
      "0.01]\n",
      "[subject]\nkind = 'point'\nrcs_m2 = 1e-4\nposition_m = [0.0, 0.0, -0.216]\n");
  for (const float z : behind.z_m.data) CHECK(std::isnan(z));
}
