#include "face_regions.h"

namespace thz::apps {

std::vector<eval::RegionMask> face_regions() {
  // 5 mm a pixel; the eyes of the mean head lie 16 mm above the middle and 31 mm aside, the nose's
  // tip 20 mm and the mouth 55 mm below it.
  const eval::Region right_eye{"right eye", 25, 22, 8, 8};
  const eval::Region left_eye{"left eye", 25, 34, 8, 8};
  const eval::Region nose{"nose", 30, 28, 9, 8};
  const eval::Region mouth{"mouth", 40, 25, 7, 14};
  const eval::Region everything{"image", 0, 0, 64, 64};
  return {{"eye, subject's right", {right_eye}, {}},
          {"eye, subject's left", {left_eye}, {}},
          {"nose", {nose}, {}},
          {"mouth", {mouth}, {}},
          {"periphery", {everything}, {right_eye, left_eye, nose, mouth}}};
}

}  // namespace thz::apps
