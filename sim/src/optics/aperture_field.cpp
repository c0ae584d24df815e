#include "thz/sim/aperture_field.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "quadrature.h"
#include "thz/core/constants.h"
#include "thz/core/error.h"

namespace thz::sim {
namespace {

using Complex = std::complex<double>;
constexpr double kTubeStep_m = 1e-5;  // half width of the differences for ray tubes

double across(const Vec3& offset, const Vec3& axis) {
  return (offset - offset.dot(axis) * axis).norm();
}

bool within(double distance_m, double diameter_m) {
  return diameter_m == 0.0 || distance_m <= 0.5 * diameter_m;
}

/// An elliptical mirror seen along the beam; a size of 0 has no rim and casts no shadow.
struct Ellipse {
  Vec3 centre, axis_x, axis_y;
  Vec2 size_m;

  bool holds(const Vec3& point) const {
    if (size_m.x() == 0.0 || size_m.y() == 0.0) return true;
    const double u = 2.0 * (point - centre).dot(axis_x) / size_m.x();
    const double v = 2.0 * (point - centre).dot(axis_y) / size_m.y();
    return u * u + v * v <= 1.0;
  }
  /// Does the segment from `from` to `to` pass the mirror?
  bool shades(const Vec3& from, const Vec3& to) const {
    if (size_m.x() == 0.0 || size_m.y() == 0.0) return false;
    const Vec3 normal = axis_x.cross(axis_y);
    const double a = (from - centre).dot(normal), b = (to - centre).dot(normal);
    return a * b < 0.0 && holds(from + (to - from) * (a / (a - b)));
  }
};

/// The bundle of one scan direction, built spoke by spoke.
class BundleTracer {
 public:
  BundleTracer(const Gregorian& optics, const ScanAngles& scan, const PupilSampling& sampling)
      : optics_(optics),
        design_(optics.design()),
        scan_(scan),
        stop_m_(design_.stop_at_first_galvo ? design_.aperture_m / optics.expansion() : 0.0),
        feed_waist_m_(optics.feed_waist_m()),
        widest_m_(feed_waist_m_ *
                      std::sqrt(sampling.cutoff_db / (20.0 * std::log10(std::exp(1.0)))) +
                  design_.misalignment.feed_shift_m.norm()),
        first_galvo_(mirror(optics.first_pivot(), Vec2(stop_m_, stop_m_))),
        second_galvo_(mirror(optics.second_pivot(), design_.second_galvo_size_m)),
        sub_(mirror(optics.sub_chief_point(),
                    Vec2(design_.sub_diameter_m, design_.sub_diameter_m))) {}

  /// Share of power outside a radius of the Gaussian feed.
  double outside(double radius_m) const {
    const double ratio = radius_m / feed_waist_m_;
    return std::exp(-2.0 * ratio * ratio);
  }

  /// Largest radius along a spoke that passes every rim; the power lost at each is booked.
  double clear_radius(const Vec2& spoke, double share, PowerBudget& budget) const {
    double radius = widest_m_;
    double* const losses[] = {&budget.cut_by_stop, &budget.past_second_galvo, &budget.past_sub,
                              &budget.past_main};
    *losses[0] += share * outside(radius);
    for (int rim = 0; rim < 4; ++rim) {
      if (passes(rim, radius * spoke)) continue;
      double low = 0.0, high = radius;
      for (int i = 0; i < 50; ++i) {
        const double middle = 0.5 * (low + high);
        (passes(rim, middle * spoke) ? low : high) = middle;
      }
      *losses[rim] += share * (outside(low) - outside(radius));
      radius = low;
    }
    return radius;
  }

  /// Is the ray stopped by a mirror on its way from the sub-reflector to the scene?
  bool blocked(const TracedRay& ray) const {
    const Vec3 far = ray.main + 2.0 * design_.main_to_target_m * ray.direction;
    const auto hits_galvo = [&](const Vec3& from, const Vec3& to) {
      return second_galvo_.shades(from, to) || first_galvo_.shades(from, to);
    };
    return hits_galvo(ray.sub, ray.main) || hits_galvo(ray.main, far) || sub_.shades(ray.main, far);
  }

  /// Cross-section of the ray tube on the main reflector over that on the feed's plane.
  double tube_area(const Vec2& pupil, const Vec3& direction) const {
    const auto slope = [&](const Vec2& step) -> Vec3 {
      const auto plus = optics_.trace(scan_, pupil + step);
      const auto minus = optics_.trace(scan_, pupil - step);
      if (!plus || !minus) return Vec3::Zero();
      return (plus->main - minus->main) / (2.0 * kTubeStep_m);
    };
    return std::abs(slope({kTubeStep_m, 0.0}).cross(slope({0.0, kTubeStep_m})).dot(direction));
  }

