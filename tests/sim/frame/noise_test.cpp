// Receiver noise as it arrives in frames: level, law, independence, averaging (rows N02, N04).
#include <catch2/catch.hpp>
#include <cmath>
#include <complex>

#include "support/test_scene.h"
#include "thz/core/constants.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;

namespace {

// Nothing there: a point that scatters nothing.
const std::string kDark = "[subject]\nkind = 'point'\nrcs_m2 = 0\n";

Capture capture_of(const Scene& scene, const CaptureKey& key, bool keep_parts) {
  CaptureOptions options;
  options.keep_parts = keep_parts;
  return simulate_capture(scene.imager, scene.sampling, make_analytic_target(scene),
                          std::vector<RigidPose>(static_cast<std::size_t>(scene.imager.frames),
                                                 subject_pose(scene.subject)),
                          key, options);
}

/// Mean noise power of a frame's pixels and bins at the mixer, W.
double mean_noise_w(const Scene& scene, const RangeFrame& noise) {
  double sum = 0.0, count = 0.0;
  for (const ImageC& bin : noise.bins) {
    for (const auto& n : bin.data) sum += std::norm(std::complex<double>(n));
    count += static_cast<double>(bin.size());
  }
  return sum / count * two_way_loss(scene.imager) * scene.imager.radar.transmit_power_w;
}

std::complex<double> correlation(const RangeFrame& a, const RangeFrame& b) {
  std::complex<double> cross = 0.0;
  double power_a = 0.0, power_b = 0.0;
  for (std::size_t k = 0; k < a.bins.size(); ++k) {
    for (std::size_t i = 0; i < a.bins[k].size(); ++i) {
      const std::complex<double> x(a.bins[k].data[i]), y(b.bins[k].data[i]);
      cross += x * std::conj(y);
      power_a += std::norm(x);
      power_b += std::norm(y);
    }
  }
  return cross / std::sqrt(power_a * power_b);
}

}  // namespace

TEST_CASE("every range bin of a dark frame holds the noise budget", "[sim][frame][statistics]") {
  const Scene scene = scene_of("[imager]\nframes = 1\n" + kDark);
  const Capture capture = capture_of(scene, {1, 1}, true);
  const NoiseBudget budget =
      noise_budget(scene.imager.radar, scene.imager.raw_radar, scene.imager.standoff_m);
  const double per_transmitted = budget.total_w() / scene.imager.radar.transmit_power_w;
  const double loss = two_way_loss(scene.imager);
  for (const ImageC& bin : capture.parts[0].noise.bins) {
    std::vector<double> power;
    for (const auto& n : bin.data) power.push_back(std::norm(std::complex<double>(n)) * loss);
    const Moments m = moments(power);
    // Exponential: standard errors of mean and contrast are 1 / sqrt(n); four of them, so that a
    // fixed draw of 35 bins stays inside (chance 0.4 %).
    const double error = 4.0 / std::sqrt(static_cast<double>(power.size()));
    CHECK(m.mean == Approx(per_transmitted).epsilon(error));
    CHECK(m.contrast() == Approx(1.0).margin(error));
  }
  CHECK(capture.noise_floor_dbm == Approx(10.0 * std::log10(budget.total_w() * 1e3)));
}

TEST_CASE("the noise of a frame follows k T B", "[sim][frame][statistics]") {
  const std::string imager = "[imager]\nframes = 1\nnoise_temperature_k = ";
  // Before the mixer; behind it the leakage compresses a weak target by 0.5 dB, which the
  // calibration gives back to target and noise alike.
  const std::string linear = "\n[raw]\nmixer = false\n";
  const Scene warm = scene_of(imager + "3000" + linear + kDark);
  const Scene hot = scene_of(imager + "30000" + linear + kDark);
  const double rise_w = mean_noise_w(hot, capture_of(hot, {1, 1}, true).parts[0].noise) -
                        mean_noise_w(warm, capture_of(warm, {1, 1}, true).parts[0].noise);
  // Hann: 1.5 bins of 1 / 50 us; 100 kHz flicker corner at the beat of 6 m, 2 R B / c T = 8.0055
  // MHz.
  const double expected_w = kBoltzmann * 27000.0 * (1.5 / 50e-6) * (1.0 + 100e3 / 8.005538e6);
  // 573,440 exponential draws: standard error 0.13 %; 1.501466 for 1.5 of a sampled Hann is 0.1 %.
  CHECK(rise_w == Approx(expected_w).epsilon(5e-3));
}

TEST_CASE("noise is the capture's and the frame's own, whatever stands there",
          "[sim][frame][statistics]") {
  const std::string imager = "[imager]\nframes = 2\nlines = 32\nsamples_per_line = 64\n";
  const Scene dark = scene_of(imager + kDark);
  const Scene sphere = scene_of(imager + "[subject]\nkind = 'sphere'\nposition_m = [0, 0, -0.08]");
  const Capture one = capture_of(dark, {1, 1}, true);
  const Capture same = capture_of(sphere, {1, 1}, true);
  const Capture other = capture_of(dark, {1, 2}, true);
  const Capture reseeded = capture_of(dark, {2, 1}, true);
  std::size_t different = 0;
  for (std::size_t b = 0; b < one.parts[0].noise.bins.size(); ++b) {
    if (one.parts[0].noise.bins[b].data != same.parts[0].noise.bins[b].data) ++different;
  }
  CHECK(different == 0);
  // Independent circular noise: |correlation| is 1 / sqrt(n) = 0.4 %; five of them.
  CHECK(std::abs(correlation(one.parts[0].noise, other.parts[0].noise)) < 0.019);
  CHECK(std::abs(correlation(one.parts[0].noise, reseeded.parts[0].noise)) < 0.019);
  CHECK(std::abs(correlation(one.parts[0].noise, one.parts[1].noise)) < 0.019);
}

TEST_CASE("averaging three noisy frames divides the spread by the root of three",
          "[sim][frame][statistics]") {
  // N04, in a single bin, where power is exponential: contrast 1 -> 0.57735.
  const auto contrast = [](int frames) {
    Scene scene =
        scene_of("[imager]\nlines = 128\nsamples_per_line = 512\ndetector = 'energy'\nframes = " +
                 std::to_string(frames) + "\n" + kDark);
    scene.imager.gate_m = Vec2::Zero();  // one bin
    return moments(capture_of(scene, {1, 1}, false).power.data);
  };
  const Moments one = contrast(1);
  const Moments three = contrast(3);
  // 65,536 draws: standard error of a contrast 0.4 %; the row's 2 %.
  CHECK(one.contrast() == Approx(1.0).epsilon(0.02));
  CHECK(three.std / one.std == Approx(0.5773502692).epsilon(0.02));
  CHECK(three.mean == Approx(one.mean).epsilon(0.02));
}

TEST_CASE("without noise a dark frame is dark", "[sim][frame]") {
  const Scene scene = scene_of("[imager]\nframes = 1\nnoise = false\n" + kDark);
  const ImageF power = capture_of(scene, {1, 1}, false).power;
  CHECK(*std::max_element(power.data.begin(), power.data.end()) == 0.0f);
}
