// A capture of a dressed head: its mechanisms add up, and no number of threads changes it.
#include <catch2/catch.hpp>
#include <cmath>

#include "support/test_scene.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;

namespace {

// Coarse scan, all mechanisms, three frames.
Scene dressed_scene() {
  return scene_of(
      "[imager]\nlines = 32\nsamples_per_line = 64\n[subject]\nkind = 'head'\nidentity = 7\n"
      "[garment]\nfabric = 'acrylic'\n");
}

Capture capture_with(const Scene& scene, const StandingHead& head, int threads, bool keep_parts) {
  CaptureOptions options;
  options.threads = threads;
  options.keep_parts = keep_parts;
  return simulate_capture(scene.imager, scene.sampling, head.target, head.poses, head.key, options);
}

double energy(const RangeFrame& frame) {
  double sum = 0.0;
  for (const ImageC& bin : frame.bins) {
    for (const auto& a : bin.data) sum += std::norm(std::complex<double>(a));
  }
  return sum;
}

}  // namespace

TEST_CASE("a capture is bit-identical on one and on two threads", "[sim][frame]") {
  const Scene scene = dressed_scene();
  const StandingHead head = stand(scene, nullptr, true);
  const Capture one = capture_with(scene, head, 1, true);
  const Capture two = capture_with(scene, head, 2, true);
  CHECK(one.power.data == two.power.data);
  for (std::size_t f = 0; f < one.parts.size(); ++f) {
    for (std::size_t b = 0; b < one.parts[f].coherent.bins.size(); ++b) {
      CHECK(one.parts[f].coherent.bins[b].data == two.parts[f].coherent.bins[b].data);
      CHECK(one.parts[f].diffuse.bins[b].data == two.parts[f].diffuse.bins[b].data);
      CHECK(one.parts[f].cloth.bins[b].data == two.parts[f].cloth.bins[b].data);
      CHECK(one.parts[f].noise.bins[b].data == two.parts[f].noise.bins[b].data);
    }
  }
  CHECK(capture_with(scene, head, 1, false).power.data ==
        capture_with(scene, head, 2, false).power.data);
}

// Frames of a subject that stands still share its surface and their sum: no draw of the scanner or
// of the noise may be shared with them, and a subject that moved must be looked at again.
TEST_CASE("a still subject's frames are those of one that moved between them", "[sim][frame]") {
  for (const char* scanner : {"", "[scanner]\nmode = 'half-cycle'\n"}) {
    const Scene scene = scene_of(std::string("[imager]\nlines = 16\nsamples_per_line = 32\n") +
                                 scanner + "[subject]\nkind = 'sphere'\n");
    const Target target = make_analytic_target(scene);
    const RigidPose here = subject_pose(scene.subject);
    RigidPose there = here;
    there.translation_m.z() += 1e-3;
    CaptureOptions options;
    options.keep_parts = true;
    const auto capture_of = [&](const std::vector<RigidPose>& poses) {
      return simulate_capture(scene.imager, scene.sampling, target, poses, {1, 5}, options);
    };
    const Capture still = capture_of({here, here, here});
    const Capture moved = capture_of({there, here, here});
    const auto same = [](const RangeFrame& a, const RangeFrame& b) {
      for (std::size_t k = 0; k < a.bins.size(); ++k) {
        if (a.bins[k].data != b.bins[k].data) return false;
      }
      return !a.bins.empty();
    };
    CHECK_FALSE(same(still.parts[0].coherent, moved.parts[0].coherent));
    CHECK(same(still.parts[2].coherent, moved.parts[2].coherent));
    CHECK(same(still.parts[2].diffuse, moved.parts[2].diffuse));
    CHECK(same(still.parts[2].noise, moved.parts[2].noise));
    CHECK_FALSE(same(still.parts[2].noise, still.parts[1].noise));
  }
}

TEST_CASE("coherent, diffuse and cloth parts add up to the whole", "[sim][frame]") {
  const Scene scene = dressed_scene();
  const StandingHead head = stand(scene, nullptr, true);
  const Capture capture = capture_with(scene, head, 0, true);
  const Imager& imager = scene.imager;
  REQUIRE(capture.parts.size() == 3);
  // The frame summed from all scatterers at once is the sum of the mechanisms.
  const FrameParts& parts = capture.parts[0];
  const ScatterParts scatterers =
      find_scatterers(head.target, head.poses[0], imager, scene.sampling,
                      FieldWindow::whole(imager), {head.key.seed, head.key.capture}, 0);
  const RangeFrame whole =
      sum_frame(imager.beam, imager.scan(), scatterers.all(), imager.range_axis(), {});
  RangeFrame sum = parts.coherent;
  for (std::size_t b = 0; b < sum.bins.size(); ++b) {
    for (std::size_t i = 0; i < sum.bins[b].size(); ++i) {
      sum.bins[b].data[i] += parts.diffuse.bins[b].data[i] + parts.cloth.bins[b].data[i];
    }
  }
  // Sums of some 1e4 floats in another order: 1e-7 sqrt(1e4) = -100 dB.
  CHECK(nmse_db(whole, sum) < -90.0);
  for (const RangeFrame* part : {&parts.coherent, &parts.diffuse, &parts.cloth, &parts.noise}) {
    CHECK(energy(*part) > 0.0);
  }
  // Detected power is the mean over frames of all four together, losses applied.
  ImageF mean(imager.lines, imager.samples_per_line);
  for (const FrameParts& f : capture.parts) {
    const ImageF power = detect({&f.coherent, &f.diffuse, &f.cloth, &f.noise}, imager.detector, 0);
    for (std::size_t i = 0; i < mean.size(); ++i) {
      mean.data[i] += power.data[i] / 3.0f * static_cast<float>(two_way_loss(imager));
    }
  }
  CHECK(quantile(differences_db(mean, capture.power, 200.0), 1.0) < 1e-4);
  // Not keeping the parts changes nothing but the order of floating-point sums, -100 dB of the
  // peak, so 0.01 dB for a pixel 50 dB below it.
  const ImageF bare = capture_with(scene, head, 0, false).power;
  CHECK(quantile(differences_db(bare, capture.power, 50.0), 1.0) < 0.02);
}

TEST_CASE("the three frames of a standing person are not the same look", "[sim][frame]") {
  const Scene scene = dressed_scene();
  const StandingHead head = stand(scene, nullptr, true);
  const Capture capture = capture_with(scene, head, 0, true);
  const auto look = [&](std::size_t f) {
    return detect({&capture.parts[f].coherent}, scene.imager.detector, 0);
  };
  // Body sway moves glints by far more than the 0.01 dB of rounding.
  CHECK(quantile(differences_db(look(0), look(1), 20.0), 0.5) > 0.05);
}