 private:
  Ellipse mirror(const Vec3& centre, const Vec2& size_m) const {
    return {centre, optics_.pupil_x(), optics_.pupil_y(), size_m};
  }

  bool passes(int rim, const Vec2& pupil) const {
    if (rim == 0) return within((pupil + design_.misalignment.feed_shift_m).norm(), stop_m_);
    const std::optional<TracedRay> ray = optics_.trace(scan_, pupil);
    if (!ray) return false;
    if (rim == 1) return second_galvo_.holds(ray->second_galvo);
    if (rim == 2) return sub_.holds(ray->sub);
    return within(across(ray->main - optics_.main_chief_point(), optics_.outgoing_axis()),
                  design_.main_diameter_m);
  }

  const Gregorian& optics_;
  const GregorianDesign& design_;
  ScanAngles scan_;
  double stop_m_, feed_waist_m_, widest_m_;
  Ellipse first_galvo_, second_galvo_, sub_;
};

ChiefFrame frame_of(const Gregorian& optics, const TracedRay& chief) {
  ChiefFrame frame;
  frame.origin = optics.landing_point(chief);
  frame.along = chief.direction;
  const Vec3 x = -optics.target_x();  // the world's
  frame.x = (x - x.dot(frame.along) * frame.along).normalized();
  frame.y = frame.x.cross(frame.along);
  return frame;
}

void check_lit(const ApertureField& field) {
  if (!field.rays.empty()) return;
  throw_input(
      "at scan angles ({}, {}) degrees no ray passes all mirrors: {:.0f} % of the power is blocked",
      rad_to_deg(field.scan.in_plane_rad), rad_to_deg(field.scan.out_of_plane_rad),
      100.0 * field.budget.blocked);
}

/// Phase of each ray at a point of the chief ray, relative to the chief ray's, and the Strehl
/// ratio.
double strehl_at(const ApertureField& field, double zeta_m) {
  const Vec3 point = field.frame.origin + zeta_m * field.chief.direction;
  const double chief_path = field.chief.path_m + (point - field.chief.main).norm();
  Complex sum = 0.0;
  double total = 0.0;
  for (const ApertureRay& ray : field.rays) {
    const double path = ray.path_m + (point - ray.main).norm() - chief_path;
    sum += std::polar(ray.amplitude, -field.wavenumber_per_m * path);
    total += ray.amplitude;
  }
  return std::norm(sum / total);
}

}  // namespace

ApertureField aperture_field(const Gregorian& optics, double frequency_hz, const ScanAngles& scan,
                             const PupilSampling& sampling) {
  THZ_REQUIRE(sampling.rings >= 2 && sampling.spokes >= 4, "a bundle needs rings and spokes");
  ApertureField field;
  field.scan = scan;
  field.wavenumber_per_m = 2.0 * kPi * frequency_hz / kSpeedOfLight;
  const std::optional<TracedRay> chief = optics.trace(scan, Vec2::Zero());
  if (!chief) {
    throw_input("the chief ray of scan angles ({}, {}) degrees misses a reflector",
                rad_to_deg(scan.in_plane_rad), rad_to_deg(scan.out_of_plane_rad));
  }
  field.chief = *chief;
  field.frame = frame_of(optics, *chief);
  const BundleTracer bundle(optics, scan, sampling);
  const internal::GaussLegendre rule(sampling.rings);
  const double waist = optics.feed_waist_m();
  const double share = 1.0 / sampling.spokes;
  for (int s = 0; s < sampling.spokes; ++s) {
    const double angle = 2.0 * kPi * (s + 0.5) * share;
    const Vec2 spoke(std::cos(angle), std::sin(angle));
    const double radius = bundle.clear_radius(spoke, share, field.budget);
    for (std::size_t i = 0; i < rule.node.size() && radius > 0.0; ++i) {
      const double rho = 0.5 * radius * (1.0 + rule.node[i]);
      const double area = 0.5 * radius * rule.weight[i] * rho * 2.0 * kPi * share;
      const double density = 2.0 / (kPi * waist * waist) * bundle.outside(rho);
      const Vec2 pupil = rho * spoke;
      const std::optional<TracedRay> ray = optics.trace(scan, pupil);
      if (!ray) continue;  // on the rim itself, to rounding
      if (bundle.blocked(*ray)) {
        field.budget.blocked += density * area;
        continue;
      }
      const double tube = bundle.tube_area(pupil, ray->direction);
      field.rays.push_back({pupil, ray->main, ray->direction, ray->path_m,
                            std::sqrt(density) * area, density * area,
                            std::sqrt(density * tube) * area});
    }
  }
  PowerBudget& budget = field.budget;
  budget.surface_efficiency = optics.surface_efficiency(field.chief, kSpeedOfLight / frequency_hz);
  budget.throughput =
      budget.surface_efficiency * (1.0 - budget.cut_by_stop - budget.past_second_galvo -
                                   budget.past_sub - budget.past_main - budget.blocked);
  return field;
}

Aberration aberration(const Gregorian& optics, const ApertureField& field) {
  check_lit(field);
  Aberration result;
  result.strehl_flat = strehl_at(field, 0.0);
  // Coarse search, then a parabola through the best three.
  constexpr double kReach_m = 0.6, kStep_m = 0.01;
  double best = 0.0;
  for (double zeta = -kReach_m; zeta <= kReach_m; zeta += kStep_m) {
    if (strehl_at(field, zeta) > strehl_at(field, best)) best = zeta;
  }
  const double before = strehl_at(field, best - kStep_m), here = strehl_at(field, best);
  const double after = strehl_at(field, best + kStep_m);
  const double bend = before - 2.0 * here + after;
  if (bend < 0.0) best += 0.5 * kStep_m * (before - after) / bend;
  result.best_shift_m = best;
  result.strehl_best = strehl_at(field, best);

  double power = 0.0, weight = 0.0, path_sum = 0.0, path_square = 0.0, square = 0.0;
  Vec3 centroid = Vec3::Zero();
  const double chief_path = field.chief.path_m + (field.frame.origin - field.chief.main).norm();
  for (const ApertureRay& ray : field.rays) {
    const double t = (optics.second_focus() - ray.main).dot(optics.outgoing_axis()) /
                     ray.direction.dot(optics.outgoing_axis());
    const Vec3 miss = ray.main + t * ray.direction - field.frame.origin;
    const double path = ray.path_m + (field.frame.origin - ray.main).norm() - chief_path;
    power += ray.power_w;
    centroid += ray.power_w * miss;
    square += ray.power_w * miss.squaredNorm();
    weight += ray.amplitude;
    path_sum += ray.amplitude * path;
    path_square += ray.amplitude * path * path;
  }
  result.blur_rms_m = std::sqrt(std::max(0.0, square / power - (centroid / power).squaredNorm()));
  const double mean = path_sum / weight;
  result.path_rms_m = std::sqrt(std::max(0.0, path_square / weight - mean * mean));
  return result;
}

std::vector<Complex> focal_field(const ApertureField& field, const std::vector<Vec3>& points,
                                 int threads) {
  check_lit(field);
  const double k = field.wavenumber_per_m;
  // −j/λ: Kirchhoff's factor and the sign that the focus at F1 has turned.
  const Complex factor =
      Complex(0.0, -k / (2.0 * kPi)) * std::sqrt(field.budget.surface_efficiency);
  const double to_focus = (field.frame.origin - field.chief.main).norm();
  WaveSources sources;
  for (const ApertureRay& ray : field.rays) {
    sources.position_m.push_back(ray.main);
    sources.amplitude.push_back(factor *
                                std::polar(ray.moment, -k * (ray.path_m - field.chief.path_m)));
  }
  std::vector<Complex> result = sum_waves(sources, points, k, threads);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double zeta = (points[i] - field.frame.origin).dot(field.chief.direction);
    result[i] *= std::polar(1.0, k * (to_focus + zeta));
  }
  return result;
}

ImageC focal_plane(const ApertureField& field, double zeta_m, int size, double pitch_m,
                   int threads) {
  THZ_REQUIRE(size >= 1 && pitch_m > 0.0, "the grid needs points");
  std::vector<Vec3> points;
  for (int row = 0; row < size; ++row) {
    for (int col = 0; col < size; ++col) {
      points.push_back(
          field.frame.point((col - size / 2) * pitch_m, (size / 2 - row) * pitch_m, zeta_m));
    }
  }
  const std::vector<Complex> field_values = focal_field(field, points, threads);
  ImageC image(size, size);
  for (std::size_t i = 0; i < field_values.size(); ++i) {
    image.data[i] = std::complex<float>(field_values[i]);
  }
  return image;
}

}  // namespace thz::sim
