#include "thz/sim/gregorian.h"

#include <algorithm>
#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/sim/gaussian_beam.h"

namespace thz::sim {
namespace {

void check_length(const char* name, double value_m, double low_m, double high_m) {
  if (!(value_m >= low_m && value_m <= high_m)) {
    throw_input("Gregorian design: {} is {} m, allowed are {} to {} m", name, value_m, low_m,
                high_m);
  }
}

void check_angle(const char* name, double value_rad, double low_deg, double high_deg) {
  const double value_deg = rad_to_deg(value_rad);
  if (!(value_deg >= low_deg && value_deg <= high_deg)) {
    throw_input("Gregorian design: {} is {} degrees, allowed are {} to {} degrees", name, value_deg,
                low_deg, high_deg);
  }
}

Mat3 rotation_of(const Vec3& vector_rad) {
  const double angle = vector_rad.norm();
  if (angle == 0.0) return Mat3::Identity();
  return Eigen::AngleAxisd(angle, vector_rad / angle).toRotationMatrix();
}

/// A rotation about an axis that does not pass through the origin.
RigidPose rotation_about(const Vec3& point, const Vec3& axis, double angle_rad) {
  const Mat3 rotation = Eigen::AngleAxisd(angle_rad, axis).toRotationMatrix();
  return {rotation, point - rotation * point};
}

/// Smallest positive t with |o + t d| = a + t b and a + t b >= 0: both conics of the instrument are
/// of this form with their shared focus at the origin (squared, a quadratic in t whose leading
/// coefficient may vanish).
std::optional<double> conic_hit(const Vec3& o, const Vec3& d, double a, double b) {
  const double second = d.squaredNorm() - b * b;
  const double first = o.dot(d) - a * b;  // half the linear coefficient
  const double constant = o.squaredNorm() - a * a;
  const double discriminant = first * first - second * constant;
  if (discriminant < 0.0) return std::nullopt;
  const double q = -first - std::copysign(std::sqrt(discriminant), first);
  std::optional<double> best;
  const auto consider = [&](double t) {
    if (!std::isfinite(t) || t <= 0.0 || a + t * b < 0.0) return;
    if (!best || t < *best) best = t;
  };
  if (q != 0.0) consider(constant / q);
  if (second != 0.0) consider(q / second);
  return best;
}

Vec3 reflect(const Vec3& direction, const Vec3& normal) {
  return direction - 2.0 * direction.dot(normal) * normal;
}

}  // namespace

double ruze_efficiency(double rms_m, double cos_incidence, double wavelength_m) {
  const double phase = 4.0 * kPi * rms_m * cos_incidence / wavelength_m;
  return std::exp(-phase * phase);
}

double astigmatism_free_incidence_rad(double r1_m, double r2_m, double main_incidence_rad) {
  return std::atan(-(1.0 + r1_m / r2_m) * std::tan(main_incidence_rad));
}

Gregorian::Gregorian(const GregorianDesign& design) : design_(design) {
  check();
  const double r1 = design.main_to_first_focus_m, r2 = design.main_to_target_m;
  const double i_m = design.main_incidence_rad, l_s = design.sub_focal_m;
  sub_incidence_rad_ =
      design.sub_incidence_rad.value_or(astigmatism_free_incidence_rad(r1, r2, i_m));
  galvo_distance_m_ = design.galvo_distance_m.value_or(l_s * (1.0 + l_s / r1));
  feed_waist_m_ = radius_for_taper_m(design.aperture_m / expansion(), design.edge_taper_db);
  path_sum_m_ = r1 + r2;
  main_point_ = Vec3(r1, 0.0, 0.0);
  outgoing_axis_ = Vec3(-std::cos(2.0 * i_m), std::sin(2.0 * i_m), 0.0);
  second_focus_ = main_point_ + r2 * outgoing_axis_;
  sub_point_ = Vec3(-l_s, 0.0, 0.0);
  feed_axis_ = -Vec3(std::cos(2.0 * sub_incidence_rad_), std::sin(2.0 * sub_incidence_rad_), 0.0);
  const Mat3 rotation = rotation_of(design.misalignment.sub_rotation_rad);
  sub_pose_ = {rotation, sub_point_ - rotation * sub_point_ + design.misalignment.sub_shift_m};
  if (!trace({}, Vec2::Zero())) {
    throw_input("Gregorian design: the chief ray misses a reflector after misalignment");
  }
}

void Gregorian::check() const {
  const GregorianDesign& d = design_;
  check_length("main_to_first_focus_m", d.main_to_first_focus_m, 1e-2, 100.0);
  check_length("main_to_target_m", d.main_to_target_m, 1e-2, 1000.0);
  check_length("sub_focal_m", d.sub_focal_m, 1e-3, d.main_to_first_focus_m);
  check_length("aperture_m", d.aperture_m, 1e-3, 2.0 * d.main_to_first_focus_m);
  check_length("galvo_separation_m", d.galvo_separation_m, 0.0, 10.0);
  if (d.galvo_distance_m) check_length("galvo_distance_m", *d.galvo_distance_m, 1e-3, 100.0);
  for (const double diameter : {d.second_galvo_size_m.x(), d.second_galvo_size_m.y(),
                                d.sub_diameter_m, d.main_diameter_m}) {
    check_length("a mirror's diameter", diameter, 0.0, 100.0);
  }
  for (const double rms : {d.galvo_rms_m, d.sub_rms_m, d.main_rms_m}) {
    check_length("a mirror's rms error", rms, 0.0, 1e-3);
  }
  check_angle("main_incidence_rad", d.main_incidence_rad, 0.1, 40.0);
  if (d.sub_incidence_rad) check_angle("sub_incidence_rad", *d.sub_incidence_rad, -44.0, 44.0);
  if (!(d.edge_taper_db > 0.0 && d.edge_taper_db <= 60.0)) {
    throw_input("Gregorian design: edge_taper_db is {}, allowed is more than 0, at most 60",
                d.edge_taper_db);
  }
  if (!(d.mirror_loss_db >= 0.0 && d.mirror_loss_db <= 20.0)) {
    throw_input("Gregorian design: mirror_loss_db is {}, allowed are 0 to 20", d.mirror_loss_db);
  }
  // The beam must clear the sub-reflector's shadow on its way out, or the layout is not offset.
  const double clearance =
      d.main_to_first_focus_m * std::sin(2.0 * d.main_incidence_rad) - 0.5 * d.aperture_m;
  if (clearance <= 0.0) {
    throw_input(
        "Gregorian design: with {:.4g} degrees of incidence on the main reflector its outgoing "
        "beam "
        "of {} m covers the first focus; a larger angle or main_to_first_focus_m is needed",
        rad_to_deg(d.main_incidence_rad), d.aperture_m);
  }
}

double Gregorian::semi_minor_m() const {
  const double a = semi_major_m(), c = 0.5 * focal_distance_m();
  return std::sqrt(a * a - c * c);
}

double Gregorian::main_focal_length_m() const {
  return design_.main_to_first_focus_m * design_.main_to_target_m / path_sum_m_;
}

Vec3 Gregorian::second_pivot() const { return sub_point_ - galvo_distance_m_ * feed_axis_; }

Vec3 Gregorian::first_pivot() const {
  return second_pivot() - design_.galvo_separation_m * feed_axis_;
}

Vec3 Gregorian::world_from_optics(const Vec3& point) const {
  const Vec3 r = point - second_focus_;
  return {-r.dot(target_x()), r.dot(target_y()), -r.dot(outgoing_axis_)};
}

Vec3 Gregorian::optics_from_world(const Vec3& point) const {
  return second_focus_ - point.x() * target_x() + point.y() * target_y() -
         point.z() * outgoing_axis_;
}

RigidPose Gregorian::scanned(const ScanAngles& scan) const {
  const RigidPose out_of_plane = rotation_about(first_pivot(), pupil_x(), scan.out_of_plane_rad);
  const RigidPose in_plane = rotation_about(second_pivot(), Vec3::UnitZ(), scan.in_plane_rad);
  return in_plane.after(out_of_plane);
}

std::optional<double> Gregorian::hit_sub(const Vec3& origin, const Vec3& direction) const {
  const RigidPose ideal = sub_pose_.inverse();
  const Vec3 o = ideal * origin, d = ideal.rotation * direction;
  const double constant = feed_axis_.dot(sub_point_) + design_.sub_focal_m;
  return conic_hit(o, d, constant - feed_axis_.dot(o), -feed_axis_.dot(d));
}

std::optional<double> Gregorian::hit_main(const Vec3& origin, const Vec3& direction) const {
  const double t = path_sum_m_;
  const double a = (t * t - second_focus_.squaredNorm()) / (2.0 * t);
  return conic_hit(origin, direction, a + origin.dot(second_focus_) / t,
                   direction.dot(second_focus_) / t);
}

Vec3 Gregorian::sub_normal(const Vec3& point) const {
  const Vec3 x = sub_pose_.inverse() * point;
  return sub_pose_.rotation * (x.normalized() + feed_axis_).normalized();
}

Vec3 Gregorian::main_normal(const Vec3& point) const {
  return (point.normalized() + (point - second_focus_).normalized()).normalized();
}

std::optional<TracedRay> Gregorian::trace(const ScanAngles& scan, const Vec2& pupil_m) const {
  const GregorianMisalignment& error = design_.misalignment;
  const Vec2 offset = pupil_m + error.feed_shift_m;
  Vec3 start = first_pivot() + offset.x() * pupil_x() + offset.y() * pupil_y();
  Vec3 direction =
      (feed_axis_ + error.feed_tilt_rad.x() * pupil_x() + error.feed_tilt_rad.y() * pupil_y())
          .normalized();
  // A tilted feed's wavefront is tilted with it: paths count from the plane across its direction.
  const double lead = (start - first_pivot()).dot(direction);
  const RigidPose out_of_plane = rotation_about(first_pivot(), pupil_x(), scan.out_of_plane_rad);
  const RigidPose in_plane = rotation_about(second_pivot(), Vec3::UnitZ(), scan.in_plane_rad);
  start = out_of_plane * start;
  direction = out_of_plane.rotation * direction;

  TracedRay ray;
  const double to_second = (second_pivot() - start).dot(feed_axis_) / direction.dot(feed_axis_);
  ray.second_galvo = start + to_second * direction;
  start = in_plane * start;
  direction = in_plane.rotation * direction;
  const std::optional<double> to_sub = hit_sub(start, direction);
  if (!to_sub) return std::nullopt;
  ray.sub = start + *to_sub * direction;
  ray.from_galvo = direction;
  const Vec3 sub_n = sub_normal(ray.sub);
  ray.cos_sub = std::abs(direction.dot(sub_n));
  direction = reflect(direction, sub_n);
  const std::optional<double> to_main = hit_main(ray.sub, direction);
  if (!to_main) return std::nullopt;
  ray.main = ray.sub + *to_main * direction;
  const Vec3 main_n = main_normal(ray.main);
  ray.cos_main = std::abs(direction.dot(main_n));
  ray.direction = reflect(direction, main_n);
  ray.sub_path_m = lead + *to_sub;
  ray.path_m = ray.sub_path_m + *to_main;
  return ray;
}

Vec3 Gregorian::landing_point(const TracedRay& ray) const {
  const double t =
      (second_focus_ - ray.main).dot(outgoing_axis_) / ray.direction.dot(outgoing_axis_);
  return ray.main + t * ray.direction;
}

Vec2 Gregorian::landing_m(const TracedRay& ray) const {
  const Vec3 r = landing_point(ray) - second_focus_;
  return {r.dot(target_x()), r.dot(target_y())};
}

ScanAngles Gregorian::aim(const Vec2& target_m) const {
  constexpr double kLimit = 0.7;  // rad
  constexpr double kStep = 1e-5;
  const auto land = [&](const Vec2& angles) -> Vec2 {
    const std::optional<TracedRay> ray = trace({angles.x(), angles.y()}, Vec2::Zero());
    if (!ray || !(angles.cwiseAbs().maxCoeff() < kLimit)) {
      throw_input("no scan angles reach the point ({}, {}) m of the target plane", target_m.x(),
                  target_m.y());
    }
    return landing_m(*ray);
  };
  Vec2 angles = Vec2::Zero();
  for (int i = 0; i < 30; ++i) {
    const Vec2 miss = land(angles) - target_m;
    if (miss.norm() < 1e-10) break;
    Eigen::Matrix2d slope;
    slope.col(0) =
        (land(angles + Vec2(kStep, 0.0)) - land(angles - Vec2(kStep, 0.0))) / (2 * kStep);
    slope.col(1) =
        (land(angles + Vec2(0.0, kStep)) - land(angles - Vec2(0.0, kStep))) / (2 * kStep);
    const Vec2 step = slope.inverse() * miss;
    angles -= step * std::min(1.0, 0.15 / step.norm());
  }
  if ((land(angles) - target_m).norm() > 1e-8) {
    throw_input("no scan angles reach the point ({}, {}) m of the target plane", target_m.x(),
                target_m.y());
  }
  return {angles.x(), angles.y()};
}

double Gregorian::surface_efficiency(const TracedRay& chief, double wavelength_m) const {
  // The scan mirrors fold the beam at a right angle.
  const double galvo = ruze_efficiency(design_.galvo_rms_m, std::sqrt(0.5), wavelength_m);
  return galvo * galvo * ruze_efficiency(design_.sub_rms_m, chief.cos_sub, wavelength_m) *
         ruze_efficiency(design_.main_rms_m, chief.cos_main, wavelength_m) *
         std::pow(10.0, -0.4 * design_.mirror_loss_db);
}

}  // namespace thz::sim
