#pragma once

#include "head_shape.h"
#include "head_sites.h"
#include "head_warp.h"

namespace thz::sim::internal {

/// All that shapes one head: relief, slopes at the sites, sizes.
struct HeadForm {
  HeadShape shape;
  SiteRelief relief;
  HeadWarp warp;
};

}  // namespace thz::sim::internal
