// Speckle statistics as they come out of noise-free frames of a flat Lambert plate, peak detector:
// rows S01-S04 (Goodman, Speckle Phenomena in Optics, 2007) and R08's mean.
#include <catch2/catch.hpp>
#include <cmath>

#include "support/test_scene.h"
#include "thz/core/constants.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;

namespace {

constexpr double kAlbedo = 0.01;
constexpr int kCaptures = 160;

// Pixels 15 mm = 2 w0 apart: their intensities correlate by exp(-8), so each is a draw of its own.
// The gate puts a bin on the plate; 8 mm^2 an element is 1/6 of the beam's two-way area, and the
// elements are Gaussian themselves, so their number plays no part.
const std::string kGrid =
    "[imager]\nnoise = false\nframes = 1\nlines = 16\nsamples_per_line = 16\n"
    "field_of_view_m = [0.24, 0.24]\ngate_m = [-0.03, 0.03]\n";
const std::string kPlate =
    "[subject]\nkind = 'plane'\nsize_m = [0.4, 0.4]\nroughness = 'lambert'\n"
    "[sampling]\nlattice_area_m2 = 8e-6\n";

Scene plate_scene() { return scene_of(kGrid + kPlate); }

/// Powers over transmitted power without the instrument's losses, of one capture.
std::vector<float> pixels(const Scene& scene, const Target& target,
                          const std::vector<RigidPose>& poses, uint64_t capture) {
  std::vector<float> power =
      simulate_capture(scene.imager, scene.sampling, target, poses, {1, capture}, {}).power.data;
  const auto loss = static_cast<float>(two_way_loss(scene.imager));
  for (float& p : power) p /= loss;
  return power;
}

std::vector<float> pooled(const Scene& scene, const Target& target,
                          const std::vector<RigidPose>& poses) {
  std::vector<float> all;
  for (uint64_t capture = 0; capture < kCaptures; ++capture) {
    const auto some = pixels(scene, target, poses, capture);
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

RigidPose shifted(const Vec3& by) { return {Mat3::Identity(), by}; }

double diffuse_mean(const Scene& scene) {
  const double ratio = scene.imager.beam.wavelength_m() / (kPi * scene.imager.beam.waist_m);
  return kAlbedo * ratio * ratio;
}

}  // namespace

TEST_CASE("speckle in frames is fully developed", "[sim][frame][statistics]") {
  const Scene scene = plate_scene();
  const auto power = pooled(scene, make_analytic_target(scene), {RigidPose{}});
  const Moments linear = moments(power);
  std::vector<double> decibels;
  for (const float p : power) decibels.push_back(10.0 * std::log10(static_cast<double>(p)));
  const Moments logarithmic = moments(decibels);
  std::sort(decibels.begin(), decibels.end());
  // 40,960 draws: standard errors 0.5 % of mean, contrast and log spread alike.
  // R08: albedo (lambda / pi w0)^2; 0.1 dB is 4 to 5 standard errors.
  CHECK(10.0 * std::log10(linear.mean / diffuse_mean(scene)) == Approx(0.0).margin(0.1));
  // S01, the row's 1 %.
  CHECK(linear.contrast() == Approx(1.0).epsilon(0.01));
  CHECK(logarithmic.std == Approx(5.57004314).epsilon(0.01));
  CHECK(logarithmic.mean - 10.0 * std::log10(linear.mean) == Approx(-2.506815781).margin(0.05));
  // A 5th percentile has a standard error of 0.11 / 0.05 / sqrt(n): 0.5 % or 0.02 dB.
  CHECK(quantile(decibels, 0.95) - quantile(decibels, 0.05) == Approx(17.66442405).epsilon(0.01));
  WARN("speckle: mean " << 10.0 * std::log10(linear.mean) << " dB, contrast " << linear.contrast()
                        << ", log std " << logarithmic.std << " dB");
}

TEST_CASE("a coherent part of equal power makes the speckle Rician", "[sim][frame][statistics]") {
  // S02 at r = 1. A point of cross section sigma under every beam returns lambda^2 sigma / pi^3
  // w0^4, which equals the plate's mean albedo lambda^2 / pi^2 w0^2 for sigma = albedo pi w0^2.
  const Scene scene = plate_scene();
  Target target = make_analytic_target(scene);
  const double waist = scene.imager.beam.waist_m;
  const ScanGeometry scan = scene.imager.scan();
  for (int line = 0; line < scan.lines(); ++line) {
    for (int sample = 0; sample < scan.samples_per_line(); ++sample) {
      const Vec2 foot = scan.foot_m(line, sample);
      target.points.push_back({{foot.x(), foot.y(), 0.0}, kAlbedo * kPi * waist * waist});
    }
  }
  const Moments m = moments(pooled(scene, target, {RigidPose{}}));
  // Neighbouring points add 4 exp(-2 (15 / 7.585)^2) = 0.2 % in amplitude; 40,960 draws; row's 1 %.
  CHECK(m.contrast() == Approx(0.8660254038).epsilon(0.01));
  CHECK(m.mean == Approx(2.0 * diffuse_mean(scene)).epsilon(0.02));
  WARN("Rician: contrast " << m.contrast());
}

TEST_CASE("three frames of a still plate are one look, of a moving plate three",
          "[sim][frame][statistics]") {
  // S03 with its note. 20 mm = 2.6 w0 sideways: correlation exp(-14).
  const Scene scene = plate_scene();
  const Target target = make_analytic_target(scene);
  const RigidPose still;
  const auto one = pixels(scene, target, {still}, 3);
  const auto held = pixels(scene, target, {still, still, still}, 3);
  double largest = 0.0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(held[i]) / one[i] - 1.0));
  }
  CHECK(largest < 1e-6);  // the same number thrice, rounded
  const Moments moving =
      moments(pooled(scene, target, {still, shifted({0.02, 0.0, 0.0}), shifted({0.0, 0.02, 0.0})}));
  // Looks of different pixels can share a patch of the plate only 20 mm from both: none does.
  CHECK(moving.contrast() == Approx(0.5773502692).epsilon(0.01));
  // Motion along the beam turns every phase alike and decorrelates nothing: the speckle stays.
  const auto nearer = pixels(scene, target, {shifted({0.0, 0.0, 0.5e-3})}, 3);
  double change = 0.0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    change += std::abs(static_cast<double>(nearer[i]) - one[i]) / one[i] /
              static_cast<double>(one.size());
  }
  CHECK(change < 0.05);
  WARN("three moving frames: contrast " << moving.contrast());
}

