#pragma once

#include <cstdint>
#include <vector>

#include "head_shape.h"
#include "thz/sim/parametric_head.h"

namespace thz::sim::internal {

/// What lies on the skin.
struct HeadCover {
  std::vector<float> hair_mm;            ///< [V] height of hair, brow or beard over the skin
  std::vector<uint8_t> triangle_region;  ///< [T], HeadRegion
  std::vector<HeadPaint> paint;          ///< [V]
};

HeadCover cover_head(const HeadIdentity& identity, const std::vector<SurfaceMarks>& marks);

}  // namespace thz::sim::internal
