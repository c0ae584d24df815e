// The raw mode of the radar through a scene, against the direct mode.
#include <catch2/catch.hpp>
#include <cmath>

#include "support/test_scene.h"
#include "thz/sim/radar_budget.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;

namespace {

ImageF raw_or_direct(const std::string& radar, const std::string& more, const std::string& subject,
                     uint64_t capture = 0) {
  const Scene scene =
      scene_of("[imager]\nlines = 12\nsamples_per_line = 20\nframes = 1\nradar = '" + radar +
               "'\n" + more + subject);
  const Target target = make_analytic_target(scene);
  return simulate_capture(scene.imager, scene.sampling, target, {subject_pose(scene.subject)},
                          {1, capture}, {})
      .power;
}

const std::string kSphere = "[subject]\nkind = 'sphere'\nposition_m = [0.0, 0.0, -0.08]\n";

}  // namespace

TEST_CASE("without noise the raw mode shows what the direct mode shows", "[sim][frame][radar]") {
  const ImageF direct = raw_or_direct("direct", "noise = false\n", kSphere);
  const ImageF raw = raw_or_direct("raw", "noise = false\n", kSphere);
  const float peak = *std::max_element(direct.data.begin(), direct.data.end());
  double worst_db = 0.0;
  for (std::size_t i = 0; i < direct.size(); ++i) {
    if (direct.data[i] < 1e-3f * peak) continue;
    worst_db = std::max(worst_db, std::abs(10.0 * std::log10(raw.data[i] / direct.data[i])));
  }
  // The echo's residual video phase, pi K tau^2 over a chirp, and range responses within half a
  // node's step: -45 dB of the amplitude where the two are largest, 0.05 dB.
  CHECK(worst_db < 0.1);
}

TEST_CASE("the raw mode's noise has the level its budget says", "[sim][frame][radar][statistics]") {
  const std::string empty = "[subject]\nkind = 'point'\nrcs_m2 = 0.0\n";
  const std::string gate = "detector = 'energy'\n[raw]\nleakage = false\n";
  const Scene scene = scene_of("[imager]\nradar = 'raw'\n" + gate + empty);
  const double expected =
      noise_budget(scene.imager.radar, scene.imager.raw_radar, scene.imager.standoff_m).total_w() *
      scene.imager.range_axis().bins / scene.imager.radar.transmit_power_w;
  double mean = 0.0;
  constexpr int kCaptures = 4;
  for (uint64_t capture = 0; capture < kCaptures; ++capture) {
    const ImageF power = raw_or_direct("raw", gate, empty, capture);
    for (const float p : power.data) mean += p / (kCaptures * double{1} * power.size());
  }
  // 960 pulses of some 17 independent bins: 0.8 % (one sigma); the bins' own ranges change the 1/f
  // part by less.
  CHECK(mean == Approx(expected).epsilon(0.04));
}
