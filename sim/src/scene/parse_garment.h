#pragma once

#include "thz/core/config.h"
#include "thz/sim/scene.h"

namespace thz::sim::internal {

/// `[garment]`: what is worn and how it is cut. @param present  whether the scene has the table.
Garment parse_garment(ConfigTable table, bool present);

}  // namespace thz::sim::internal
