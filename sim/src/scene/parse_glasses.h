#pragma once

#include "thz/core/config.h"
#include "thz/sim/glasses.h"

namespace thz::sim::internal {

/// `[glasses]`; without the table nobody wears any.
/// @throws thz::InputError for the first key that is unknown or out of range.
GlassesOptions parse_glasses(ConfigTable table, bool present);

}  // namespace thz::sim::internal
