#pragma once

#include <optional>

#include "thz/core/mesh.h"

/// Exact geometry of a confocal Gregorian imager: feed, two scan mirrors, off-axis paraboloid, real
/// focus F1, ellipsoid with foci F1 and F2 (the centre of the scene). See docs/theory/optics.md.
namespace thz::sim {

/// Rigid errors of assembly; all zero is the perfect instrument.
struct GregorianMisalignment {
  Vec3 sub_shift_m = Vec3::Zero();       ///< of the sub-reflector, optics frame
  Vec3 sub_rotation_rad = Vec3::Zero();  ///< rotation vector about its chief point, optics frame
  Vec2 feed_shift_m = Vec2::Zero();   ///< of the beam on the first scan mirror (in, out of plane)
  Vec2 feed_tilt_rad = Vec2::Zero();  ///< of the beam before the first scan mirror
};

/// Free parameters. The defaults are a feasible design for 6 m and a 15 mm spot: expansion 8, 11 dB
/// edge taper on 0.65 m. A diameter of 0 means "no rim".
struct GregorianDesign {
  double main_to_first_focus_m = 1.5;  ///< r1, F1 to the main reflector along the chief ray
  double main_to_target_m = 6.0;       ///< r2, main reflector to F2: the stand-off distance
  double main_incidence_rad = 0.24434609527920614;  ///< i_m, 14 degrees
  double sub_focal_m = 0.1875;                      ///< l_s, sub-reflector to F1
  std::optional<double> sub_incidence_rad;          ///< i_s; unset: free of linear astigmatism
  std::optional<double> galvo_distance_m;           ///< L_g; unset: imaged on the main reflector
  double galvo_separation_m = 0.10;                 ///< e, between the two scan mirrors
  double aperture_m = 0.65;                         ///< D, of the main reflector used by the beam
  double edge_taper_db = 11.0;                      ///< of the Gaussian feed at the edge of D
  bool stop_at_first_galvo = true;                  ///< the feed is cut at D l_s/r1 there
  /// Elliptical rim of the second mirror seen along the beam, in and out of plane: as narrow as the
  /// beam in plane, where the beam from sub-reflector to main reflector passes close by.
  Vec2 second_galvo_size_m{0.10, 0.16};
  double sub_diameter_m = 0.32;   ///< seen along the incoming chief ray
  double main_diameter_m = 0.90;  ///< seen along the outgoing chief ray
  double galvo_rms_m = 5e-6;      ///< surface error of each scan mirror
  double sub_rms_m = 10e-6;       ///< of the sub-reflector
  double main_rms_m = 20e-6;      ///< of the main reflector
  /// Over which the surface errors are alike, e^{-(d/c)^2}; say where the scattered power goes.
  double galvo_correlation_m = 5e-3;
  double sub_correlation_m = 10e-3;
  double main_correlation_m = 50e-3;
  double mirror_loss_db = 0.05;  ///< ohmic, each of the four mirrors
  GregorianMisalignment misalignment;
};

/// Optical angles (twice the mechanical ones): in the plane of symmetry by the second mirror, out
/// of it by the first.
struct ScanAngles {
  double in_plane_rad = 0.0;
  double out_of_plane_rad = 0.0;
};

/// Where one ray went. Points in the optics frame, metres.
struct TracedRay {
  Vec3 second_galvo;  ///< crossing of the plane of the second pivot, across the unscanned axis
  Vec3 sub;           ///< on the paraboloid
  Vec3 main;          ///< on the ellipsoid
  Vec3 from_galvo;    ///< unit direction between second scan mirror and sub-reflector
  Vec3 direction;     ///< unit direction after the main reflector
  double sub_path_m;  ///< from the feed's plane to the sub-reflector
  double path_m;      ///< from the feed's plane to the main reflector
  double cos_sub;     ///< cosines of incidence
  double cos_main;
};

/// The optics frame: F1 is the origin, +x points from F1 to the main reflector's chief point, +z is
/// the normal of the plane of symmetry. Rotating a flat mirror about an axis in its surface turns
/// the reflected rays about that axis, so that the galvo pair is, unfolded and without
/// approximation, two rotations of rays: by the out-of-plane angle about the first pivot, then by
/// the in-plane angle about an axis parallel to z through the second.
class Gregorian {
 public:
  /// @throws thz::InputError for a design that cannot be built.
  explicit Gregorian(const GregorianDesign& design);

