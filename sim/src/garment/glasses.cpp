#include "thz/sim/glasses.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>

#include "head_probe.h"
#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/core/rng.h"
#include "tube.h"

namespace thz::sim {

using namespace internal;

namespace {

constexpr double kClearance_m = 1e-3;
constexpr double kBelowPupil_m = 3e-3;
constexpr int32_t kOutline = 40;  // points along a rim
constexpr int32_t kRings = 8;     // of a lens, from its middle to the rim
// A path of the outline |u / a|^p + |v / b|^p = 1; 2 is an ellipse.
constexpr double kRoundness = 2.6;

double rim_radius_m(GlassesFrame frame) { return frame == GlassesFrame::kMetal ? 0.9e-3 : 1.8e-3; }

/// Foremost skin on a line along z, and outermost on a line along x towards `side`.
double skin_front_m(const HeadProbe& probe, double x, double y) {
  const ProbeHit hit = probe.first_hit(Vec3(x, y, 1.0), -Vec3::UnitZ(), 1.0);
  return hit.triangle < 0 ? -1.0 : 1.0 - hit.distance_m;
}
double skin_side_m(const HeadProbe& probe, double side, double y, double z) {
  const ProbeHit hit = probe.first_hit(Vec3(side, y, z), -side * Vec3::UnitX(), 1.0);
  return hit.triangle < 0 ? 0.0 : 1.0 - hit.distance_m;
}

/// Both lenses before they are moved to the face.
struct LensPair {
  std::array<Vec3, 2> centre_m;
  double half_width_m, half_height_m, curve_m, tilt_rad;

