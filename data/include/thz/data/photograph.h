#pragma once

#include "thz/data/capture.h"
#include "thz/sim/camera.h"
#include "thz/sim/scene.h"

namespace thz::data {

/// The visible picture of a staged head: the same dressed mesh in the first frame's pose, framed by
/// the scene's region of interest. Skin, hair and iris belong to the identity; lamps, cloth colour
/// and sensor noise to the capture.
/// @param pixels  a side, an even number; data sets have 64
sim::VisiblePicture photograph(const sim::Scene& scene, const StagedScene& staged, int threads,
                               int pixels = 64);

}  // namespace thz::data
