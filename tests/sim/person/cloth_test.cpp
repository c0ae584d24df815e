// What a balaclava does to the glints of the face under it, and does not do to the eye opening.
#include <catch2/catch.hpp>
#include <cmath>

#include "heads.h"
#include "thz/core/constants.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;

namespace {

constexpr char kAcrylic[] = "[garment]\nfabric = 'acrylic'\nnominal = true\n";

/// Share of the beam's disc of `radius_m` (rays on a square grid) on which cloth is in front of the
/// body; a ray that meets no body counts for neither side.
double covered_share(const Imager& imager, const StandingHead& head, const Vec2& foot,
                     double radius_m) {
  const RigidPose inverse = head.poses[0].inverse();
  const Vec3 pivot = inverse * imager.scan().pivot_m();
  std::vector<Vec3> directions;
  constexpr int kHalf = 4;
  for (int j = -kHalf; j <= kHalf; ++j) {
    for (int i = -kHalf; i <= kHalf; ++i) {
      if (i * i + j * j > kHalf * kHalf) continue;
      directions.push_back(inverse.rotation *
                           imager.scan().direction(foot + radius_m / kHalf * Vec2(i, j)));
    }
  }
  std::vector<SurfaceHit> body, cloth;
  head.target.body->trace(pivot, directions, body);
  head.target.cloth->outer->trace(pivot, directions, cloth);
  double seen = 0.0, covered = 0.0;
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (!body[i].is_hit()) continue;
    seen += 1.0;
    if (cloth[i].is_hit() && cloth[i].range_m < body[i].range_m) covered += 1.0;
  }
  return seen == 0.0 ? 0.5 : covered / seen;
}

double energy_around(const RangeFrame& frame, int line, int sample, int reach) {
  double sum = 0.0;
  for (const ImageC& bin : frame.bins) {
    for (int l = std::max(0, line - reach); l <= std::min(bin.rows - 1, line + reach); ++l) {
      for (int s = std::max(0, sample - reach); s <= std::min(bin.cols - 1, sample + reach); ++s) {
        sum += std::norm(std::complex<double>(bin(l, s)));
      }
    }
  }
  return sum;
}

bool is_peak(const ImageF& power, int line, int sample) {
  for (int l = line - 1; l <= line + 1; ++l) {
    for (int s = sample - 1; s <= sample + 1; ++s) {
      if (power(l, s) > power(line, sample)) return false;
    }
  }
  return true;
}

struct BareAndDressed {
  Scene scene = head_scene(7, "front-center", kAcrylic);
  StandingHead dressed = stand(scene, nullptr, true);
  Capture with_cloth = shoot(scene, dressed, scene.sampling);
  Capture without = shoot_bare();

  /// The same person, pose and speckle; only the cloth is gone.
  Capture shoot_bare() const {
    StandingHead bare = dressed;
    bare.target.cloth.reset();
    return shoot(scene, bare, scene.sampling);
  }
};

}  // namespace

TEST_CASE("glints under acrylic lose what the cloth takes twice", "[sim][person][physics]") {
  const BareAndDressed both;
  const RangeFrame& bare = both.without.parts[0].coherent;
  const RangeFrame& worn = both.with_cloth.parts[0].coherent;
  const ImageF power = detect({&bare}, Detector::kPeak, 0);
  const float peak = *std::max_element(power.data.begin(), power.data.end());
  const ScanGeometry scan = both.scene.imager.scan();
  std::vector<double> losses;
  for (int line = 1; line + 1 < power.rows; ++line) {
    for (int sample = 1; sample + 1 < power.cols; ++sample) {
      if (power(line, sample) < 1e-3f * peak || !is_peak(power, line, sample)) continue;
      const double waist = both.scene.imager.beam.waist_m;
      if (covered_share(both.scene.imager, both.dressed, scan.foot_m(line, sample), 2.0 * waist) <
          1.0) {
        continue;
      }
      losses.push_back(10.0 * std::log10(energy_around(bare, line, sample, 1) /
                                         energy_around(worn, line, sample, 1)));
    }
  }
  std::sort(losses.begin(), losses.end());
  REQUIRE(losses.size() >= 3);
  // One layer of acrylic costs 0.8 dB each way, a hem as much again, damp cloth up to 2.9 dB more;
  // folds bend a glint's phase front, which takes more from one and less from another.
  CHECK(losses.front() > 0.5);
  CHECK(losses.back() < 8.0);
  WARN(losses.size() << " covered glints lose " << losses.front() << " to " << losses.back()
                     << " dB, median " << quantile(losses, 0.5) << " dB");
}

TEST_CASE("what the eye opening shows stays as it was", "[sim][person][physics]") {
  const BareAndDressed both;
  const ScanGeometry scan = both.scene.imager.scan();
  std::vector<double> changes;
  for (int line = 0; line < scan.lines(); ++line) {
    for (int sample = 0; sample < scan.samples_per_line(); ++sample) {
      // The two-way beam outside 1.2 w0 holds exp(-4 1.2^2) = 0.3 % of its power.
      if (covered_share(both.scene.imager, both.dressed, scan.foot_m(line, sample),
                        1.2 * both.scene.imager.beam.waist_m) > 0.0) {
        continue;
      }
      changes.push_back(
          std::abs(10.0 * std::log10(static_cast<double>(both.with_cloth.power(line, sample)) /
                                     both.without.power(line, sample))));
    }
  }
  std::sort(changes.begin(), changes.end());
  REQUIRE(changes.size() >= 5);
  // Only sidelobes of the covered rest and the cloth's rim reach in.
  CHECK(quantile(changes, 0.5) < 0.5);
  WARN(changes.size() << " pixels in the opening change by a median of " << quantile(changes, 0.5)
                      << " dB, 95th percentile " << quantile(changes, 0.95));
}
