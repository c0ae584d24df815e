#include "thz/sim/physical_optics.h"

#include <cmath>

#include "quadrature.h"
#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/sim/gaussian_beam.h"

namespace thz::sim {
namespace {

using Complex = std::complex<double>;

/// −jk/4π, of both radiation integrals.
Complex radiation_factor(double wavenumber) { return Complex(0.0, -wavenumber / (4.0 * kPi)); }

/// J dA = 2 n × h dA for a complex field.
CVec3 current_moment(const Vec3& normal, const CVec3& h, double area_m2) {
  const Vec3 re = normal.cross(Vec3(h.real())), im = normal.cross(Vec3(h.imag()));
  return 2.0 * area_m2 * (re.cast<Complex>() + Complex(0.0, 1.0) * im.cast<Complex>());
}

/// Power through a surface element of a wave with magnetic field h that travels along `direction`.
double power_through(const CVec3& h, const Vec3& direction, const Vec3& normal, double area_m2) {
  return h.squaredNorm() * std::abs(direction.dot(normal)) * area_m2;
}

/// The feed's beam after both scan mirrors.
struct ScannedFeed {
  Vec3 waist, direction, across_x, across_y, magnetic;
};

ScannedFeed scanned_feed(const Gregorian& optics, const ScanAngles& scan,
                         FeedPolarisation polarisation) {
  const GregorianMisalignment& error = optics.design().misalignment;
  const RigidPose pose = optics.scanned(scan);
  const Vec3 x = optics.pupil_x(), y = optics.pupil_y();
  const Vec3 direction =
      (optics.feed_axis() + error.feed_tilt_rad.x() * x + error.feed_tilt_rad.y() * y).normalized();
  ScannedFeed feed;
  feed.waist =
      pose * (optics.first_pivot() + error.feed_shift_m.x() * x + error.feed_shift_m.y() * y);
  feed.direction = pose.rotation * direction;
  feed.across_x = pose.rotation * (x - x.dot(direction) * direction).normalized();
  feed.across_y = feed.direction.cross(feed.across_x);
  const Vec3 electric =
      polarisation == FeedPolarisation::kOutOfPlane ? feed.across_y : feed.across_x;
  feed.magnetic = feed.direction.cross(electric);
  return feed;
}

void light_sub(const Gregorian& optics, double frequency_hz, const ScannedFeed& feed,
               const PhysicalOpticsOptions& options, ReflectorCurrents& currents) {
  const GaussianBeam beam(optics.feed_waist_m(), kSpeedOfLight / frequency_hz);
  const double reach =
      optics.feed_waist_m() * std::sqrt(options.cutoff_db / (20.0 * std::log10(std::exp(1.0))));
  const double pitch = options.sub_pitch_m;
  const int half = static_cast<int>(std::ceil(reach / pitch));
  const double rim = optics.design().sub_diameter_m;
  for (int i = -half; i <= half; ++i) {
    for (int j = -half; j <= half; ++j) {
      const double rho = std::hypot(i, j) * pitch;
      if (rho > reach) continue;
      const Vec3 start = feed.waist + i * pitch * feed.across_x + j * pitch * feed.across_y;
      const std::optional<double> along = optics.hit_sub(start, feed.direction);
      if (!along) continue;
      const Vec3 point = start + *along * feed.direction;
      const Vec3 offset = point - optics.sub_chief_point();
      const double across = offset.cross(optics.feed_axis()).norm();
      if (rim > 0.0 && across > 0.5 * rim) continue;
      Vec3 normal = optics.sub_normal(point);
      if (normal.dot(feed.direction) > 0.0) normal = -normal;
      const double area = pitch * pitch / std::abs(normal.dot(feed.direction));
      const Complex value =
          beam.field(rho, *along) * std::polar(1.0, -currents.wavenumber_per_m * *along);
      const CVec3 h = value * feed.magnetic.cast<Complex>();
      currents.sub.position_m.push_back(point);
      currents.sub.moment.push_back(current_moment(normal, h, area));
      currents.sub_power_w += power_through(h, feed.direction, normal, area);
    }
  }
}

/// Quadrature points of the main reflector inside its rim, seen along the outgoing chief ray.
struct MainPoints {
  std::vector<Vec3> position, normal;
  std::vector<double> area_m2;
};

MainPoints main_points(const Gregorian& optics, const PhysicalOpticsOptions& options) {
  const Vec3& axis = optics.outgoing_axis();
  const double radius = 0.5 * optics.design().main_diameter_m;
  const internal::GaussLegendre rule(options.main_rings);
  MainPoints points;
  for (int s = 0; s < options.main_spokes; ++s) {
    const double angle = 2.0 * kPi * (s + 0.5) / options.main_spokes;
    const Vec3 spoke = std::cos(angle) * optics.target_x() + std::sin(angle) * optics.target_y();
    for (std::size_t i = 0; i < rule.node.size(); ++i) {
      const double rho = 0.5 * radius * (1.0 + rule.node[i]);
      const Vec3 start = optics.second_focus() + rho * spoke;
      const std::optional<double> back = optics.hit_main(start, -axis);
      THZ_REQUIRE(back, "the main reflector's rim must lie on its ellipsoid");
      const Vec3 point = start - *back * axis;
      // Outward of the ellipsoid; the lit side is the inside.
      const Vec3 normal = -optics.main_normal(point);
      const double flat = 0.5 * radius * rule.weight[i] * rho * 2.0 * kPi / options.main_spokes;
      points.position.push_back(point);
      points.normal.push_back(normal);
      points.area_m2.push_back(flat / std::abs(normal.dot(axis)));
    }
  }
  return points;
}

}  // namespace

ReflectorCurrents reflector_currents(const Gregorian& optics, double frequency_hz,
                                     const ScanAngles& scan, const PhysicalOpticsOptions& options) {
  THZ_REQUIRE(options.sub_pitch_m > 0.0 && options.main_rings >= 2 && options.main_spokes >= 4,
              "physical optics needs a grid on both reflectors");
  if (optics.design().stop_at_first_galvo) {
    throw_input("physical optics takes a Gaussian feed: stop_at_first_galvo must be false");
  }
  if (optics.design().main_diameter_m <= 0.0) {
    throw_input("physical optics needs a main reflector with a rim: main_diameter_m is {}",
                optics.design().main_diameter_m);
  }
  ReflectorCurrents currents;
  currents.wavenumber_per_m = 2.0 * kPi * frequency_hz / kSpeedOfLight;
  light_sub(optics, frequency_hz, scanned_feed(optics, scan, options.polarisation), options,
            currents);
  const MainPoints points = main_points(optics, options);
  const std::vector<CVec3> h =
      sum_magnetic(currents.sub, points.position, currents.wavenumber_per_m, options.threads);
  currents.pairs = currents.sub.moment.size() * points.position.size();
  const Complex factor = radiation_factor(currents.wavenumber_per_m);
  // For the power alone: the wave comes from where the chief ray has its focus behind the
  // sub-reflector.
  const std::optional<TracedRay> chief = optics.trace(scan, Vec2::Zero());
  if (!chief) throw_input("the chief ray of the scan angles misses a reflector");
  const Vec3 caustic =
      chief->sub + optics.design().sub_focal_m * (chief->main - chief->sub).normalized();
  for (std::size_t i = 0; i < h.size(); ++i) {
    const CVec3 field = factor * h[i];
    currents.main.position_m.push_back(points.position[i]);
    currents.main.moment.push_back(current_moment(points.normal[i], field, points.area_m2[i]));
    // The wave comes from about F1.
    currents.main_power_w += power_through(field, (points.position[i] - caustic).normalized(),
                                           points.normal[i], points.area_m2[i]);
  }
  return currents;
}

std::vector<CVec3> electric_field(const ReflectorCurrents& currents,
                                  const std::vector<Vec3>& points, int threads) {
  std::vector<CVec3> field =
      sum_electric(currents.main, points, currents.wavenumber_per_m, threads);
  const Complex factor = radiation_factor(currents.wavenumber_per_m);
  for (CVec3& value : field) value *= factor;
  return field;
}

}  // namespace thz::sim
