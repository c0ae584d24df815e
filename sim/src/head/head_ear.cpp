#include <cmath>

#include "head_face.h"
#include "sculpt_tools.h"

namespace thz::sim::internal {
namespace {

constexpr double kEarLean = 0.22;  ///< tangent of the backward lean

}  // namespace

void sculpt_ear(const HeadShape& shape, const Vec3& base, Vec3& p, SurfaceMarks& marks) {
  if (base.x() < 45.0 || std::abs(base.y() - kEarCentreYMm) > 60.0) return;
  // v: -1 at the lobe, +1 at the top. u: -1 at the root in front, +1 at the rim behind.
  const double v = (base.y() - kEarCentreYMm) / kEarHalfLengthMm;
  const double lean = kEarLean * (base.y() - kEarCentreYMm);
  const double u_raw = -(base.z() - kEarCentreZMm + lean) / kEarHalfBreadthMm;
  // An egg: the lobe is narrower than the top and hangs from the front.
  const double low = smooth_step((0.1 - v) / 1.1);
  const double u = (u_raw + 0.22 * low) / (1.0 - 0.24 * low);
  const double reach = std::sqrt(u * u + v * v);  // 1 on the outline
  // In front the ear grows out of the cheek, behind it falls to the skull.
  const double rear = smooth_step((u + 0.75) / 0.8);
  marks.near_ear = static_cast<float>(1.0 - smooth_step((reach - 1.05) / 0.9));
  // A far standing ear needs a wider wall, or the mesh would fold.
  const double wall = (0.46 + 0.28 * rear) * std::max(1.0, shape.ear_protrusion / 20.0);
  const double plate = 1.0 - smooth_step((reach - 0.88) / wall);
  if (plate <= 0.0) return;
  // The plate stands off more and more towards its rear edge; the lobe lies close.
  const double lobe = smooth_step((-v - 0.35) / 0.6);
  const double open = smooth_step((u + 1.25) / 2.1);
  double out = shape.ear_protrusion * (0.06 + 0.80 * open) * (1.0 - 0.40 * lobe);
  // Helix: a rolled rim from the crus over the top and down behind; the groove inside it.
  const double crest = smooth_step((u + 0.75 + 0.5 * smooth_step(2.0 * v)) / 0.35) * (1.0 - lobe);
  out += shape.helix_roll * crest * dab(reach, 0.88, 0.14);
  out -= 2.4 * crest * dab(reach, 0.64, 0.11);
  // Anti-helix bends round the concha; it forks above.
  const double bend = std::hypot(u + 0.32, 0.85 * (v + 0.10));
  out += 2.2 * dab(bend, 0.60, 0.11) * smooth_step((u + 0.25) / 0.4) * (1.0 - 0.6 * lobe);
  // Concha with the tragus in front of it and the antitragus below.
  out -= (2.0 + 0.34 * shape.ear_protrusion) * dab((u + 0.28) / 0.27) * dab((v + 0.10) / 0.25);
  out += 4.0 * dab((u + 0.78) / 0.15) * dab((v + 0.10) / 0.13);
  out += 1.6 * dab((u + 0.15) / 0.16) * dab((v + 0.50) / 0.11);
  // The lobe hangs free or is drawn to the cheek.
  out += shape.ear_lobe * dab(u, -0.1, 0.3) * dab(v, -0.78, 0.16);
  p.x() += plate * out;
  // The rim leans back over the groove behind the ear.
  p.z() -= plate * 2.0 * smooth_step((u - 0.0) / 0.9) * (1.0 - 0.6 * lobe);
  marks.ear = static_cast<float>(plate);
}

}  // namespace thz::sim::internal
