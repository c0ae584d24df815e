#include <algorithm>
#include <cmath>

#include "capsule.h"
#include "clip.h"
#include "head_probe.h"
#include "membrane.h"
#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/core/rng.h"
#include "thz/sim/garment.h"

namespace thz::sim {

using internal::Capsule;
using internal::ClippedSurface;
using internal::HeadProbe;

namespace {

constexpr double kFar_m = 0.4;  // rays start this far from the axis
constexpr double kLongestGap_m = 0.08;
constexpr double kHold_m = 6e-3;
constexpr double kNeckLeft_m = 2e-3;
constexpr double kClearMargin_m = 0.1e-3;
constexpr double kClearStep_m = 1.0e-3;

// Streams of RngPurpose::kGarment.
enum Stream : uint32_t { kCut = 0, kGapFolds = 1, kThicknessFolds = 2, kStitches = 3 };

// An oval with squared shoulders, |x/a|³ + |y/b|³ = 1; value in metres near its rim, < 0 inside.
double oval(double x, double y, double half_width_m, double half_height_m) {
  const double u = std::abs(x / half_width_m);
  const double v = std::abs(y / half_height_m);
  return (std::cbrt(u * u * u + v * v * v) - 1.0) * std::min(half_width_m, half_height_m);
}

GarmentDraw draw_garment(const GarmentOptions& o, uint64_t seed, uint64_t capture) {
  Rng rng(seed, RngPurpose::kGarment, capture, kCut);
  GarmentDraw d;
  d.mean_gap_m = rng.uniform(o.gap_mean_low_m, o.gap_mean_high_m);
  d.fold_correlation_m = rng.uniform(o.fold_correlation_low_m, o.fold_correlation_high_m);
  d.stitch_correlation_m = rng.uniform(o.stitch_correlation_low_m, o.stitch_correlation_high_m);
  d.opening_scale = rng.truncated_normal(1.0, o.opening_jitter, 2.0);
  d.slip_x_m = rng.truncated_normal(0.0, o.slip_m, 2.0);
  d.slip_y_m = rng.truncated_normal(0.0, o.slip_m, 2.0);
  d.tilt_rad = rng.truncated_normal(0.0, deg_to_rad(o.tilt_deg), 2.0);
  return d;
}

}  // namespace

struct BalaclavaForm::Impl {
  GarmentOptions options;
  std::array<Vec3, 2> eyes_m;
  Vec3 eye_middle_m;
  double collar_y_m;
  HeadProbe probe;
  Capsule capsule;
  std::vector<Vec3> membrane_m;         // [vertices]
  std::vector<Vec3> normals;            // [vertices]
  std::vector<int32_t> head_triangles;  // [triangles]

