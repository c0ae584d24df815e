#pragma once

#include "thz/core/config.h"
#include "thz/sim/raw_radar.h"

namespace thz::sim::internal {

/// `[raw]`. @throws thz::InputError for the first key that is unknown or out of range.
RawRadarOptions parse_raw(ConfigTable table);

}  // namespace thz::sim::internal
