#include "thz/sim/glasses.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "sim/head/mesh_checks.h"
#include "thz/core/constants.h"
#include "thz/sim/parametric_head.h"

using namespace thz;
using namespace thz::sim;

namespace {

constexpr double kFrequency_hz = 340e9;

std::array<Vec3, 2> corneas_of(const Mesh& head) {
  const auto at = [&](const char* name) {
    return head.vertices[static_cast<std::size_t>(parametric_head_landmark(name))];
  };
  return {at("eye_center_right"), at("eye_center_left")};
}

/// How far the outermost skin on the line through `p` along an axis lies beyond it; < 0: behind.
double skin_beyond_m(const Mesh& head, const Vec3& p, int axis, double side) {
  const int a = (axis + 1) % 3, b = (axis + 2) % 3;
  double beyond = -1.0;
  for (const auto& t : head.triangles) {
    const Vec3& v0 = head.vertices[static_cast<std::size_t>(t[0])];
    const Vec3 e1 = head.vertices[static_cast<std::size_t>(t[1])] - v0;
    const Vec3 e2 = head.vertices[static_cast<std::size_t>(t[2])] - v0;
    const Vec3 q = p - v0;
    const double det = e1[a] * e2[b] - e1[b] * e2[a];
    if (std::abs(det) < 1e-15) continue;
    const double u = (q[a] * e2[b] - q[b] * e2[a]) / det;
    const double w = (e1[a] * q[b] - e1[b] * q[a]) / det;
    if (u < 0.0 || w < 0.0 || u + w > 1.0) continue;
    beyond = std::max(beyond, side * (v0[axis] + u * e1[axis] + w * e2[axis] - p[axis]));
  }
  return beyond;
}

}  // namespace

TEST_CASE("a lens passes what Airy's sum of a slab passes", "[sim][glasses]") {
  const GlassesOptions options;
  const StackResponse response =
      stack_response(lens_stack(options, kFrequency_hz), 1.0, kFrequency_hz);
  const double k = 2.0 * kPi * kFrequency_hz / kSpeedOfLight;
  const std::complex<double> n(options.lens_index, -options.lens_absorption_per_m / (2.0 * k));
  const std::complex<double> r = (1.0 - n) / (1.0 + n);
  const std::complex<double> pass =
      std::exp(std::complex<double>(0.0, -1.0) * k * n * options.lens_thickness_m);
  const double passed = std::norm((1.0 - r * r) * pass / (1.0 - r * r * pass * pass));
  CHECK(response.transmitted_s == Approx(passed).epsilon(1e-9));
  // 2.2 dB of absorption; the faces take the rest, more or less with the thickness.
  CHECK(-10.0 * std::log10(passed) == Approx(3.0).margin(0.3));
}

TEST_CASE("glasses stand before the eyes and clear the skin", "[sim][glasses]") {
  for (const int identity : {-1, 0, 3}) {
    CAPTURE(identity);
    const Mesh head = build_parametric_head(
        identity < 0 ? mean_head_identity()
                     : sample_head_identity(11, static_cast<uint64_t>(identity)));
    const std::array<Vec3, 2> corneas = corneas_of(head);
    const GlassesFrame kind = identity == 0 ? GlassesFrame::kPlastic : GlassesFrame::kMetal;
    const Glasses glasses = fit_glasses(head, corneas, {}, kind);
    CHECK(test::is_closed_and_oriented(glasses.frame));
    CHECK(glasses.vertex_distance_m >= 0.013);
    CHECK(glasses.vertex_distance_m < 0.035);
    double volume_m3 = 0.0;
    for (const auto& t : glasses.frame.triangles) {
      volume_m3 += test::twice_area(glasses.frame, t)
                       .dot(glasses.frame.vertices[static_cast<std::size_t>(t[0])]) /
                   6.0;
    }
    // Some 0.55 m of wire of 0.9 mm radius, or of 1.8 mm; outside out.
    CHECK(volume_m3 == Approx(kind == GlassesFrame::kMetal ? 1.7e-6 : 6.8e-6).epsilon(0.35));
    double nearest_lens = -1.0, nearest_temple = -1.0;
    for (const Vec3& p : glasses.lenses.vertices)
      nearest_lens = std::max(nearest_lens, skin_beyond_m(head, p, 2, 1.0));
    for (const Vec3& p : glasses.frame.vertices) {
      if (p.z() < 0.04 || p.z() > 0.07) continue;
      nearest_temple =
          std::max(nearest_temple, skin_beyond_m(head, p, 0, p.x() > 0.0 ? 1.0 : -1.0));
    }
    CHECK(nearest_lens < -1e-3);
    // A temple's axis clears the skin by its radius and 1 mm; its flanks meet slanting skin.
    CHECK(nearest_temple < 0.0);
    Vec3 middle = Vec3::Zero();
    for (const Vec3& p : glasses.lenses.vertices)
      middle += p / static_cast<double>(glasses.lenses.vertices.size());
    CHECK(middle.x() == Approx(0.5 * (corneas[0].x() + corneas[1].x())).margin(1e-4));
    CHECK(middle.y() == Approx(0.5 * (corneas[0].y() + corneas[1].y()) - 3e-3).margin(2e-3));
  }
}

TEST_CASE("who wears glasses is drawn once a person", "[sim][glasses]") {
  GlassesOptions options;
  CHECK_FALSE(draw_glasses(options, 1, 5).worn);
  options.share = 1.0;
  CHECK(draw_glasses(options, 1, 5).worn);
  options.share = 0.3;
  int worn = 0, metal = 0;
  constexpr int kPeople = 2000;
  for (uint64_t i = 0; i < kPeople; ++i) {
    const GlassesDraw draw = draw_glasses(options, 7, i);
    worn += draw.worn ? 1 : 0;
    metal += draw.frame == GlassesFrame::kMetal ? 1 : 0;
    CHECK(draw.worn == draw_glasses(options, 7, i).worn);
  }
  // Four standard deviations of the binomial distribution.
  CHECK(worn == Approx(0.3 * kPeople).margin(4.0 * std::sqrt(0.21 * kPeople)));
  CHECK(metal == Approx(0.5 * kPeople).margin(4.0 * std::sqrt(0.25 * kPeople)));
  options.frame = GlassesFrame::kPlastic;
  CHECK(draw_glasses(options, 7, 3).frame == GlassesFrame::kPlastic);
}
