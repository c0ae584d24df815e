#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>

#include "integrator_support.h"
#include "thz/core/version.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::sim::testing;

namespace {

FrameSumOptions by(SumMethod method, int threads = 0) { return {1e-4, threads, method}; }

}  // namespace

TEST_CASE("frames agree with the double reference at every frequency of the chirp",
          "[sim][integrator][physics]") {
  const BeamOptions beam;
  const ScanGeometry scan = published_scan();
  const double x0 = GENERATE(0.0, 0.2);
  // Both ends of the range gate and its middle.
  const double depth_z = GENERATE(0.03, 0.0, -0.2);
  const Scatterers s = bumpy_patch(x0, x0, depth_z);
  const RangeAxis axis = axis_around(s.range_m[s.size() / 2]);
  const RangeFrame direct = sum_frame(beam, scan, s, axis, by(SumMethod::kDirect));
  const RangeFrame product = sum_frame(beam, scan, s, axis, by(SumMethod::kProduct));

  ErrorSum direct_error, product_error;
  for (int line = 0; line < 64; ++line) {
    for (int sample = 0; sample < 256; sample += 5) {
      const Vec2 foot = scan.foot_m(line, sample);
      if (std::abs(foot.x() - x0) > 0.025 || std::abs(foot.y() - x0) > 0.025) continue;
      // 48 frequencies repeat in range after 48 cells; the patch is four deep.
      const auto profile =
          reference_range_profile(beam, 6.0, scan.direction(foot), s, 10e9, 48, axis, false);
      for (std::size_t b = 0; b < profile.size(); ++b) {
        direct_error.add(profile[b], direct.bins[b](line, sample));
        product_error.add(profile[b], product.bins[b](line, sample));
      }
    }
  }
  // -45 dB is what the design asks of an integrator on equal cells. At the gate's far end it is the
  // beam's change over the chirp that is left, -46 dB; at the focus -60 dB.
  const double allowed_db = depth_z == 0.0 ? -57.0 : -45.0;
  CHECK(direct_error.db() < allowed_db);
  CHECK(product_error.db() < allowed_db);
}

TEST_CASE("frames agree with the double sum at the centre frequency over the gate and the field",
          "[sim][integrator][physics]") {
  const ScanGeometry scan = published_scan();
  const double x0 = GENERATE(0.0, 0.2);
  const double depth_z = GENERATE(0.03, -0.2);
  const bool cloud = GENERATE(false, true);
  const Scatterers s =
      cloud ? random_cloud(1500, x0, x0, 0.02, depth_z, 0.02) : bumpy_patch(x0, x0, depth_z);
  const RangeAxis axis = axis_around(s.range_m[s.size() / 2]);
  const RangeFrame product = sum_frame({}, scan, s, axis, by(SumMethod::kProduct));
  // The cutoff at 1e-4 and four-point Lagrange at a third of a cell leave some -60 dB each.
  CHECK(centre_error_db(product, scan, s, axis, x0, x0, 5) < -57.0);
}

TEST_CASE("the product equals the direct sum on a random cloud over the whole field",
          "[sim][integrator]") {
  // Rasters with columns of the product finer than, equal to and coarser than the samples.
  const int samples = GENERATE(90, 250, 700);
  const ScanGeometry scan(kStandoff, {0.45, 0.40}, 60, samples);
  const Scatterers s = random_cloud(4000, 0.0, 0.0, 0.25, -0.05, 0.15);
  // Wider than the cloud: at the gate's ends the two differ in what they leave out.
  const RangeAxis axis{6.0 - 0.12, 0.5 * kCell, 40, kCell, 3};
  const RangeFrame direct = sum_frame({}, scan, s, axis, by(SumMethod::kDirect));
  const RangeFrame product = sum_frame({}, scan, s, axis, by(SumMethod::kProduct));
  CHECK(frame_error_db(direct, product) < -57.0);
}

TEST_CASE("two nodes a cell are enough for -50 dB of the product", "[sim][integrator]") {
  // The range response is sharpened by the interpolation's mean gain, which is worth 7 dB.
  const ScanGeometry scan = published_scan();
  const Scatterers s = bumpy_patch(0.0, 0.0);
  const RangeAxis axis = axis_around(6.0, 2);
  const RangeFrame product = sum_frame({}, scan, s, axis, by(SumMethod::kProduct));
  CHECK(centre_error_db(product, scan, s, axis, 0.0, 0.0, 5) < -50.0);
}

TEST_CASE("nothing to sum and scatterers outside gate and field leave an empty frame",
          "[sim][integrator]") {
  const SumMethod method = GENERATE(SumMethod::kDirect, SumMethod::kProduct);
  Scatterers s;
  const auto is_zero = [&] {
    const RangeFrame frame = sum_frame({}, published_scan(), s, axis_around(6.0), by(method));
    for (const auto& bin : frame.bins) {
      for (const auto& value : bin.data) {
        if (value != std::complex<float>(0.0f)) return false;
      }
    }
    return true;
  };
  CHECK(is_zero());
  s.add(-Vec3::UnitZ(), 6.0 + 1.0, 1e-6);
  s.add(-Vec3::UnitZ(), 6.0 - 1.0, 1e-6);
  s.add(Vec3(0.4, 0.0, -6.0).normalized(), 6.0, 1e-6);
  s.add(Vec3(0.0, -0.4, -6.0).normalized(), 6.0, 1e-6);
  CHECK(is_zero());
}

TEST_CASE("frames are bit-identical for any number of threads", "[sim][integrator]") {
  const SumMethod method = GENERATE(SumMethod::kDirect, SumMethod::kProduct);
  // More than one of the product's blocks of scatterers.
  const Scatterers s = random_cloud(20000, 0.0, 0.0, 0.2, 0.0, 0.02);
  const RangeFrame one = sum_frame({}, published_scan(), s, axis_around(6.0), by(method, 1));
  for (const int threads : {2, 3}) {
    const RangeFrame other =
        sum_frame({}, published_scan(), s, axis_around(6.0), by(method, threads));
    for (std::size_t b = 0; b < one.bins.size(); ++b) {
      CHECK(one.bins[b].data == other.bins[b].data);
    }
  }
}

TEST_CASE("every instruction set gives the same frame", "[sim][integrator]") {
  const SumMethod method = GENERATE(SumMethod::kDirect, SumMethod::kProduct);
  const Scatterers s = bumpy_patch(0.0, 0.0);
  const auto frame = [&] {
    return sum_frame({}, published_scan(), s, axis_around(6.0), by(method));
  };
  const RangeFrame truth = frame();
  for (const char* level : {"sse2", "avx2", "avx512"}) {
    setenv("THZ_SIMD", level, 1);
    bool available = true;
    try {
      instruction_set();
    } catch (const std::exception&) {
      available = false;
      WARN("skipped: this processor has no " << level);
    }
    // Lanes past the cutoff differ with the direct kernel's width: pairs below 1e-4 of the centre,
    // so -80 dB each. The product differs by rounding alone.
    if (available)
      CHECK(frame_error_db(truth, frame()) < (method == SumMethod::kDirect ? -70.0 : -100.0));
    unsetenv("THZ_SIMD");
  }
}
