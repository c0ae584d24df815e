#include <algorithm>
#include <cmath>
#include <limits>

#include "capsule.h"
#include "clip.h"
#include "garment_rims.h"
#include "head_probe.h"
#include "membrane.h"
#include "stretch.h"
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
constexpr double kSnap_m = 0.2e-3;  // vertices this near to a rim lie on it
constexpr double kLongestEdge_m = 10e-3;
constexpr double kEverywhere_m = 10.0;
constexpr double kDampReach = 3.0;  // radii; beyond, water is below 1.3e-4 of its peak

// Streams of RngPurpose::kGarment.
enum Stream : uint32_t { kCut = 0, kGapFolds = 1, kThicknessFolds = 2, kStitches = 3, kDamp = 4 };

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
  Rng breath(seed, RngPurpose::kGarment, capture, kDamp);
  d.water_kg_m2 = o.damp_kg_m2 * breath.uniform(o.damp_least_share, 1.0);
  return d;
}

}  // namespace

struct BalaclavaForm::Impl {
  GarmentOptions options;
  std::array<Vec3, 2> eyes_m;
  Vec3 eye_middle_m;
  Vec3 mouth_m;
  double collar_y_m;
  HeadProbe probe;
  Capsule capsule;
  std::vector<Vec3> membrane_m;  // [vertices]
  std::vector<Vec3> normals;     // [vertices]
  std::vector<double> stretch;   // [vertices]