  const GregorianDesign& design() const { return design_; }

  /// M = r1/l_s: beam diameter on the main reflector over that on the scan mirrors.
  double expansion() const { return design_.main_to_first_focus_m / design_.sub_focal_m; }
  double sub_incidence_rad() const { return sub_incidence_rad_; }
  double galvo_distance_m() const { return galvo_distance_m_; }
  /// 1/e² radius of the Gaussian feed, whose waist lies on the first scan mirror.
  double feed_waist_m() const { return feed_waist_m_; }
  /// Ellipsoid: semi-axes a and b, distance of the foci 2c, eccentricity, focal length.
  double semi_major_m() const { return 0.5 * path_sum_m_; }
  double semi_minor_m() const;
  double focal_distance_m() const { return second_focus_.norm(); }
  double eccentricity() const { return focal_distance_m() / path_sum_m_; }
  double main_focal_length_m() const;

  const Vec3& second_focus() const { return second_focus_; }    ///< F2
  const Vec3& main_chief_point() const { return main_point_; }  ///< P
  const Vec3& sub_chief_point() const { return sub_point_; }    ///< S
  const Vec3& feed_axis() const { return feed_axis_; }          ///< v0, towards S
  const Vec3& outgoing_axis() const { return outgoing_axis_; }  ///< u2, P to F2
  Vec3 first_pivot() const;
  Vec3 second_pivot() const;
  /// Axes of the target plane: the first in the plane of symmetry, the second along +z.
  Vec3 target_x() const { return Vec3::UnitZ().cross(outgoing_axis_); }
  Vec3 target_y() const { return Vec3::UnitZ(); }

  /// A point in world coordinates (F2 the origin, +z towards the imager, +y out of the plane of
  /// symmetry) and back; world x is minus target_x.
  Vec3 world_from_optics(const Vec3& point) const;
  Vec3 optics_from_world(const Vec3& point) const;

  /// Traces the ray that leaves the feed's plane (across v0 through the first pivot) at `pupil_m`
  /// from the axis, in plane and out of plane. Rims are not looked at.
  /// @return nothing where the ray misses a reflector's surface.
  std::optional<TracedRay> trace(const ScanAngles& scan, const Vec2& pupil_m) const;

  /// Target plane coordinates of where a traced ray crosses the plane through F2 across u2.
  Vec2 landing_m(const TracedRay& ray) const;
  /// The same point in the optics frame.
  Vec3 landing_point(const TracedRay& ray) const;
  /// Angles whose chief ray lands at a point of the target plane; Newton's method.
  /// @throws thz::InputError where no such angles are found within 40 degrees.
  ScanAngles aim(const Vec2& target_m) const;

  /// Unit normals of the real (misaligned) surfaces, out of each conic: away from the lit side.
  Vec3 sub_normal(const Vec3& point) const;
  Vec3 main_normal(const Vec3& point) const;
  /// The point where a ray meets each surface, if it does.
  std::optional<double> hit_sub(const Vec3& origin, const Vec3& direction) const;
  std::optional<double> hit_main(const Vec3& origin, const Vec3& direction) const;
  /// Directions across the feed's beam: in plane, out of plane.
  Vec3 pupil_x() const { return Vec3::UnitZ().cross(feed_axis_); }
  Vec3 pupil_y() const { return Vec3::UnitZ(); }

  /// Unscanned position and direction to those after both scan mirrors.
  RigidPose scanned(const ScanAngles& scan) const;

  /// Share of power kept by surface errors (Ruze 1966) and ohmic loss of all four mirrors.
  double surface_efficiency(const TracedRay& chief, double wavelength_m) const;

 private:
  void check() const;

  GregorianDesign design_;
  double sub_incidence_rad_, galvo_distance_m_, feed_waist_m_, path_sum_m_;
  Vec3 second_focus_, main_point_, sub_point_, feed_axis_, outgoing_axis_;
  RigidPose sub_pose_;  ///< of the misaligned sub-reflector: real = pose * ideal
};

/// Share of power left in the coherent beam by a surface error, exp(−(4π ε cosθ/λ)²) (Ruze 1966).
double ruze_efficiency(double rms_m, double cos_incidence, double wavelength_m);

/// Tilt of the sub-reflector that cancels linear astigmatism, tan i_s = −(1 + r1/r2) tan i_m.
double astigmatism_free_incidence_rad(double r1_m, double r2_m, double main_incidence_rad);

}  // namespace thz::sim