TEST_CASE("a speckle grain is as wide as the two-way beam makes it", "[sim][frame][statistics]") {
  // S04: autocovariance exp(-2 s^2 / w0^2), along the fast axis; lines 15 mm apart are independent.
  Scene scene = plate_scene();
  scene.imager.samples_per_line = 256;
  const Target target = make_analytic_target(scene);
  const double pitch = 0.24 / 256.0;
  constexpr int kLags = 17;  // 16 mm
  std::vector<double> product(kLags, 0.0), pairs(kLags, 0.0);
  double sum = 0.0, count = 0.0;
  for (uint64_t capture = 0; capture < 100; ++capture) {
    const auto power = pixels(scene, target, {RigidPose{}}, 1000 + capture);
    for (std::size_t row = 0; row < 16; ++row) {
      const float* p = power.data() + row * 256;
      for (int i = 0; i < 256; ++i) {
        sum += static_cast<double>(p[i]);
        count += 1.0;
        for (int lag = 0; lag < kLags && i + lag < 256; ++lag) {
          product[static_cast<std::size_t>(lag)] += static_cast<double>(p[i]) * p[i + lag];
          pairs[static_cast<std::size_t>(lag)] += 1.0;
        }
      }
    }
  }
  const double mean = sum / count;
  std::vector<double> covariance;
  for (std::size_t lag = 0; lag < kLags; ++lag) {
    covariance.push_back(product[lag] / pairs[lag] - mean * mean);
  }
  std::size_t below = 0;
  while (covariance[below] > 0.5 * covariance[0]) ++below;
  const double share =
      (covariance[below - 1] - 0.5 * covariance[0]) / (covariance[below - 1] - covariance[below]);
  const double fwhm = 2.0 * pitch * (static_cast<double>(below - 1) + share);
  // Some 29,000 grains: the covariance is uncertain by 0.6 % of its peak, the width by 0.9 %.
  CHECK(fwhm == Approx(0.008930655021).epsilon(0.03));
  // At s = w0 (8.09 samples): exp(-2).
  const double at_waist = covariance[8] + 0.0907 * (covariance[9] - covariance[8]);
  CHECK(at_waist / covariance[0] == Approx(0.1353352832).margin(0.03));
  WARN("grain: FWHM " << fwhm * 1e3 << " mm, covariance at w0 " << at_waist / covariance[0]);
}
