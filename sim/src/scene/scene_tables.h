#pragma once

#include "thz/core/config.h"
#include "thz/core/error.h"
#include "thz/sim/scene.h"

/// Readers of a scene's longer tables; each throws thz::InputError for the first key that is wrong.
namespace thz::sim::internal {

/// `[raw]`.
RawRadarOptions parse_raw(ConfigTable table);

}  // namespace thz::sim::internal