  Impl(const HeadShape& head, const GarmentOptions& o);
  double skin_radius(std::size_t i) const;
  std::vector<double> stretched_radius() const;
  double cut_function(const Vec3& point_m, const GarmentDraw& draw) const;
  double lack(const Vec3& a, const Vec3& b, const Vec3& c, double wanted_m) const;
  void keep_clear(std::vector<Vec3>& outer_m, const std::vector<double>& cut,
                  double thickness_m) const;
  double gap_at(const Vec3& outer_m, const Vec3& normal, double thickness_m) const;
};

namespace {

// The collar asked for, or just above the end of a shorter neck.
double collar_height(const Mesh& mesh, double eye_y_m, double drop_m) {
  double low = mesh.vertices.front().y();
  for (const Vec3& v : mesh.vertices) low = std::min(low, v.y());
  const double collar = std::max(eye_y_m - drop_m, low + kNeckLeft_m);
  if (eye_y_m - collar < 0.5 * drop_m) {
    throw_input(
        "a balaclava with its collar {} m below the eyes does not fit a head's mesh that ends {} m "
        "below them; lower garment.collar_drop_m or use a mesh with a neck",
        drop_m, eye_y_m - low);
  }
  return collar;
}

// The axis of the capsule stands in the neck, the centre at the height of the eyes.
Vec3 capsule_centre(const Mesh& mesh, const Vec3& eye_middle_m, double collar_y_m) {
  double z_front = -1.0, z_back = 1.0;
  for (const Vec3& v : mesh.vertices) {
    if (std::abs(v.y() - collar_y_m) > 0.02) continue;
    z_front = std::max(z_front, v.z());
    z_back = std::min(z_back, v.z());
  }
  return {eye_middle_m.x(), eye_middle_m.y(), 0.5 * (z_front + z_back)};
}

}  // namespace

BalaclavaForm::Impl::Impl(const HeadShape& head, const GarmentOptions& o)
    : options(o),
      eyes_m(head.eye_centres_m),
      eye_middle_m(0.5 * (head.eye_centres_m[0] + head.eye_centres_m[1])),
      collar_y_m(collar_height(*head.mesh, eye_middle_m.y(), o.collar_drop_m)),
      probe(*head.mesh),
      capsule(internal::make_capsule(capsule_centre(*head.mesh, eye_middle_m, collar_y_m),
                                     collar_y_m, o.subdivision)) {
  const std::vector<double> radius = stretched_radius();
  for (std::size_t i = 0; i < capsule.size(); ++i) {
    membrane_m.push_back(capsule.origins_m[i] + radius[i] * capsule.directions[i]);
  }
  normals = internal::vertex_normals(membrane_m, capsule.triangles);
  for (const auto& t : capsule.triangles) {
    Vec3 middle = Vec3::Zero();
    for (const int32_t v : t) middle += membrane_m[static_cast<std::size_t>(v)] / 3.0;
    const auto first = static_cast<std::size_t>(t[0]);
    const Vec3 inward = -normals[first];
    head_triangles.push_back(
        probe.first_hit(middle - 2e-3 * inward, inward, kLongestGap_m).triangle);
  }
}

// Where the ray of vertex i leaves the head, from its origin; 0 if it meets nothing. Where the
// neck's mesh has ended it goes on straight down.
double BalaclavaForm::Impl::skin_radius(std::size_t i) const {
  Vec3 origin = capsule.origins_m[i];
  do {
    const internal::ProbeHit hit =
        probe.first_hit(origin + kFar_m * capsule.directions[i], -capsule.directions[i], kFar_m);
    if (hit.triangle >= 0) return kFar_m - hit.distance_m;
    origin.y() += 1e-3;
  } while (origin.y() < collar_y_m + 0.02);
  return 0.0;
}

std::vector<double> BalaclavaForm::Impl::stretched_radius() const {
  std::vector<double> obstacle;
  std::vector<char> pinned;
  double sum = 0.0;
  double found = 0.0;
  for (std::size_t i = 0; i < capsule.size(); ++i) {
    obstacle.push_back(skin_radius(i));
    // Below the collar nothing is shown: there the cloth is held on the neck.
    pinned.push_back(obstacle.back() > 0.0 && capsule.origins_m[i].y() < collar_y_m - kHold_m);
    sum += obstacle.back();
    found += obstacle.back() > 0.0 ? 1.0 : 0.0;
  }
  if (found == 0.0) throw_input("the head's mesh has no surface around the axis of its neck");
  std::vector<double> radius = obstacle;
  for (double& r : radius) r = r > 0.0 ? r : sum / found;
  internal::stretch_over(capsule, obstacle, pinned, radius);
  return radius;
}

double BalaclavaForm::Impl::cut_function(const Vec3& p, const GarmentDraw& draw) const {
  const double above_collar = p.y() - collar_y_m;
  if (p.z() < capsule.centre_m.z()) return above_collar;
  const double c = std::cos(draw.tilt_rad);
  const double s = std::sin(draw.tilt_rad);
  const double scale = draw.opening_scale;
  // Coordinates of the cloth: slipped and rolled with it.
  const auto in_cloth = [&](const Vec3& centre) {
    const double x = p.x() - eye_middle_m.x() - draw.slip_x_m;
    const double y = p.y() - eye_middle_m.y() - draw.slip_y_m;
    return Vec2(c * x + s * y - (centre.x() - eye_middle_m.x()),
                -s * x + c * y - (centre.y() - eye_middle_m.y()));
  };
  double outside = above_collar;
  if (options.opening == GarmentOpening::kEyes) {
    const Vec2 q = in_cloth(eye_middle_m);
    outside = std::min(outside, oval(q.x(), q.y(), scale * options.opening_half_width_m,
                                     scale * options.opening_half_height_m));
    return outside;
  }
  for (const Vec3& eye : eyes_m) {
    const Vec2 q = in_cloth(eye);
    outside = std::min(outside, oval(q.x(), q.y(), scale * options.hole_half_width_m,
                                     scale * options.hole_half_height_m));
  }
  const Vec2 q = in_cloth(eye_middle_m - Vec3(0.0, options.mouth_drop_m, 0.0));
  return std::min(outside, oval(q.x(), q.y(), scale * options.mouth_half_width_m,
                                scale * options.mouth_half_height_m));
}

// How much the triangle lacks to the distance wanted. A triangle whose middle is further away than
// that and its own reach is clear as a whole; others are sampled every millimetre or so.
double BalaclavaForm::Impl::lack(const Vec3& a, const Vec3& b, const Vec3& c,
                                 double wanted_m) const {
  const Vec3 middle = (a + b + c) / 3.0;
  const double reach_m = std::max({(a - middle).norm(), (b - middle).norm(), (c - middle).norm()});
  if (probe.distance_within(middle, wanted_m + reach_m) >= wanted_m + reach_m) return 0.0;
  const int steps = std::clamp(static_cast<int>(std::ceil(2.0 * reach_m / kClearStep_m)), 1, 12);
  double nearest_m = wanted_m;
  for (int i = 0; i <= steps; ++i) {
    for (int j = 0; i + j <= steps; ++j) {
      const double u = static_cast<double>(i) / steps;
      const double v = static_cast<double>(j) / steps;
      nearest_m =
          std::min(nearest_m, probe.distance_within((1.0 - u - v) * a + u * b + v * c, wanted_m));
    }
  }
  return nearest_m < wanted_m ? wanted_m - nearest_m + 10e-6 : 0.0;
}

// Pushes vertices outwards until no covered triangle comes nearer to the skin than the thickness
// and a margin. The margin covers what lies between the samples: over half a millimetre a bump of 3
// mm radius rises by 0.04 mm.
void BalaclavaForm::Impl::keep_clear(std::vector<Vec3>& outer_m, const std::vector<double>& cut,
                                     double thickness_m) const {
  std::vector<char> moved(outer_m.size(), 1);
  for (int round = 0; round < 12; ++round) {
    std::vector<double> push(outer_m.size(), 0.0);
    bool any = false;
    for (const auto& t : capsule.triangles) {
      const std::size_t v[3] = {static_cast<std::size_t>(t[0]), static_cast<std::size_t>(t[1]),
                                static_cast<std::size_t>(t[2])};
      if (std::max({cut[v[0]], cut[v[1]], cut[v[2]]}) <= 0.0) continue;
      if (moved[v[0]] + moved[v[1]] + moved[v[2]] == 0) continue;
      const double amount =
          lack(outer_m[v[0]], outer_m[v[1]], outer_m[v[2]], thickness_m + kClearMargin_m);
      for (const std::size_t i : v) push[i] = std::max(push[i], amount);
      any = any || amount > 0.0;
    }
    if (!any) return;
    // Half as much to the neighbours, so that no cusp is left.
    for (std::size_t i = 0; i < outer_m.size(); ++i) {
      double amount = push[i];
      for (int32_t n = capsule.neighbour_start[i]; n < capsule.neighbour_start[i + 1]; ++n) {
        amount = std::max(
            amount,
            0.5 * push[static_cast<std::size_t>(capsule.neighbours[static_cast<std::size_t>(n)])]);
      }
      outer_m[i] += amount * normals[i];
      moved[i] = amount > 0.0;
    }
  }
}

double BalaclavaForm::Impl::gap_at(const Vec3& outer_m, const Vec3& normal,
                                   double thickness_m) const {
  const internal::ProbeHit hit = probe.first_hit(outer_m, -normal, kLongestGap_m);
  const double distance =
      hit.triangle >= 0 ? hit.distance_m : probe.distance_within(outer_m, kLongestGap_m);
  return distance - thickness_m;
}

BalaclavaForm::BalaclavaForm(const HeadShape& head, const GarmentOptions& options) {
  options.validate();
  THZ_REQUIRE(head.mesh != nullptr, "a head to dress");
  if (head.mesh->triangles.empty()) throw_input("the head to dress has no triangles");
  impl_ = std::make_unique<Impl>(head, options);
}

BalaclavaForm::~BalaclavaForm() = default;
BalaclavaForm::BalaclavaForm(BalaclavaForm&&) noexcept = default;
BalaclavaForm& BalaclavaForm::operator=(BalaclavaForm&&) noexcept = default;

GarmentShell BalaclavaForm::dress(double fabric_thickness_m, uint64_t seed,
                                  uint64_t capture) const {
  THZ_REQUIRE(fabric_thickness_m > 0.0, "the fabric needs a thickness");
  const Impl& form = *impl_;
  const GarmentOptions& o = form.options;
  const GarmentDraw draw = draw_garment(o, seed, capture);
  const double thickness_m = o.layers * fabric_thickness_m;

  // Gap = minimum + lognormal: positive, smooth, with the mean and rms asked for.
  const double mean_excess_m = draw.mean_gap_m - o.gap_minimum_m;
  const double variance = std::log1p(std::pow(o.gap_rms_m / mean_excess_m, 2));
  const SpectralNoise folds(draw.fold_correlation_m, seed, RngPurpose::kGarment, capture,
                            kGapFolds);
  const std::vector<float> relief = folds.evaluate(form.membrane_m);
  std::vector<Vec3> outer_m;
  std::vector<double> cut;
  for (std::size_t i = 0; i < form.membrane_m.size(); ++i) {
    const double gap_m =
        o.gap_minimum_m +
        mean_excess_m *
            std::exp(std::sqrt(variance) * static_cast<double>(relief[i]) - 0.5 * variance);
    outer_m.push_back(form.membrane_m[i] + (thickness_m + gap_m) * form.normals[i]);
    cut.push_back(form.cut_function(outer_m.back(), draw));
  }
  form.keep_clear(outer_m, cut, thickness_m);

  GarmentShell shell{{},
                     {},
                     {},
                     {},
                     thickness_m,
                     draw,
                     ThicknessField(o.stitch_thickness_rms,
                                    LatticeNoise(draw.stitch_correlation_m, seed,
                                                 RngPurpose::kGarment, capture, kStitches),
                                    o.fold_thickness_rms,
                                    SpectralNoise(draw.fold_correlation_m, seed,
                                                  RngPurpose::kGarment, capture, kThicknessFolds))};
  const std::vector<Vec3> normals = internal::vertex_normals(outer_m, form.capsule.triangles);
  const ClippedSurface clipped = internal::clip_surface(form.capsule.triangles, cut, 0.2e-3);
  for (const ClippedSurface::Source& source : clipped.vertices) {
    const auto a = static_cast<std::size_t>(source.first);
    const auto b = static_cast<std::size_t>(source.second);
    const double w = source.weight;
    shell.outer.vertices.push_back((1.0 - w) * outer_m[a] + w * outer_m[b]);
    shell.vertex_normals.push_back(((1.0 - w) * normals[a] + w * normals[b]).normalized());
    shell.gap_m.push_back(
        form.gap_at(shell.outer.vertices.back(), shell.vertex_normals.back(), thickness_m));
  }
  shell.outer.triangles = clipped.triangles;
  for (const int32_t parent : clipped.parents) {
    shell.head_triangle.push_back(form.head_triangles[static_cast<std::size_t>(parent)]);
  }
  return shell;
}

}  // namespace thz::sim
