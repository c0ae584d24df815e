#pragma once

#include <vector>

#include "thz/eval/image_metrics.h"

namespace thz::eval {

/// Side of the default region of interest, m, with the middle of the face in its centre.
inline constexpr double kFaceRoi_m = 0.32;

/// Both eyes, nose, mouth and periphery as rectangles of a square image of a frontal head; regional
/// scores after Table 6 of Bergman et al., Sensors 2026.
/// @param size_px  side of the image; @param roi_m  what the side shows, 0.19 to 2 m (a smaller one
/// would cut the mouth off).
/// @throws thz::InputError for a region of interest outside that range.
std::vector<RegionMask> face_regions(int size_px = 64, double roi_m = kFaceRoi_m);

}  // namespace thz::eval
