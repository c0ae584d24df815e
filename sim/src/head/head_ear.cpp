#include <cmath>

#include "head_face.h"
#include "sculpt_tools.h"

namespace thz::sim::internal {
namespace {

constexpr double kEarCentreY = 9.0;
constexpr double kEarCentreZ = 2.0;
constexpr double kEarTilt = 0.28;  ///< tangent of the backward lean

}  // namespace

void sculpt_ear(const HeadShape& shape, const Vec3& base, Vec3& p, SurfaceMarks& marks) {
  if (base.x() < 45.0 || std::abs(base.y() - kEarCentreY) > 60.0) return;
  // v: -1 at the lobe, +1 at the top. u: -1 at the root in front, +1 at the rim behind.
  const double v = (base.y() - kEarCentreY) / (0.5 * shape.ear_length);
  const double lean = kEarTilt * (base.y() - kEarCentreY);
  const double narrow = 1.0 - 0.20 * smooth_step((-v - 0.1) / 0.9);
  const double u = -(base.z() - kEarCentreZ + lean) / (0.5 * shape.ear_breadth * narrow) + 0.0;
  const double q = std::pow(std::abs(u), 2.4) + std::pow(std::abs(v), 2.4);
  const double reach = std::pow(q, 1.0 / 2.4);  // 1 on the outline
  const double plate = 1.0 - smooth_step((reach - 0.86) / 0.34);
  if (plate <= 0.0) return;
  // The plate stands off more and more towards its rear edge.
  const double open = smooth_step((u + 1.15) / 1.9);
  const double lobe = smooth_step((-v - 0.45) / 0.5);
  double out = shape.ear_protrusion * (0.10 + 0.80 * open) * (1.0 - 0.35 * lobe);
  const double rim =
      dab(reach, 0.86, 0.10) * smooth_step((u + 0.9 + 0.4 * v) / 0.5) * (1.0 - 0.7 * lobe);
  out += 2.8 * rim;
  // Groove inside the rim, anti-helix, concha, tragus.
  out -= 2.0 * dab(reach, 0.66, 0.09) * smooth_step((u + 0.3) / 0.5) * smooth_step((v + 0.5) / 0.5);
  out +=
      1.5 * dab(std::hypot(u + 0.15, 0.8 * (v + 0.05)), 0.55, 0.10) * smooth_step((u + 0.4) / 0.4);
  out -= 9.0 * dab((u + 0.22) / 0.28) * dab((v + 0.12) / 0.26);
  out += 3.5 * dab((u + 0.80) / 0.16) * dab((v + 0.12) / 0.13);
  p.x() += plate * out;
  // The rim leans back over the groove behind the ear.
  p.z() -= plate * 5.0 * smooth_step((u - 0.1) / 0.8) * (1.0 - 0.5 * lobe);
  marks.ear = static_cast<float>(plate);
}

}  // namespace thz::sim::internal
