#pragma once

#include "head_base.h"
#include "head_shape.h"

namespace thz::sim::internal {

// Each function moves one point of the left half (x >= 0) of the head, mm, and may mark it.

void sculpt_forehead(const HeadShape& shape, Vec3& p);
void sculpt_cheek(const HeadShape& shape, Vec3& p);
void sculpt_mouth(const HeadShape& shape, Vec3& p, SurfaceMarks& marks);
void sculpt_chin(const HeadShape& shape, Vec3& p);
void sculpt_eye(const HeadShape& shape, Vec3& p, SurfaceMarks& marks);
/// @param base  the point of the featureless head.
void sculpt_ear(const HeadShape& shape, const Vec3& base, Vec3& p, SurfaceMarks& marks);

/// The nose: bridge, tip ball and wings laid over the face.
class NoseShape {
 public:
  explicit NoseShape(const HeadShape& shape);
  void sculpt(Vec3& p, SurfaceMarks& marks) const;

 private:
  HeadShape shape_;
  CubicSpline crest_;  ///< z of the mid-line over y
  CubicSpline width_;  ///< half-width over y
};

}  // namespace thz::sim::internal
