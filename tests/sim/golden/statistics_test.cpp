// What is random, held against committed means and variances: family-wise significance 1e-3 a
// stage, and enough realisations that noise 10 % stronger does not pass. THZ_GOLDEN_UPDATE=1 renews
// the images (docs/validation.md).
#include <catch2/catch.hpp>
#include <cstdlib>

#include "sim/golden/golden_statistics.h"
#include "sim/radar/raw_radar_rig.h"
#include "support/test_scene.h"
#include "thz/core/constants.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;

namespace {

void append(const ImageC& image, std::vector<float>& out) {
  for (const auto& value : image.data) {
    out.push_back(value.real());
    out.push_back(value.imag());
  }
}

Scene with_temperature(const std::string& imager, double temperature_k, const std::string& rest) {
  return scene_of(fmt::format("[imager]\n{}noise_temperature_k = {}\nphase_noise_dbc_hz = -250\n{}",
                              imager, temperature_k, rest));
}

/// Receiver noise of a frame with a point 10 dB above it, one range bin.
RandomStage noise_stage(double stronger) {
  Scene scene = with_temperature(
      "frames = 1\nlines = 16\nsamples_per_line = 16\nfield_of_view_m = [0.24, 0.24]\n"
      "gate_m = [0.0, 0.0001]\n",
      30000.0 * stronger,
      "[subject]\nkind = 'point'\nposition_m = [0.0075, 0.0075, 0]\nrcs_m2 = 4e-11\n");
  scene.imager.gate_m = Vec2::Zero();  // one bin
  const Target target = make_analytic_target(scene);
  return {"noise", 16, 16, 2, 8000, 1000, [scene, target](uint64_t number, auto& out) {
            CaptureOptions options;
            options.keep_parts = true;
            options.threads = 1;
            const Capture capture =
                simulate_capture(scene.imager, scene.sampling, target,
                                 {subject_pose(scene.subject)}, {1, number}, options);
            ImageC sum = capture.parts[0].coherent.bins[0];
            for (std::size_t i = 0; i < sum.size(); ++i) {
              sum.data[i] += capture.parts[0].noise.bins[0].data[i];
            }
            out.clear();
            append(sum, out);
          }};
}

/// Diffuse field of a Lambert plate; pixels 2 w0 apart, so that each is a draw of its own.
RandomStage speckle_stage(double stronger) {
  Scene scene = scene_of(
      "[imager]\nnoise = false\nframes = 1\nlines = 8\nsamples_per_line = 8\n"
      "field_of_view_m = [0.12, 0.12]\n[subject]\nkind = 'plane'\nsize_m = [0.16, 0.16]\n"
      "roughness = 'lambert'\n[sampling]\nlattice_area_m2 = 8e-6\n");
  scene.imager.gate_m = Vec2::Zero();
  RoughnessModel lambert = roughness_model("lambert");
  lambert.lambert_albedo *= stronger;
  scene.roughnesses["plate"] = lambert;
  scene.subject.roughness = "plate";
  const Target target = make_analytic_target(scene);
  return {"speckle", 8, 8, 2, 4000, 500, [scene, target](uint64_t number, auto& out) {
            const ScatterParts parts =
                find_scatterers(target, RigidPose{}, scene.imager, scene.sampling,
                                FieldWindow::whole(scene.imager), {1, number}, 1);
            FrameSumOptions options;
            options.threads = 1;
            out.clear();
            append(sum_frame(scene.imager.beam, scene.imager.scan(), parts.diffuse,
                             scene.imager.range_axis(), options)
                       .bins[0],
                   out);
          }};
}

/// Profiles of raw pulses with every imperfection and a target 10 dB above the noise; bins four
/// cells apart, which the window leaves uncorrelated.
RandomStage raw_stage(double stronger) {
  auto radar = std::make_shared<RadarOptions>();
  // Nearly all of the noise is the leakage's skirt.
  radar->phase_noise_dbc_hz += 10.0 * std::log10(stronger);
  auto rig =
      std::make_shared<Rig>(*radar, RawRadarOptions(), std::vector<double>{6.0},
                            axis_from(*radar, 6.0 - 32.0 * radar->chirp.range_cell_m(), 61, 1));
  return {"raw-pulses", 1, 16, 2, 20000, 3000, [rig](uint64_t number, auto& out) {
            const auto profile =
                rig->profile({std::polar(std::sqrt(6e-13f), -1.3f)}, {1, 1, 0, number});
            out.clear();
            for (std::size_t b = 0; b < 61; b += 4) {
              out.push_back(static_cast<float>(profile[b].real()));
              out.push_back(static_cast<float>(profile[b].imag()));
            }
          }};
}

/// Detected power of a dark capture, three frames averaged, highest bin of the gate. The cube root
/// of such a power is nearly normal (Wilson & Hilferty 1931).
RandomStage picture_stage(double stronger) {
  const Scene scene = with_temperature("lines = 16\nsamples_per_line = 16\n", 30000.0 * stronger,
                                       "[subject]\nkind = 'point'\nrcs_m2 = 0\n");
  const Target target = make_analytic_target(scene);
  return {"dark-picture", 16, 16, 1, 4000, 500, [scene, target](uint64_t number, auto& out) {
            CaptureOptions options;
            options.threads = 1;
            const Capture capture = simulate_capture(
                scene.imager, scene.sampling, target,
                std::vector<RigidPose>(3, subject_pose(scene.subject)), {1, number}, options);
            out.clear();
            for (const float p : capture.power.data) out.push_back(std::cbrt(1e12f * p));
          }};
}

using MakeStage = RandomStage (*)(double stronger);

void check_stage(MakeStage make) {
  const RandomStage stage = make(1.0);
  if (std::getenv("THZ_GOLDEN_UPDATE") != nullptr) {
    renew(stage);
    WARN("renewed " << stage_path(stage));
  }
  const StageImages golden = load(stage);
  REQUIRE(golden.variance.size() == stage.pixels());
  REQUIRE(golden.mean.size() == stage.pixels() * static_cast<std::size_t>(stage.channels));
  const StageVerdict verdict = judge(stage, golden, measure(stage, stage.test_draws, 0));
  CAPTURE(stage.name, verdict.worst_mean_z, verdict.worst_variance_z, verdict.pooled_mean_z,
          verdict.pooled_variance_z, verdict.limit);
  CHECK(verdict.same());

  // The power of the test: 10 % more noise must not pass.
  const RandomStage louder = make(1.1);
  const StageVerdict other = judge(louder, golden, measure(louder, louder.test_draws, 0));
  CHECK_FALSE(other.same());
  WARN(stage.name << ": limit " << verdict.limit << "; worst mean, variance, pooled "
                  << verdict.worst_mean_z << ", " << verdict.worst_variance_z << ", "
                  << std::max(verdict.pooled_mean_z, verdict.pooled_variance_z)
                  << "; with 10 % more noise " << other.worst_mean_z << ", "
                  << other.worst_variance_z << ", "
                  << std::max(other.pooled_mean_z, other.pooled_variance_z));
}

}  // namespace

TEST_CASE("noise of frames is distributed as it was", "[sim][golden][statistics]") {
  check_stage(noise_stage);
}

TEST_CASE("the diffuse field is distributed as it was", "[sim][golden][statistics]") {
  check_stage(speckle_stage);
}

TEST_CASE("profiles of raw pulses are distributed as they were", "[sim][golden][statistics]") {
  check_stage(raw_stage);
}

TEST_CASE("dark pictures are distributed as they were", "[sim][golden][statistics]") {
  check_stage(picture_stage);
}
