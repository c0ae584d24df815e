#include "thz/sim/envelope.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "optics_support.h"
#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/core/rng.h"
#include "thz/sim/gaussian_beam.h"
#include "thz/sim/integrator.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;
using Complex = std::complex<double>;

namespace {

// A small stack, quick to make.
EnvelopeOptions small_options() {
  EnvelopeOptions options;
  options.size = 48;
  options.depth_first_m = -0.125;
  options.depths = 11;
  options.rank = 6;
  options.sampling.rings = 24;
  options.sampling.spokes = 64;
  return options;
}

std::vector<Vec3> random_places(double half_m, double depth_m, std::size_t count) {
  Rng rng(3, RngPurpose::kTest, 1);
  std::vector<Vec3> places;
  for (std::size_t i = 0; i < count; ++i) {
    const double x = rng.uniform(-half_m, half_m), y = rng.uniform(-half_m, half_m);
    places.emplace_back(x, y, rng.uniform(-depth_m, depth_m));
  }
  return places;
}

double error_db(const std::vector<Complex>& is, const std::vector<Complex>& should) {
  double error = 0.0, power = 0.0;
  for (std::size_t i = 0; i < is.size(); ++i) {
    error += std::norm(is[i] - should[i]);
    power += std::norm(should[i]);
  }
  return 10.0 * std::log10(error / power);
}

}  // namespace

TEST_CASE("separable envelopes give the exact two-way field between their nodes", "[sim][optics]") {
  const Gregorian optics(single_pivot());
  const EnvelopeOptions options = small_options();
  for (const Vec2& landing : {Vec2(0.0, 0.0), Vec2(0.2, 0.2)}) {
    CAPTURE(landing.x(), landing.y());
    const SeparableEnvelope envelope(envelope_stack(optics, kFrequency_hz, landing, options));
    const auto places = random_places(0.02, 0.12, 400);
    const auto exact = envelope_values(optics, kFrequency_hz, landing, places, options);
    std::vector<Complex> found;
    for (const Vec3& p : places) found.emplace_back(envelope.value(p.x(), p.y(), p.z()));
    // What the truncation leaves out and as much again for the cubic interpolation.
    CHECK(error_db(found, exact) < -40.0);
    CHECK(envelope.residual_db(6) < -43.0);
    CHECK(envelope.worst_residual_db(6) >= envelope.residual_db(6));
    for (int r = 1; r < 8; ++r) CHECK(envelope.residual_db(r + 1) <= envelope.residual_db(r));
    CHECK(std::norm(envelope.value(0.03, 0.0, 0.0)) == 0.0f);
  }
}

// A stack filled with the Gaussian two-way field in the integrator's coordinates has rank one, and
// so the conventions (signs, curvature about the pivot) are those of the direct sum.
TEST_CASE("the envelope of a Gaussian beam is a single product", "[sim][optics]") {
  const BeamOptions beam;
  EnvelopeStack stack;
  stack.options = small_options();
  const double standoff = 6.0, k = beam.wavenumber();
  const Vec3 axis(0.0, 0.0, -1.0);
  const auto envelope_at = [&](const Vec3& p) {
    const StereoPoint at{p.x() / standoff, p.y() / standoff};
    const Vec3 unit(at.x * at.kappa(), at.y * at.kappa(), 1.0 - 2.0 * at.kappa());
    return two_way_field(beam, standoff, axis, unit, standoff + p.z()) *
           std::polar(1.0, 2.0 * k * p.z());
  };
  for (int d = 0; d < stack.options.depths; ++d) {
    Eigen::MatrixXcd plane(stack.options.size, stack.options.size);
    for (int x = 0; x < stack.options.size; ++x) {
      for (int y = 0; y < stack.options.size; ++y) {
        plane(x, y) = envelope_at({stack.offset_m(x), stack.offset_m(y), stack.depth_m(d)});
      }
    }
    stack.planes.push_back(plane);
  }
  const SeparableEnvelope envelope(stack);
  // Products of directions, not of sines: a part in 1e5 of the phase is left.
  CHECK(envelope.residual_db(1) < -80.0);
  std::vector<Complex> found, exact;
  for (const Vec3& p : random_places(0.02, 0.12, 200)) {
    found.emplace_back(envelope.value(p.x(), p.y(), p.z()));
    exact.push_back(envelope_at(p));
  }
  CHECK(error_db(found, exact) < -50.0);
}

// Hidden: "[.bench]". Residuals against rank over the field, and what moving within a tile costs.
TEST_CASE("residuals of separable envelopes over the field", "[.bench]") {
  for (const double separation : {0.0, 0.1}) {
    GregorianDesign design;
    design.galvo_separation_m = separation;
    const Gregorian optics(design);
    for (const Vec2& at : {Vec2(0, 0), Vec2(0.225, 0), Vec2(-0.225, 0), Vec2(0, 0.225),
                           Vec2(0.225, 0.225), Vec2(-0.225, 0.225)}) {
      const auto begin = std::chrono::steady_clock::now();
      EnvelopeOptions options;
      const SeparableEnvelope envelope(envelope_stack(optics, kFrequency_hz, at, options));
      const double seconds =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      std::printf("e %.1f at (%+.3f, %+.3f): dB at rank 1..8", separation, at.x(), at.y());
      for (int r = 1; r <= 8; ++r) {
        std::printf(" %.1f(%.1f)", envelope.residual_db(r), envelope.worst_residual_db(r));
      }
      std::printf("; %.1f s; interpolated", seconds);
      const auto places = random_places(0.025, 0.24, 500);
      const auto exact = envelope_values(optics, kFrequency_hz, at, places, options);
      std::vector<Complex> found;
      for (const Vec3& p : places) found.emplace_back(envelope.value(p.x(), p.y(), p.z()));
      std::printf(" %.1f dB; neighbours", error_db(found, exact));
      for (const double step : {0.01, 0.02, 0.04}) {
        const Vec2 inward = at - step * (at.norm() > 0.0 ? Vec2(at.normalized()) : Vec2(1, 0));
        auto moved = envelope_values(optics, kFrequency_hz, inward, places, options);
        // A phase common to a scan direction does not matter.
        Complex common = 0.0;
        for (std::size_t i = 0; i < moved.size(); ++i) common += std::conj(moved[i]) * exact[i];
        for (Complex& value : moved) value *= common / std::abs(common);
        std::printf(" %.0f mm %.1f dB", step * 1e3, error_db(moved, exact));
      }
      std::printf("\n");
    }
  }
}
