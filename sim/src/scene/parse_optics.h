#pragma once

#include "thz/core/config.h"
#include "thz/sim/gregorian.h"

namespace thz::sim::internal {

/// The table `[optics]`; the stand-off distance is the imager's. Whether the design can be built is
/// not looked at. @throws thz::InputError.
GregorianDesign parse_optics(ConfigTable table, double standoff_m);

}  // namespace thz::sim::internal
