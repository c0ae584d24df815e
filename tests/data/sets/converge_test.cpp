#include "thz/data/converge.h"

#include <catch2/catch.hpp>

#include "support/test_scene.h"

using namespace thz;

namespace {

sim::Scene coarse_sphere() {
  return test::scene_of(
      "[imager]\nlines = 16\nsamples_per_line = 32\n"
      "[subject]\nkind = 'sphere'\nradius_m = 0.08\nposition_m = [0.0, 0.0, -0.08]\n"
      "[sampling]\nray_pitch_m = 2.4e-3\nrefine = 1\nnodes_per_cell = 1\n");
}

}  // namespace

TEST_CASE("refinement goes on until the frame stands still, and says with what", "[data]") {
  data::ConvergeOptions options;
  options.most_steps = 6;
  const sim::Scene scene = coarse_sphere();
  const auto report = data::converge_sampling(scene, {}, options);
  CHECK(report.reached);
  REQUIRE(report.steps.size() >= 4);
  // 2.4 mm rays on an 80 mm sphere cannot do (phase of 2 k h bends by pi within 4 mm), and one
  // depth node a cell is far above -35 dB.
  CHECK(report.sampling.ray_pitch_m < 1e-3);
  CHECK(report.sampling.nodes_per_cell > 1);
  CHECK(report.sampling.subdivision == scene.sampling.subdivision);
  double last_pitch_change = 100.0;
  for (const auto& step : report.steps) {
    if (step.knob == "ray_pitch_m") {
      CHECK(step.change_db < last_pitch_change);
      last_pitch_change = step.change_db;
      CHECK(step.fine == Approx(0.5 * step.coarse));
    }
  }
  CHECK(last_pitch_change < -35.0);
}

TEST_CASE("a target that is never met is said so", "[data]") {
  data::ConvergeOptions options;
  options.target_db = -119.0;
  options.most_steps = 1;
  const auto report = data::converge_sampling(coarse_sphere(), {}, options);
  CHECK_FALSE(report.reached);
}
