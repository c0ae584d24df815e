#include "thz/eval/face_regions.h"

#include <cmath>

#include "thz/core/error.h"

namespace thz::eval {

std::vector<RegionMask> face_regions(int size_px, double roi_m) {
  if (!(roi_m >= 0.19 && roi_m <= 2.0)) {
    throw_input("the regions of the face need a region of interest of 0.19 to 2 m, this one is {}",
                roi_m);
  }
  // Metres from the middle of the image to the right and upwards. The eyes of the mean head lie
  // 16 mm above the middle and 31 mm aside, the nose's tip 20 mm and the mouth 55 mm below it.
  const auto rectangle = [&](const char* name, double left, double right, double bottom,
                             double top) {
    const auto pixel = [&](double m) {
      return static_cast<int>(std::lround((m / roi_m + 0.5) * size_px));
    };
    const int row = pixel(-top), col = pixel(left);
    return Region{name, row, col, pixel(-bottom) - row, pixel(right) - col};
  };
  const Region right_eye = rectangle("right eye", -0.050, -0.010, -0.005, 0.035);
  const Region left_eye = rectangle("left eye", 0.010, 0.050, -0.005, 0.035);
  const Region nose = rectangle("nose", -0.020, 0.020, -0.035, 0.010);
  const Region mouth = rectangle("mouth", -0.035, 0.035, -0.075, -0.040);
  const Region everything{"image", 0, 0, size_px, size_px};
  return {{"eye, subject's right", {right_eye}, {}},
          {"eye, subject's left", {left_eye}, {}},
          {"nose", {nose}, {}},
          {"mouth", {mouth}, {}},
          {"periphery", {everything}, {right_eye, left_eye, nose, mouth}}};
}

}  // namespace thz::eval
