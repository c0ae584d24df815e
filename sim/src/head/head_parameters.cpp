#include "head_parameters.h"

#include <array>

#include "thz/core/error.h"
#include "thz/sim/parametric_head.h"

namespace thz::sim {
namespace {

using internal::kCorrelated;
using internal::kParameterCount;

const char* const kSurvey = "ANSUR II (2012), individual records";
const char* const kScan = "scan-derived model (ICT-FaceKit) with the sex shift inferred";
const char* const kChosen = "chosen to match slopes and curvatures of the scan-derived model";
const char* const kMemory = "anthropometric literature, unverified";

/// Correlations within one sex in percent, rows 1 .. kCorrelated - 1 below the diagonal. Survey
/// rows: mean of men and women of ANSUR II; rows of the face: scan-derived, size axis corrected;
/// neck and tragion height against the face: through face width and head breadth. Moved to the
/// nearest positive definite matrix (largest change stated in docs/theory/head.md).
constexpr std::array<int, kCorrelated*(kCorrelated - 1) / 2> kCorrelationPercent = {
    // clang-format off
    22,
    64, 19,
    20, 34, 22,
    32, 33, 47, 22,
    31, 28, 22, 17, 15,
    10, 14, 22, 17, 15, 12,
    7, 12, 9, 14, 11, -3, 32,
    13, -6, 8, 1, 0, 10, 26, 9,
    33, 29, 51, 23, 27, 20, 27, 14, -1,
    52, 43, 73, 42, 48, 17, 24, 19, 11, 39,
    68, 41, 58, 35, 57, 23, 25, 23, 29, 32, 58,
    51, 39, 44, 49, 41, 18, 40, 11, 26, 24, 39, 59,
    28, 14, 11, 19, 9, 9, 41, 3, 17, 6, 2, 29, 44,
    24, 33, 33, 37, 49, 8, 8, 33, 4, 18, 53, 29, 16, -28,
    22, 18, 41, 24, 41, 7, -4, 5, -2, 22, 37, 30, 7, -26, 41,
    22, 36, -8, 20, 3, 8, 15, 4, 14, -3, -7, 29, 31, 60, -23, 2,
    -4, -10, -23, -10, -30, -1, 0, -16, 0, -12, -36, -9, 15, 41, -71, -50, 38,
    -28, -23, -18, -24, -21, -9, -28, -13, -22, -10, -24, -22, -44, -7, -33, -2, -24, 15,
    -1, 10, -9, 9, -12, 0, -4, -11, 8, -5, 13, 2, 14, -15, 0, -11, 7, 11, -33,
    27, 39, 36, 32, 42, 9, 44, 27, 7, 19, 49, 31, 32, 11, 60, 28, 4, -43, -24, -10,
    11, 25, -2, 32, 11, 4, 16, 31, -4, 0, 10, 11, 4, 34, 23, -6, 25, -4, -4, -40, 22,
    -4, 12, 12, 27, 29, 0, -37, 14, -9, 7, 18, 4, 6, -55, 46, 32, -40, -45, 2, 1, 8, -10,
    -13, 8, 5, 21, 23, -4, -31, 6, -16, 3, 7, -7, -6, -51, 41, 31, -37, -36, 15, -14, 12, -7, 78,
    -10, 34, -6, 53, -6, -3, -18, 11, -20, -2, 23, 0, -4, -1, 20, 23, 8, -10, 3, 22, 11, 16, 15, 9,
    41, 42, 45, 50, 34, 14, 41, 29, 6, 24, 60, 47, 45, 27, 43, 21, 17, -15, -32, 16, 61, 21, -8, -17, 41,
    24, 2, 46, 16, 37, 8, 18, 21, -2, 24, 36, 36, 27, -10, 25, 33, -29, -21, -6, -9, 29, -12, 31, 29, 3, 31,
    21, -9, 29, 5, 20, 7, 20, -9, 12, 15, 23, 1, 12, 0, 16, -3, -19, -9, -11, -1, 25, -3, 1, 18, -21, 18, 22,
    -26, -9, -23, -14, -5, -9, -14, -8, -9, -13, -22, -8, -13, -16, -2, 7, 2, 3, 7, 5, -12, -3, 4, 7, 1, -17, 10, -28,
    20, 48, 12, 34, 45, 7, -16, 13, 5, 7, 34, 48, 23, -6, 37, 21, 20, -18, -14, 16, 13, 5, 38, 32, 17, 7, -1, -7, 8,
    3, 6, -7, 13, 15, 1, -33, -15, 6, -4, -14, 22, 6, -3, 0, 10, 17, 4, 6, 8, -24, -6, 24, 22, 1, -17, -19, -19, 21, 53,
    -19, -10, -5, -1, -10, -6, -18, 0, 2, -3, -3, -16, -11, -40, 16, -11, -55, -29, 7, 7, -7, -16, 41, 25, 9, -12, 10, 9, -4, 2, 2,
    41, 26, 67, 29, 65, 14, 5, 22, 4, 36, 66, 59, 30, -24, 57, 53, -31, -49, -11, -12, 35, -5, 49, 45, 6, 31, 57, 25, -8, 40, 9, 26,
    // clang-format on
};

std::vector<HeadParameterInfo> make_parameters() {
  return {
      {"head_breadth_mm", "mm", 154.3, 5.5, 147.8, 5.2, kSurvey},
      {"head_length_mm", "mm", 199.5, 7.0, 189.8, 7.4, kSurvey},
      {"face_width_mm", "mm", 142.6, 6.2, 133.8, 5.6, kSurvey},
      {"face_length_mm", "mm", 122.6, 6.7, 113.1, 6.1, kSurvey},
      {"interpupillary_mm", "mm", 64.0, 3.4, 61.7, 3.6, kSurvey},
      {"tragion_top_mm", "mm", 131.1, 6.2, 126.5, 6.5, kSurvey},
      {"ear_length_mm", "mm", 64.2, 4.5, 59.4, 3.9, kSurvey},
      {"ear_breadth_mm", "mm", 36.1, 3.0, 33.2, 2.8, kSurvey},
      {"ear_protrusion_mm", "mm", 23.2, 3.0, 20.4, 2.7, kSurvey},
      {"neck_circumference_mm", "mm", 397.6, 25.8, 329.8, 19.2, kSurvey},
      // The scan-derived widths less 5 mm, as the model is 4-5 % wider than the survey.
      {"gonial_breadth_mm", "mm", 124.7, 6.8, 116.5, 6.8, kScan},
      {"temple_breadth_mm", "mm", 117.5, 5.1, 113.4, 5.1, kScan},
      {"nose_length_mm", "mm", 52.0, 2.5, 48.4, 2.5, kScan},
      {"nose_protrusion_mm", "mm", 22.8, 1.9, 21.5, 1.9, kScan},
      {"nose_breadth_mm", "mm", 38.9, 4.4, 35.5, 4.4, kScan},
      {"nasal_root_breadth_mm", "mm", 17.6, 1.3, 16.8, 1.3, kScan},
      {"nasal_root_depth_mm", "mm", 15.7, 3.9, 15.0, 3.9, kScan},
      {"nose_bridge_curvature_per_mm", "1/mm", 0.1436, 0.0357, 0.1511, 0.0357, kScan},
      {"nose_tip_curvature_per_mm", "1/mm", 0.0995, 0.0230, 0.1144, 0.0230, kScan},
      {"nose_tip_elevation_deg", "deg", 11.3, 6.3, 10.6, 6.3, kScan},
      {"lip_length_mm", "mm", 52.4, 3.5, 49.0, 3.5, kScan},
      {"philtrum_length_mm", "mm", 13.9, 1.4, 12.9, 1.4, kScan},
      {"upper_vermilion_mm", "mm", 10.4, 1.7, 10.0, 1.7, kScan},
      {"lower_vermilion_mm", "mm", 10.5, 1.9, 10.1, 1.9, kScan},
      {"chin_height_mm", "mm", 27.4, 2.0, 25.2, 2.0, kScan},
      {"chin_breadth_mm", "mm", 63.8, 3.5, 58.4, 3.5, kScan},
      {"brow_height_mm", "mm", 24.5, 1.8, 23.1, 1.8, kScan},
      {"forehead_slope_deg", "deg", 19.6, 5.3, 17.1, 5.3, kScan},
      {"forehead_lateral_curvature_per_mm", "1/mm", 0.0114, 0.0053, 0.0144, 0.0053, kScan},
      {"palpebral_fissure_length_mm", "mm", 27.4, 2.0, 26.4, 2.0, kScan},
      {"eye_opening_mm", "mm", 8.3, 1.2, 8.6, 1.2, kScan},
      {"canthal_tilt_deg", "deg", 3.9, 2.4, 3.9, 2.4, kScan},
      {"cheekbone_breadth_mm", "mm", 94.6, 4.9, 90.7, 4.9, kScan},
      {"brow_projection_mm", "mm", 5.0, 1.5, 3.5, 1.5, kMemory},
      {"brow_tilt_deg", "deg", -8.7, 1.9, -8.7, 1.9, kScan},
      {"glabella_curvature_per_mm", "1/mm", 0.0309, 0.0117, 0.0270, 0.0117, kScan},
      {"orbit_depth_mm", "mm", 6.8, 1.4, 6.2, 1.4, kChosen},
      {"dorsal_hump_mm", "mm", 0.4, 1.2, -0.2, 1.2, kMemory},
      {"lip_protrusion_mm", "mm", 0.0, 1.8, 0.0, 1.8, kChosen},
      {"upper_lip_fullness_mm", "mm", 3.1, 1.0, 3.7, 1.0, kChosen},
      {"lower_lip_fullness_mm", "mm", 4.2, 1.1, 4.6, 1.1, kChosen},
      {"philtrum_depth_mm", "mm", 1.3, 0.5, 1.3, 0.5, kChosen},
      {"philtrum_width_mm", "mm", 14.8, 1.1, 14.3, 1.1, kScan},
      {"mentolabial_depth_mm", "mm", 3.6, 1.2, 3.4, 1.2, kChosen},
      {"chin_projection_mm", "mm", 5.3, 2.6, 4.7, 2.6, kChosen},
      {"chin_cleft_mm", "mm", 0.3, 0.5, 0.2, 0.4, kMemory},
      {"cheekbone_projection_mm", "mm", 3.0, 1.4, 3.3, 1.4, kChosen},
      {"cheekbone_height_mm", "mm", 0.0, 2.5, 0.5, 2.5, kChosen},
      {"cheek_fullness_mm", "mm", 0.0, 1.3, 0.2, 1.3, kChosen},
      {"nasolabial_depth_mm", "mm", 1.2, 0.5, 0.9, 0.5, kChosen},
      {"larynx_mm", "mm", 3.0, 1.2, 0.6, 0.4, kChosen},
  };
}

}  // namespace

const std::vector<HeadParameterInfo>& parametric_head_parameters() {
  static const std::vector<HeadParameterInfo> table = make_parameters();
  return table;
}

std::size_t parametric_head_parameter_index(const std::string& name) {
  const auto& table = parametric_head_parameters();
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table[i].name == name) return i;
  }
  throw_input(
      "unknown head parameter '{}'; allowed are the names of docs/theory/head.md, from '{}' to "
      "'{}'",
      name, table.front().name, table.back().name);
}

const std::vector<double>& parametric_head_correlation() {
  static const std::vector<double> matrix = [] {
    std::vector<double> m(kParameterCount * kParameterCount, 0.0);
    for (std::size_t i = 0; i < kParameterCount; ++i) m[i * kParameterCount + i] = 1.0;
    std::size_t at = 0;
    for (std::size_t i = 1; i < kCorrelated; ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const double r = 0.01 * kCorrelationPercent[at++];
        m[i * kParameterCount + j] = r;
        m[j * kParameterCount + i] = r;
      }
    }
    return m;
  }();
  return matrix;
}

}  // namespace thz::sim
