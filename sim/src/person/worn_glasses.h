#pragma once

#include <cstdint>
#include <vector>

#include "thz/sim/person.h"

namespace thz::sim::internal {

/// The person's mesh with the frame; the lenses become the sheet before the body, or, where cloth
/// takes that place, opaque slabs of the body.
/// @param material  one a triangle of the person's mesh; extended.
/// @param target  its materials, and without cloth its sheet, are set.
Mesh add_glasses(const Scene& scene, const Person& person, bool has_cloth,
                 std::vector<int32_t>& material, Target& target);

}  // namespace thz::sim::internal
