#pragma once

#include "thz/core/config.h"
#include "thz/sim/raw_radar.h"

namespace thz::sim::internal {

/// `[raw]`; keys that act in the raw mode alone are refused in the other.
/// @throws thz::InputError for the first key that is unknown or out of range.
RawRadarOptions parse_raw(ConfigTable table, bool raw_mode);

}  // namespace thz::sim::internal
