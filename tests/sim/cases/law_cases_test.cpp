// Laws of noise and speckle: the exponential distribution of power by Kolmogorov's test, and the
// noise figure's hold on frames and on pulses alike.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "sim/radar/raw_radar_rig.h"
#include "support/test_scene.h"
#include "support/z_test.h"
#include "thz/core/constants.h"
#include "thz/core/rng.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;

namespace {

/// Largest distance of the sample's distribution from 1 - exp(-x / mean), times sqrt(n); the mean
/// is given, not fitted. Above 1.9495 with a probability of 1e-3 (Kolmogorov 1933).
double kolmogorov(std::vector<double> power, double mean) {
  std::sort(power.begin(), power.end());
  const auto n = static_cast<double>(power.size());
  double distance = 0.0;
  for (std::size_t i = 0; i < power.size(); ++i) {
    const double law = 1.0 - std::exp(-power[i] / mean);
    const auto before = static_cast<double>(i) / n, after = static_cast<double>(i + 1) / n;
    distance = std::max(distance, std::max(law - before, after - law));
  }
  return distance * std::sqrt(n);
}
constexpr double kKolmogorovLimit = 1.9495;

/// Pixels of a plate 2 w0 apart, in the bin that holds it; no noise.
std::vector<double> speckle_powers() {
  Scene scene = scene_of(
      "[imager]\nnoise = false\nframes = 1\nlines = 16\nsamples_per_line = 16\n"
      "field_of_view_m = [0.24, 0.24]\n[subject]\nkind = 'plane'\nsize_m = [0.3, 0.3]\n"
      "roughness = 'lambert'\n[sampling]\nlattice_area_m2 = 8e-6\n");
  scene.imager.gate_m = Vec2::Zero();
  const Target target = make_analytic_target(scene);
  const double loss = two_way_loss(scene.imager);
  std::vector<double> powers;
  for (uint64_t capture = 0; capture < 20; ++capture) {
    const Capture shot =
        simulate_capture(scene.imager, scene.sampling, target, {RigidPose{}}, {3, capture}, {});
    for (const float p : shot.power.data) powers.push_back(double{p} / loss);
  }
  return powers;
}

/// One bin of receiver noise of a frame, over transmitted power.
std::vector<double> noise_powers(const Scene& scene) {
  std::vector<double> powers;
  const RangeFrame noise = receiver_noise(scene.imager, {3, 1}, 0, 0);
  for (const auto& n : noise.bins[0].data) powers.push_back(std::norm(std::complex<double>(n)));
  return powers;
}

double temperature_k(double noise_figure_db) {
  return 290.0 * (std::pow(10.0, 0.1 * noise_figure_db) - 1.0);
}

}  // namespace

// S01's law, and that of noise.
TEST_CASE("the power of speckle and of noise is exponential", "[sim][cases][statistics]") {
  const double ratio = kSpeedOfLight / 340e9 / (kPi * 7.585e-3);
  const double mean = 0.01 * ratio * ratio;  // R08
  const auto speckle = speckle_powers();
  // A plate leaves the focus by (0.12 / 6)^2 / 2 at the corners of the field: the mean by 1e-3.
  CHECK(kolmogorov(speckle, mean) < kKolmogorovLimit);
  const Scene scene = scene_of("[imager]\nframes = 1\n[subject]\nkind = 'point'\nrcs_m2 = 0\n");
  const auto noise = noise_powers(scene);
  const double variance = noise_over_transmitted(scene.imager) / two_way_loss(scene.imager);
  CHECK(kolmogorov(noise, variance) < kKolmogorovLimit);
  // The test tells another law: a mean off by 10 %, and the square of a real normal number.
  CHECK(kolmogorov(speckle, 1.1 * mean) > kKolmogorovLimit);
  std::vector<double> real;
  Rng rng(5, RngPurpose::kTest);
  for (std::size_t i = 0; i < speckle.size(); ++i) real.push_back(std::pow(rng.normal(), 2));
  CHECK(kolmogorov(real, 1.0) > kKolmogorovLimit);
  WARN("Kolmogorov: speckle " << kolmogorov(speckle, mean) << " of " << speckle.size() << ", noise "
                              << kolmogorov(noise, variance) << " of " << noise.size());
}

TEST_CASE("noise of frames and pulses grows with the noise figure", "[sim][cases][statistics]") {
  // k T0 (F - 1) B: 10.548 dB are 3000 K; the receiver's own noise, as a source at the temperature
  // of the scene adds none to a radar's difference.
  CHECK(temperature_k(10.548) == Approx(3000.0).epsilon(1e-3));
  // At the default 25 MHz the filter lets 13 % of an image's noise through; a faster converter has
  // none.
  for (const double figure_db : {6.0, 10.548, 15.0}) {
    const double temperature = temperature_k(figure_db);
    const double expected_w = kBoltzmann * 290.0 * (std::pow(10.0, 0.1 * figure_db) - 1.0) * 1.5 /
                              50e-6 * (1.0 + 100e3 / 8.0055383e6);
    Scene scene = scene_of(
        fmt::format("[imager]\nframes = 1\nnoise_temperature_k = {}\nphase_noise_dbc_hz = -250\n"
                    "adc_bits = 24\n[subject]\nkind = 'point'\nrcs_m2 = 0\n",
                    temperature));
    scene.imager.raw_radar.mixer.lo_amplitude_noise_dbc_hz = -300.0;
    // Leakage compresses the mixer by 0.5 dB, which the receiver makes up for, noise and all.
    scene.imager.raw_radar.mixer.compression_dbm = 60.0;
    const auto frame = noise_powers(scene);
    Draws of_frame, of_pulses;
    for (const double p : frame)
      of_frame.add(p * scene.imager.radar.transmit_power_w * two_way_loss(scene.imager));
    RawRadarOptions raw = ideal_radar();
    raw.thermal_on = true;
    Rig rig(scene.imager.radar, raw, {}, axis_from(scene.imager.radar, 6.0, 1, 1));
    for (uint64_t pulse = 0; pulse < 3000; ++pulse) {
      of_pulses.add(std::norm(rig.profile({}, {1, 5, 0, pulse})[0]));
    }
    CAPTURE(figure_db, of_frame.mean() / expected_w, of_pulses.mean() / expected_w);
    CHECK(std::abs(of_frame.z(expected_w)) < z_limit(6));
    CHECK(std::abs(of_pulses.z(expected_w)) < z_limit(6));
  }
}
