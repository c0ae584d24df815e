#include "foot_grid.h"

#include <algorithm>
#include <cmath>

#include "thz/sim/beam_tiles.h"

namespace thz::sim {

double beam_reach_m(const Imager& imager) {
  if (imager.optics == OpticsKind::kGaussian) return 3.0 * imager.beam.waist_m;
  return BeamTileOptions{}.half_width * diffraction_spot_m(imager.beam.wavelength_m(),
                                                           imager.standoff_m,
                                                           imager.design.aperture_m);
}

namespace internal {

FootGrid make_grid(const Surface& surface, const RigidPose& pose, const Imager& imager,
                   const FieldWindow& window, double pitch_m) {
  Vec3 center;
  double radius = 0.0;
  surface.bounding_sphere(center, radius);
  center = pose * center;
  // Shadow of the bounding sphere on z = 0 seen from the pivot, generously.
  const double depth = std::max(imager.standoff_m - center.z(), 1e-3);
  const double scale = imager.standoff_m / depth;
  const Vec2 half = window.half_m + Vec2::Constant(beam_reach_m(imager));
  const Vec2 foot = center.head<2>() * scale;
  const double spread = 1.1 * radius * scale / std::max(0.1, 1.0 - radius / depth);
  const Vec2 low = (foot - Vec2::Constant(spread)).cwiseMax(window.center_m - half);
  const Vec2 high = (foot + Vec2::Constant(spread)).cwiseMin(window.center_m + half);
  FootGrid grid{0.0, 0.0, pitch_m, 0, 0};
  // Snapped to multiples of the pitch, so that the grid does not move with the subject.
  grid.x0_m = (std::floor(low.x() / pitch_m) + 0.5) * pitch_m;
  grid.y0_m = (std::floor(low.y() / pitch_m) + 0.5) * pitch_m;
  grid.nx = std::max(0, static_cast<int>(std::ceil((high.x() - grid.x0_m) / pitch_m)));
  grid.ny = std::max(0, static_cast<int>(std::ceil((high.y() - grid.y0_m) / pitch_m)));
  return grid;
}

FootGrid join(const FootGrid& a, const FootGrid& b) {
  if (a.nx == 0 || a.ny == 0) return b;
  if (b.nx == 0 || b.ny == 0) return a;
  const double x0 = std::min(a.x0_m, b.x0_m), y0 = std::min(a.y0_m, b.y0_m);
  const double x1 = std::max(a.foot(a.nx, 0).x(), b.foot(b.nx, 0).x());
  const double y1 = std::max(a.foot(0, a.ny).y(), b.foot(0, b.ny).y());
  return {x0, y0, a.pitch_m, static_cast<int>(std::lround((x1 - x0) / a.pitch_m)),
          static_cast<int>(std::lround((y1 - y0) / a.pitch_m))};
}

}  // namespace internal
}  // namespace thz::sim
