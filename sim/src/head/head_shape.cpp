#include "head_shape.h"

#include "head_face.h"
#include "head_grid.h"

namespace thz::sim::internal {

SculptedHead sculpt_head(const HeadShape& shape) {
  const HeadGrid& grid = head_grid();
  SculptedHead head;
  head.vertices_mm = grid.base_mm;
  head.marks.resize(grid.base_mm.size());
  const NoseShape nose(shape);
  for (std::size_t v = 0; v < grid.base_mm.size(); ++v) {
    const auto m = static_cast<std::size_t>(grid.mirror[v]);
    if (grid.base_mm[v].x() < 0.0) continue;  // the right half is the mirror image
    Vec3 p = grid.base_mm[v];
    SurfaceMarks& marks = head.marks[v];
    if (p.z() > 0.0) {
      sculpt_forehead(shape, p);
      sculpt_cheek(shape, p);
      sculpt_mouth(shape, p, marks);
      sculpt_chin(shape, p);
      nose.sculpt(p);
      sculpt_eye(shape, p, marks);
    }
    sculpt_ear(shape, grid.base_mm[v], p, marks);
    head.vertices_mm[v] = p;
    if (m != v) {
      head.vertices_mm[m] = Vec3(-p.x(), p.y(), p.z());
      head.marks[m] = marks;
    }
  }
  return head;
}

}  // namespace thz::sim::internal