  /// A point of the front face, (u, v) from the lens centre to its side and up.
  Vec3 at(std::size_t eye, double u, double v) const {
    const double sag = -(u * u + v * v) / (2.0 * curve_m);
    return centre_m[eye] + Vec3(u, v * std::cos(tilt_rad) + sag * std::sin(-tilt_rad),
                                v * std::sin(tilt_rad) + sag * std::cos(tilt_rad));
  }
  /// The outline at an angle, scaled by `share`.
  Vec3 outline(std::size_t eye, double angle, double share) const {
    const double c = std::cos(angle), s = std::sin(angle);
    const double u = std::copysign(std::pow(std::abs(c), 2.0 / kRoundness), c);
    const double v = std::copysign(std::pow(std::abs(s), 2.0 / kRoundness), s);
    return at(eye, share * half_width_m * u, share * half_height_m * v);
  }
};

LensPair place_lenses(const HeadProbe& probe, const std::array<Vec3, 2>& corneas_m,
                      const GlassesOptions& options, GlassesFrame frame) {
  LensPair pair;
  const double apart = corneas_m[1].x() - corneas_m[0].x();
  pair.half_width_m = 0.5 * options.lens_width_m;
  // Wide lenses before narrow eyes are decentred outwards, as opticians do.
  const double outwards = std::max(0.0, 0.5 * (options.lens_width_m + options.bridge_m - apart));
  pair.half_height_m = 0.5 * options.lens_height_m;
  pair.curve_m = options.curve_radius_m;
  pair.tilt_rad = deg_to_rad(options.pantoscopic_deg);
  for (std::size_t eye = 0; eye < 2; ++eye) {
    pair.centre_m[eye] = corneas_m[eye] + Vec3(eye == 0 ? -outwards : outwards, -kBelowPupil_m,
                                               options.vertex_distance_m);
  }
  double forwards = 0.0;
  for (std::size_t eye = 0; eye < 2; ++eye) {
    for (int i = 0; i < kOutline; ++i) {
      for (int ring = 1; ring <= kRings; ++ring) {
        const double share = static_cast<double>(ring) / kRings;
        const Vec3 p = pair.outline(eye, 2.0 * kPi * i / kOutline, share);
        const double room = ring == kRings ? rim_radius_m(frame) : 0.5 * options.lens_thickness_m;
        forwards =
            std::max(forwards, skin_front_m(probe, p.x(), p.y()) + kClearance_m + room - p.z());
      }
    }
  }
  for (Vec3& centre : pair.centre_m) centre.z() += forwards;
  return pair;
}

Mesh lens_face(const LensPair& pair, std::size_t eye) {
  Mesh face;
  face.vertices.push_back(pair.at(eye, 0.0, 0.0));
  for (int32_t ring = 1; ring <= kRings; ++ring) {
    for (int32_t i = 0; i < kOutline; ++i) {
      face.vertices.push_back(
          pair.outline(eye, 2.0 * kPi * i / kOutline, static_cast<double>(ring) / kRings));
    }
  }
  const auto at = [](int32_t ring, int32_t i) { return 1 + (ring - 1) * kOutline + i % kOutline; };
  for (int32_t i = 0; i < kOutline; ++i) {
    face.triangles.push_back({0, at(1, i), at(1, i + 1)});
    for (int32_t ring = 1; ring < kRings; ++ring) {
      face.triangles.push_back({at(ring, i), at(ring + 1, i), at(ring + 1, i + 1)});
      face.triangles.push_back({at(ring, i), at(ring + 1, i + 1), at(ring, i + 1)});
    }
  }
  return face;
}

Mesh bridge(const HeadProbe& probe, const LensPair& pair, double radius_m) {
  // From rim to rim a little above the middle, arched over the nose.
  const Vec3 right = pair.outline(0, deg_to_rad(20.0), 1.0);
  const Vec3 left = pair.outline(1, deg_to_rad(160.0), 1.0);
  std::vector<Vec3> path;
  constexpr int kSteps = 8;
  for (int i = 0; i <= kSteps; ++i) {
    const double t = static_cast<double>(i) / kSteps, arch = 4.0 * t * (1.0 - t);
    Vec3 p = (1.0 - t) * right + t * left + arch * Vec3(0.0, 2e-3, 3e-3);
    p.z() = std::max(p.z(), skin_front_m(probe, p.x(), p.y()) + kClearance_m + radius_m);
    path.push_back(p);
  }
  return make_tube(path, radius_m, false);
}

/// @param side  -1 the subject's right, 1 the left.
Mesh temple(const HeadProbe& probe, const LensPair& pair, double side, double radius_m) {
  const std::size_t eye = side < 0.0 ? 0 : 1;
  const Vec3 rim = pair.outline(eye, side < 0.0 ? deg_to_rad(155.0) : deg_to_rad(25.0), 1.0);
  constexpr double kEarFront_m = 0.035, kEnd_m = -0.005, kStep_m = 0.004, kHinge_m = 0.004;
  const double height = rim.y();
  const auto outside = [&](double z) {
    return skin_side_m(probe, side, height, z) + kClearance_m + radius_m;
  };
  const double hinge_x = std::abs(rim.x()) + kHinge_m, hinge_z = rim.z() - 2e-3;
  const double ear_x = outside(kEarFront_m);
  std::vector<Vec3> path = {rim};
  for (double z = hinge_z; z > kEnd_m; z -= kStep_m) {
    const double share = std::min(1.0, (hinge_z - z) / (hinge_z - kEarFront_m));
    double x = (1.0 - share) * hinge_x + share * ear_x;
    // Farther back the temple runs between the ear and the skull.
    if (z > kEarFront_m) x = std::max(x, outside(z));
    path.emplace_back(side * x, height, z);
  }
  return make_tube(path, radius_m, false);
}

}  // namespace

GlassesDraw draw_glasses(const GlassesOptions& options, uint64_t seed, uint64_t identity) {
  Rng rng(seed, RngPurpose::kGlasses, identity);
  GlassesDraw draw;
  draw.worn = rng.uniform() < options.share;
  const bool metal = rng.uniform() < 0.5;
  draw.frame = options.frame != GlassesFrame::kEither ? options.frame
               : metal                                ? GlassesFrame::kMetal
                                                      : GlassesFrame::kPlastic;
  return draw;
}

Glasses fit_glasses(const Mesh& head, const std::array<Vec3, 2>& corneas_m,
                    const GlassesOptions& options, GlassesFrame frame) {
  THZ_REQUIRE(frame != GlassesFrame::kEither, "the frame was not drawn");
  THZ_REQUIRE(corneas_m[1].x() > corneas_m[0].x(), "right and left eye, in this order");
  const HeadProbe probe(head);
  const LensPair pair = place_lenses(probe, corneas_m, options, frame);
  const double radius = rim_radius_m(frame);
  Glasses glasses;
  glasses.frame_kind = frame;
  glasses.vertex_distance_m = pair.centre_m[0].z() - corneas_m[0].z();
  for (std::size_t eye = 0; eye < 2; ++eye) {
    append_mesh(glasses.lenses, lens_face(pair, eye));
    std::vector<Vec3> rim;
    for (int i = 0; i < kOutline; ++i)
      rim.push_back(pair.outline(eye, 2.0 * kPi * i / kOutline, 1.0));
    append_mesh(glasses.frame, make_tube(rim, radius, true));
    append_mesh(glasses.frame, temple(probe, pair, eye == 0 ? -1.0 : 1.0, radius));
  }
  append_mesh(glasses.frame, bridge(probe, pair, radius));
  return glasses;
}

Stack lens_stack(const GlassesOptions& options, double frequency_hz) {
  // Power falls as exp(-alpha x), so that kappa = alpha c / (2 omega).
  const double kappa = options.lens_absorption_per_m * kSpeedOfLight / (4.0 * kPi * frequency_hz);
  const std::complex<double> index(options.lens_index, -kappa);
  return {{{index * index, options.lens_thickness_m}}, Backing::kAir, 1.0};
}

Stack frame_stack(GlassesFrame frame, double frequency_hz) {
  if (frame == GlassesFrame::kMetal) return perfect_conductor();
  const GlassesOptions plastic;
  return half_space(lens_stack(plastic, frequency_hz).layers.front().permittivity);
}

}  // namespace thz::sim