  Impl(const HeadShape& head, const GarmentOptions& o);
  double skin_radius(std::size_t i) const;
  std::vector<double> stretched_radius() const;
  internal::GarmentRims rims(const GarmentDraw& draw) const {
    return {options, eyes_m, collar_y_m, capsule.centre_m.z(), draw};
  }
  std::vector<Vec3> lay_out(const GarmentDraw& draw, double thickness_m, uint64_t seed,
                            uint64_t capture) const;
  ClothRidges ridges(const GarmentDraw& draw) const;
  std::vector<ClothVertex> vertex_states(const ClippedSurface& clipped,
                                         const std::vector<double>& cut, const Mesh& outer,
                                         const GarmentDraw& draw) const;
  Vec3 before_mouth(const Mesh& outer) const;
  double lack(const Vec3& a, const Vec3& b, const Vec3& c, double wanted_m) const;
  void keep_clear(std::vector<Vec3>& outer_m, const std::vector<double>& cut,
                  double thickness_m) const;
  double gap_at(const Vec3& outer_m, const Vec3& normal, double thickness_m) const;
  int32_t head_triangle(std::size_t triangle) const;
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
      mouth_m(head.mouth_m.value_or(eye_middle_m - Vec3(0.0, o.mouth_drop_m, 0.0))),
      collar_y_m(collar_height(*head.mesh, eye_middle_m.y(), o.collar_drop_m)),
      probe(*head.mesh),
      capsule(internal::make_capsule(capsule_centre(*head.mesh, eye_middle_m, collar_y_m),
                                     collar_y_m, o.subdivision)) {
  const std::vector<double> radius = stretched_radius();
  for (std::size_t i = 0; i < capsule.size(); ++i) {
    membrane_m.push_back(capsule.origins_m[i] + radius[i] * capsule.directions[i]);
  }
  normals = internal::vertex_normals(membrane_m, capsule.triangles);
  stretch = internal::stretch_factors(capsule, membrane_m, o.stretch);
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

// How much the triangle lacks to the distance wanted. A triangle whose middle is further away than
// that and its own reach is clear as a whole; others are sampled every millimetre or so.
double BalaclavaForm::Impl::lack(const Vec3& a, const Vec3& b, const Vec3& c,
                                 double wanted_m) const {
  const Vec3 middle = (a + b + c) / 3.0;
  const double reach_m = std::max({(a - middle).norm(), (b - middle).norm(), (c - middle).norm()});
  const double at_middle_m = probe.distance_within(middle, wanted_m + reach_m);
  if (at_middle_m >= wanted_m + reach_m) return 0.0;
  const int steps = std::clamp(static_cast<int>(std::ceil(2.0 * reach_m / kClearStep_m)), 1, 12);
  double nearest_m = wanted_m;
  for (int i = 0; i <= steps; ++i) {
    for (int j = 0; i + j <= steps; ++j) {
      const double u = static_cast<double>(i) / steps;
      const double v = static_cast<double>(j) / steps;
      const Vec3 sample = (1.0 - u - v) * a + u * b + v * c;
      // No sample is nearer than the middle by more than its way from there.
      if (at_middle_m - (sample - middle).norm() >= nearest_m) continue;
      nearest_m = std::min(nearest_m, probe.distance_within(sample, nearest_m));
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

// The triangle of the head beneath one of the membrane.
int32_t BalaclavaForm::Impl::head_triangle(std::size_t triangle) const {
  const auto& t = capsule.triangles[triangle];
  Vec3 middle = Vec3::Zero();
  for (const int32_t v : t) middle += membrane_m[static_cast<std::size_t>(v)] / 3.0;
  const Vec3 inward = -normals[static_cast<std::size_t>(t[0])];
  return probe.first_hit(middle - 2e-3 * inward, inward, kLongestGap_m).triangle;
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

// The outer face before it is kept clear of the skin: gap = minimum + lognormal, positive, smooth,
// with the mean and rms asked for.
std::vector<Vec3> BalaclavaForm::Impl::lay_out(const GarmentDraw& draw, double thickness_m,
                                               uint64_t seed, uint64_t capture) const {
  const GarmentOptions& o = options;
  const double mean_excess_m = draw.mean_gap_m - o.gap_minimum_m;
  const double variance = std::log1p(std::pow(o.gap_rms_m / mean_excess_m, 2));
  const SpectralNoise folds(draw.fold_correlation_m, seed, RngPurpose::kGarment, capture,
                            kGapFolds);
  const std::vector<float> relief = folds.evaluate(membrane_m);
  std::vector<Vec3> outer_m;
  for (std::size_t i = 0; i < membrane_m.size(); ++i) {
    const double gap_m =
        o.gap_minimum_m +
        mean_excess_m *
            std::exp(std::sqrt(variance) * static_cast<double>(relief[i]) - 0.5 * variance);
    outer_m.push_back(membrane_m[i] + (thickness_m + gap_m) * normals[i]);
  }
  return outer_m;
}

ClothRidges BalaclavaForm::Impl::ridges(const GarmentDraw& draw) const {
  ClothRidges r;
  r.hem_width_m = options.hem_width_m;
  r.hem_factor = options.hem_factor;
  r.seam_width_m = options.seam == GarmentSeam::kNone ? 0.0 : options.seam_width_m;
  r.seam_factor = options.seam_factor;
  // The cloth slips sideways with its opening; a roll of some degrees moves the crown by less.
  if (options.seam == GarmentSeam::kSagittal) {
    r.seam = {Vec3::UnitX(), eye_middle_m.x() + draw.slip_x_m, Vec3::UnitZ(), capsule.centre_m.z()};
  } else {
    r.seam = {Vec3::UnitZ(), capsule.centre_m.z(), Vec3::UnitY(), kEverywhere_m};
  }
  return r;
}

// Water has a Gaussian patch about the point of the cloth before the mouth.
std::vector<ClothVertex> BalaclavaForm::Impl::vertex_states(const ClippedSurface& clipped,
                                                            const std::vector<double>& cut,
                                                            const Mesh& outer,
                                                            const GarmentDraw& draw) const {
  std::vector<char> on_rim;
  for (const ClippedSurface::Source& source : clipped.vertices) {
    on_rim.push_back(source.first != source.second ||
                     std::abs(cut[static_cast<std::size_t>(source.first)]) < kSnap_m);
  }
  const double reach_m = options.hem_width_m + kLongestEdge_m;
  const std::vector<double> rim_m = internal::rim_distances(outer, on_rim, reach_m);
  const Vec3 breath_m = before_mouth(outer);
  std::vector<ClothVertex> states;
  for (std::size_t i = 0; i < outer.vertices.size(); ++i) {
    const ClippedSurface::Source& source = clipped.vertices[i];
    const double r = (outer.vertices[i] - breath_m).norm() / options.damp_radius_m;
    ClothVertex state;
    state.rim_m = static_cast<float>(rim_m[i]);
    state.stretch =
        static_cast<float>((1.0 - source.weight) * stretch[static_cast<std::size_t>(source.first)] +
                           source.weight * stretch[static_cast<std::size_t>(source.second)]);
    state.water_kg_m2 =
        r < kDampReach ? static_cast<float>(draw.water_kg_m2 * std::exp(-r * r)) : 0.0f;
    states.push_back(state);
  }
  return states;
}

Vec3 BalaclavaForm::Impl::before_mouth(const Mesh& outer) const {
  double nearest_m = std::numeric_limits<double>::infinity();
  double front_m = mouth_m.z();
  for (const Vec3& p : outer.vertices) {
    const double distance_m = (p - mouth_m).norm();
    if (distance_m < nearest_m) {
      nearest_m = distance_m;
      front_m = p.z();
    }
  }
  return {mouth_m.x(), mouth_m.y(), front_m};
}

GarmentShell BalaclavaForm::dress(double fabric_thickness_m, uint64_t seed,
                                  uint64_t capture) const {
  THZ_REQUIRE(fabric_thickness_m > 0.0, "the fabric needs a thickness");
  const Impl& form = *impl_;
  const GarmentOptions& o = form.options;
  const GarmentDraw draw = draw_garment(o, seed, capture);
  const double thickness_m = o.layers * fabric_thickness_m;
  std::vector<Vec3> outer_m = form.lay_out(draw, thickness_m, seed, capture);
  const internal::GarmentRims rims = form.rims(draw);
  std::vector<double> cut;
  for (const Vec3& p : outer_m) cut.push_back(rims.cut_function(p));
  form.keep_clear(outer_m, cut, thickness_m);

  Mesh outer;
  std::vector<Vec3> outer_normals;
  const std::vector<Vec3> normals = internal::vertex_normals(outer_m, form.capsule.triangles);
  const ClippedSurface clipped = internal::clip_surface(form.capsule.triangles, cut, kSnap_m);
  for (const ClippedSurface::Source& source : clipped.vertices) {
    const auto a = static_cast<std::size_t>(source.first);
    const auto b = static_cast<std::size_t>(source.second);
    const double w = source.weight;
    outer.vertices.push_back((1.0 - w) * outer_m[a] + w * outer_m[b]);
    outer_normals.push_back(((1.0 - w) * normals[a] + w * normals[b]).normalized());
  }
  outer.triangles = clipped.triangles;
  const ThicknessField noise(
      o.stitch_thickness_rms,
      LatticeNoise(draw.stitch_correlation_m, seed, RngPurpose::kGarment, capture, kStitches),
      o.fold_thickness_rms,
      SpectralNoise(draw.fold_correlation_m, seed, RngPurpose::kGarment, capture, kThicknessFolds));
  ClothScreen screen(noise, form.ridges(draw), form.vertex_states(clipped, cut, outer, draw),
                     outer.triangles);
  return {std::move(outer), std::move(outer_normals), clipped.parents, thickness_m, draw,
          std::move(screen)};
}

GarmentAir BalaclavaForm::beneath(const GarmentShell& shell) const {
  GarmentAir air;
  for (std::size_t i = 0; i < shell.outer.vertices.size(); ++i) {
    air.gap_m.push_back(
        impl_->gap_at(shell.outer.vertices[i], shell.vertex_normals[i], shell.thickness_m));
  }
  for (const int32_t triangle : shell.form_triangle) {
    air.head_triangle.push_back(impl_->head_triangle(static_cast<std::size_t>(triangle)));
  }
  return air;
}

}  // namespace thz::sim
