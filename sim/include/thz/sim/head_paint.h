#pragma once

#include "thz/sim/camera.h"

namespace thz::sim {

/// What covers the skin at a vertex, each 0 to 1: how a camera sees it.
struct HeadPaint {
  float hair = 0.0f;
  float brow = 0.0f;
  float beard = 0.0f;
  float lips = 0.0f;
  float flush = 0.0f;  ///< blood near the surface: cheeks, nose, ears
  float dark = 0.0f;   ///< lashes, nostrils
  float eye = 0.0f;    ///< open eye, drawn by the camera itself
};

/// Albedo of a painted vertex on a person of that look.
Rgb painted_albedo(const HeadPaint& paint, const VisibleAppearance& look);

}  // namespace thz::sim
