#include "head_shape.h"

#include "head_face.h"
#include "head_grid.h"

namespace thz::sim::internal {
namespace {

std::vector<std::array<int32_t, 3>> cut_quads() {
  const std::vector<Vec3> mean = sculpt_head(HeadShape{}).vertices_mm;
  std::vector<std::array<int32_t, 3>> triangles;
  for (const auto& [a, b, c, d] : head_grid().quads) {
    const auto at = [&](int32_t v) { return mean[static_cast<std::size_t>(v)]; };
    // The bias settles ties the same way on both sides of the face.
    const double bias = at(a).x() + at(c).x() < 0.0 ? 1e-6 : -1e-6;
    if ((at(a) - at(c)).norm() < (at(b) - at(d)).norm() + bias) {
      triangles.push_back({a, b, c});
      triangles.push_back({a, c, d});
    } else {
      triangles.push_back({a, b, d});
      triangles.push_back({b, c, d});
    }
  }
  return triangles;
}

}  // namespace

const std::vector<std::array<int32_t, 3>>& head_triangles() {
  static const std::vector<std::array<int32_t, 3>> triangles = cut_quads();
  return triangles;
}

Vec3 sculpt_point(const HeadShape& shape, const NoseShape& nose, const Vec3& base,
                  SurfaceMarks& marks) {
  Vec3 p = base;
  if (p.z() > 0.0) {
    sculpt_forehead(shape, p);
    sculpt_cheek(shape, p);
    sculpt_mouth(shape, p, marks);
    sculpt_chin(shape, p);
    nose.sculpt(p, marks);
    sculpt_eye(shape, p, marks);
  }
  sculpt_ear(shape, base, p, marks);
  return p;
}

SculptedHead sculpt_head(const HeadShape& shape) {
  const HeadGrid& grid = head_grid();
  SculptedHead head;
  head.vertices_mm = grid.base_mm;
  head.marks.resize(grid.base_mm.size());
  const NoseShape nose(shape);
  for (std::size_t v = 0; v < grid.base_mm.size(); ++v) {
    const auto m = static_cast<std::size_t>(grid.mirror[v]);
    if (grid.base_mm[v].x() < 0.0) continue;  // the right half is the mirror image
    SurfaceMarks& marks = head.marks[v];
    Vec3 p = sculpt_point(shape, nose, grid.base_mm[v], marks);
    if (m == v) p.x() = 0.0;
    head.vertices_mm[v] = p;
    if (m != v) {
      head.vertices_mm[m] = Vec3(-p.x(), p.y(), p.z());
      head.marks[m] = marks;
    }
  }
  return head;
}

}  // namespace thz::sim::internal
