#include "head_face.h"

#include <cmath>

#include "sculpt_tools.h"

namespace thz::sim::internal {

void sculpt_forehead(const HeadShape& shape, Vec3& p) {
  const double x = p.x();
  const double y = p.y();
  const double front = smooth_step((p.z() - 10.0) / 45.0);
  // The ridge over the orbits runs along an arch and ends at the temple.
  const double arch = shape.brow_y + shape.brow_tilt * (x - 25.0) - 0.006 * square(x - 25.0);
  const double along = 0.35 + 0.65 * dab(x, 30.0, 16.0);
  const double end = 1.0 - smooth_step((x - 42.0) / 24.0);
  const double below = y < arch ? 7.5 : 9.0;
  double out = shape.brow_projection * along * end * dab(y, arch, below);
  out += shape.glabella_projection * dab(x, 0.0, 14.0) * dab(y, 56.0, 10.0);
  out += shape.forehead_lateral * dab(x, 34.0, 16.0) * dab(y, 88.0, 16.0);
  const double rise = std::max(0.0, y - 60.0);
  out -= shape.forehead_slope * rise * rise / (rise + 20.0);
  p.z() += front * out;
  // Hollow of the temple behind the orbit.
  p.x() -= 2.2 * dab(y, 48.0, 15.0) * dab(p.z(), 58.0, 16.0) * smooth_step((x - 40.0) / 25.0);
}

void sculpt_cheek(const HeadShape& shape, Vec3& p) {
  const double x = p.x();
  const double y = p.y();
  const double front = smooth_step((p.z() - 5.0) / 40.0);
  const double bone =
      dab(x, shape.cheekbone_x, 17.0) * dab(y, shape.cheekbone_y + 0.12 * (x - 46.0), 13.0);
  p.z() += front * shape.cheekbone_projection * bone;
  p.x() += front * 0.6 * shape.cheekbone_projection * bone * smooth_step((x - 35.0) / 30.0);
  // Arch towards the ear.
  p.x() += 1.8 * dab(y, 12.0, 9.0) * dab(p.z(), 45.0, 22.0) * smooth_step((x - 45.0) / 20.0);
  // Flesh between cheekbone and jaw; below zero a hollow.
  const double flesh = (shape.cheek_fullness - 0.8) * dab(x, 48.0, 15.0) * dab(y, -26.0, 16.0);
  p.z() += front * 0.8 * flesh;
  p.x() += front * 0.6 * flesh;
  // Jowl beside the chin and fullness under the jaw; below zero a sharp jaw line.
  const double jowl = shape.jowl * dab(x, 44.0, 13.0) * dab(y, -62.0, 10.0);
  p.x() += front * 0.7 * jowl;
  p.y() -= front * 0.9 * jowl;
  p.y() -= 1.6 * shape.jowl * dab(x, 0.0, 26.0) * dab(y, -84.0, 9.0) * dab(p.z(), 62.0, 24.0);
  // Fold from the wing of the nose to outside the corner of the mouth.
  const double t = (y + 3.0) / -38.0;
  const double fold_x = 21.0 + 13.0 * t + 2.0 * t * t;
  const double along = smooth_step((t + 0.25) / 0.4) * (1.0 - smooth_step((t - 0.7) / 0.5));
  p.z() -= front * shape.nasolabial_depth * along * dab(x, fold_x, 4.0);
  p.z() += front * 0.8 * shape.nasolabial_depth * along * dab(x, fold_x + 9.0, 6.5);
}

void sculpt_mouth(const HeadShape& shape, Vec3& p, SurfaceMarks& marks) {
  const double x = p.x();
  const double y = p.y();
  if (p.z() < 40.0) return;
  const double t = x / kMouthHalfWidthMm;
  const double inside = t < 1.0 ? std::sqrt(1.0 - t * t) : 0.0;
  const double lip_end = 1.0 - smooth_step((t - 0.35) / 0.75);
  // Dental arch under the lips: fuller in the middle, falling away at the corners.
  p.z() += shape.lip_base * dab(x, 0.0, 24.0) * dab(y, -32.0, 15.0);
  p.z() += 5.8 * dab(x, 0.0, 17.0) * dab(y, -25.0, 12.0);
  p.z() += 6.0 * dab(x, 0.0, 15.0) * dab(y, -12.5, 5.5);
  p.z() += 2.0 * dab(x, 0.0, 15.0) * dab(y, -45.0, 7.0);
  p.z() -= 3.2 * dab(x, kMouthHalfWidthMm + 1.5, 6.5) * dab(y, -35.0, 7.0);
  // Philtrum between its two columns.
  const double philtrum = dab(y, -19.0, 5.0);
  p.z() -= shape.philtrum_depth * philtrum * dab(x, 0.0, 0.55 * shape.philtrum_half_width);
  p.z() += 0.6 * shape.philtrum_depth * philtrum * dab(x, shape.philtrum_half_width, 2.4);
  // Upper lip with its bow, lower lip fullest beside the mid-line, parting line between.
  const double part_y = level::kStomion - 1.6 * square(t) + 0.5 * dab(x, 0.0, 5.0);
  const double bow_y = level::kLabraleSuperius - 6.5 * std::pow(std::min(t, 1.2), 2.0) +
                       1.0 * dab(x, shape.philtrum_half_width + 1.0, 4.0);
  const double upper_mid = 0.5 * (bow_y + part_y) + 2.4;
  const double upper_size = std::max(1.6, 0.5 * (bow_y - part_y));
  p.z() += shape.upper_lip * lip_end * dab(y, upper_mid, upper_size);
  const double lower_y = level::kLabraleInferius + 5.5 * std::pow(std::min(t, 1.2), 2.0);
  const double lower_mid = 0.5 * (lower_y + part_y) - 1.8;
  const double lower_size = std::max(1.8, 0.52 * (part_y - lower_y));
  p.z() +=
      shape.lower_lip * lip_end * dab(y, lower_mid, lower_size) * (1.0 - 0.06 * dab(x, 0.0, 4.0));
  const double groove_end = 1.0 - smooth_step((t - 0.7) / 0.45);
  p.z() -= 0.43 * (shape.upper_lip + shape.lower_lip) * groove_end * dab(y, part_y, 1.7);
  if (inside > 0.0) {
    const double above = (bow_y - y) / 1.2;
    const double under = (y - lower_y) / 1.2;
    const double sides = (1.0 - t) * 8.0;
    marks.lips = static_cast<float>(std::clamp(std::min({above, under, sides}) + 0.5, 0.0, 1.0));
  }
}

void sculpt_chin(const HeadShape& shape, Vec3& p) {
  const double x = p.x();
  const double y = p.y();
  const double front = smooth_step((p.z() - 45.0) / 35.0);
  const double fold_y = level::kSublabiale + 0.006 * x * x;
  p.z() -= front * shape.mentolabial_depth * dab(y, fold_y, 4.6) * dab(x, 0.0, 17.0);
  p.z() += front * shape.chin_projection * dab(y, level::kPogonion - 1.0, 8.5) *
           dab(x, 0.0, shape.chin_half_width);
  p.z() -= front * shape.chin_cleft * dab(y, -64.0, 6.0) * dab(x, 0.0, 2.6);
  // Larynx.
  p.z() += shape.larynx * dab(x, 0.0, 8.0) * dab(y, -103.0, 8.0);
}

NoseShape::NoseShape(const HeadShape& shape)
    : shape_(shape),
      // The lip end stays where it is; the bridge hangs between root and tip.
      crest_({-22.0, -14.0, -11.0, -8.0, -4.5, shape.tip_y, 9.5, 17.0, 25.0, 34.0, 43.0, 52.0},
             {98.0, 108.5, 111.5, 0.35 * shape.tip_z + 73.5, shape.tip_z - 6.0, shape.tip_z - 3.0,
              shape.tip_z - 4.0, 0.64 * shape.tip_z + 0.36 * shape.root_z - 0.2 + 0.5 * shape.hump,
              0.38 * shape.tip_z + 0.62 * shape.root_z + shape.hump,
              0.13 * shape.tip_z + 0.87 * shape.root_z + 0.6 * shape.hump, shape.root_z,
              shape.root_z - 1.0}),
      width_({-14.0, -6.0, shape.tip_y, 12.0, 25.0, 43.0, 52.0},
             {8.5, 10.5, 12.0, shape.bridge_half_width, shape.bridge_half_width,
              shape.root_half_width, shape.root_half_width + 3.0}) {}

void NoseShape::sculpt(Vec3& p, SurfaceMarks& marks) const {
  const double x = p.x();
  const double y = p.y();
  if (x > 34.0 || y < -30.0 || y > 66.0 || p.z() < 60.0) return;
  // Bridge: a ridge under the crest.
  const double width = width_(y);
  // A parabola of the given curvature that steepens beyond the half-width.
  const double blunt = 1.0 - 0.55 * dab(y, shape_.tip_y - 1.0, 8.0);  // towards the tip
  const double drop =
      0.5 * shape_.bridge_curvature * blunt * square(x) * (1.0 + square(x / width) / 3.0);
  const double bridge = crest_(y) - drop - 24.0 * smooth_step((y - 40.0) / 32.0);
  // The face recedes between the eyes, so that the ridge stands free there.
  p.z() -= 8.0 * dab(x, 0.0, 14.0) * dab(y, 41.0, 9.5);
  // The sides of the bone widen towards the cheek.
  const double flank = 5.0 * dab(x, 11.0, 5.5) * dab(y, 17.0, 13.0);
  double z = smooth_max(p.z() + flank, bridge, 7.0);
  // Tip: a ball of the given radius.
  const double r = shape_.tip_radius;
  const double dy = y - shape_.tip_y;
  // Below, the ball turns away early to stay off the lip; its curvature at the tip stays.
  const double room = std::max(5.0, shape_.tip_y - level::kSubnasale - 5.2);
  const double early =
      dy < 0.0 ? std::max(0.0, 1.0 - square(room / r)) * square(square(dy / room)) : 0.0;
  const double q_tip = square(x / r) + square(dy / r) + early;
  // Beyond the equator the wall drops fast, or a long nose would carry the lip with it.
  const double ball =
      shape_.tip_z - r * (1.0 - ellipsoid_top(q_tip)) - 5.0 * square(std::max(0.0, q_tip - 1.0));
  z = smooth_max(z, ball, 2.5);
  // The tip may be cleft; the columella hangs under it.
  z -= shape_.tip_cleft * dab(x, 0.0, 1.6) * dab(dy, -1.0, 4.0);
  z += shape_.columella * dab(x, 0.0, 3.0) * dab(y, -8.0, 2.6);
  // Wings with a groove above and behind them.
  const double wing_y = shape_.wing_y + shape_.nostril_rise;
  const double q = square((x - kAlaXMm) / shape_.ala_radius) + square((y - wing_y) / 8.2);
  const double wing_z = shape_.tip_z - 21.0;
  const double groove = dab(std::sqrt(q), 1.25, 0.16) * smooth_step((x - 9.0) / 5.0);
  z -= 1.0 * groove * smooth_step((y - wing_y + 6.0) / 6.0);
  z = smooth_max(z, wing_z + 9.0 * ellipsoid_top(q), 3.5);
  // Nostrils open downwards between columella and wing.
  const double nostril = dab(x, 7.4, 2.3) * dab(y, -9.2 + 0.8 * shape_.nostril_rise - 0.1 * x, 1.7);
  z -= 2.0 * nostril;
  marks.nostril = static_cast<float>(nostril);
  p.z() = z;
}

void sculpt_eye(const HeadShape& shape, Vec3& p, SurfaceMarks& marks) {
  const double dx = p.x() - kEyeXMm;
  const double dy = p.y() - level::kEye;
  if (std::abs(dx) > 40.0 || std::abs(dy) > 36.0 || p.z() < 30.0) return;
  // Orbit: a hollow under the brow, deepest towards the nose.
  const double side = p.x() < 17.0 ? smooth_step((p.x() - 1.0) / 16.0) : 1.0;
  p.z() -= side * shape.orbit_depth *
           (0.85 * dab(dx, -3.0, 13.0) * dab(dy, 3.5, 9.5) +
            0.35 * dab(dx, -14.0, 5.0) * dab(dy, -1.0, 9.0));
  // Lids: a shell over the eyeball.
  const double r2 = dx * dx + square(dy + 0.5);
  const double lid_radius = kEyeRadiusMm + 2.0;
  const double lid = kEyeDepthMm + lid_radius * ellipsoid_top(r2 / square(lid_radius));
  p.z() = smooth_max(p.z(), lid, 3.0);
  // Opening: the almond between the lids shows the eyeball; the upper lid is fullest towards the
  // nose, the lower towards the temple.
  const double t = dx / kFissureHalfLengthMm;
  if (std::abs(t) >= 1.6) return;
  const double axis = kLidAxisMm - level::kEye + 0.8 * t;
  const double bow = std::max(0.0, 1.0 - t * t);
  const double upper = axis + 1.05 * kFissureHalfHeightMm * std::pow(bow, 0.7) * (1.0 - 0.10 * t);
  const double lower = axis - 0.95 * kFissureHalfHeightMm * std::pow(bow, 0.9) * (1.0 + 0.12 * t);
  // Crease of the upper lid, and the lid's roll below it; bag and trough under the lower lid.
  const double along = 1.0 - smooth_step((std::abs(t) - 0.75) / 0.7);
  const double crease = upper + 4.2 - 0.8 * t * t;
  p.z() -= shape.lid_crease * along * dab(dy, crease, 1.5);
  p.z() += 0.6 * shape.lid_crease * along * dab(dy, crease + 3.6, 2.2);
  p.z() += shape.eye_bag * along * dab(dy, lower - 5.5, 2.8);
  p.z() -= 0.9 * shape.eye_bag * along * dab(dy, lower - 10.5, 2.6);
  const double depth = std::min(upper - dy, dy - lower);
  const double open = smooth_step((depth + 0.3) / 1.6) * smooth_step((1.02 - std::abs(t)) / 0.12);
  const double cornea = 0.9 * dab(std::sqrt(r2) / 5.0);
  const double ball =
      kEyeDepthMm + kEyeRadiusMm * ellipsoid_top(r2 / square(kEyeRadiusMm)) + cornea;
  // Towards the corners the ball sinks away; the conjunctiva stays a little under the rims.
  constexpr double kRimMm = 2.0;
  p.z() += open * (std::clamp(ball, p.z() - kRimMm, p.z()) - p.z());
  // Rims of the lids.
  const double rim_end = smooth_step((1.1 - std::abs(t)) / 0.3);
  p.z() += 0.5 * (1.0 - open) * dab(depth, -1.2, 1.2) * rim_end;
  marks.eye = static_cast<float>(open);
  marks.lash = static_cast<float>(rim_end * dab(dy, upper + 0.6, 1.0));
}

}  // namespace thz::sim::internal
