#pragma once

#include <vector>

#include "thz/eval/image_metrics.h"

namespace thz::apps {

/// Eyes, nose, mouth and periphery as rectangles of the 64 x 64 image of the default region of
/// interest (0.32 m square, face in the middle), for a frontal head; regional scores after Table 6
/// of Bergman et al., Sensors 2026.
std::vector<eval::RegionMask> face_regions();

}  // namespace thz::apps
