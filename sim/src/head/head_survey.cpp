#include "head_survey.h"

// Published and computed figures the population is drawn from; one row a parameter. Nothing else in
// this file.

namespace thz::sim::internal {
namespace {

const char* const kAnsur =
    "ANSUR II, 2012 Anthropometric Survey of U.S. Army Personnel: individual records, ages 17-58";
const char* const kScan =
    "ICT-FaceKit (MIT), 2000 draws; sex shift by the axis that reproduces ANSUR II";
const char* const kNorms =
    "ICT-FaceKit (MIT), 2000 draws; sex shift d of 3D Facial Norms, Kesterke et al. 2016";
const char* const kSite = "ICT-FaceKit (MIT), 2000 draws, both sexes; no sex shift known";
const char* const kFarkas =
    "Farkas, Anthropometry of the Head and Face, 1994: from memory, unverified";
const char* const kChosen = "chosen beside pictures and slopes of ICT-FaceKit";
const char* const kMemory = "anthropometric literature, unverified";

// name, unit, men mean and SD, women mean and SD, change a decade of age in men and women,
// source. Changes of survey sizes: ANSUR II at fixed body mass index and stature; all others
// follow reports of ageing (longer ears, nose and philtrum, thinner lips, lower brows):
// unverified.
const std::vector<HeadParameterInfo> kSurveyRows = {
    {"head_breadth_mm", "mm", 154.3, 5.5, 147.8, 5.2, -0.48, -0.24, kAnsur, true},
    {"head_length_mm", "mm", 199.5, 7.0, 189.8, 7.4, -0.26, -0.79, kAnsur, true},
    {"face_width_mm", "mm", 142.6, 6.2, 133.8, 5.6, -0.07, -0.39, kAnsur, true},
    {"face_length_mm", "mm", 122.6, 6.7, 113.1, 6.1, 0.26, 0.37, kAnsur, true},
    {"interpupillary_mm", "mm", 64.0, 3.4, 61.7, 3.6, 0.46, 0.26, kAnsur, true},
    {"ear_length_mm", "mm", 64.2, 4.5, 59.4, 3.9, 1.40, 0.94, kAnsur, true},
    {"ear_breadth_mm", "mm", 36.1, 3.0, 33.2, 2.8, 0.56, 0.53, kAnsur, true},
    {"ear_protrusion_mm", "mm", 23.2, 3.0, 20.4, 2.7, -0.12, -0.17, kAnsur, true},
    {"tragion_top_mm", "mm", 131.1, 6.2, 126.5, 6.5, -0.88, -0.42, kAnsur, true},
    {"neck_circumference_mm", "mm", 397.6, 25.8, 329.8, 19.2, 2.76, 1.97, kAnsur, true},
    {"neck_base_circumference_mm", "mm", 434.6, 25.7, 371.2, 19.7, 1.91, 0.67, kAnsur, true},
    // Less 5 mm: the model is 4-5 % wider than the survey at the arch and above the ears.
    {"gonial_breadth_mm", "mm", 124.7, 6.8, 116.5, 6.8, 0.0, 0.0, kNorms, true},
    {"temple_breadth_mm", "mm", 117.5, 5.1, 113.4, 5.1, 0.0, 0.0, kNorms, true},
    {"chin_breadth_mm", "mm", 63.8, 3.5, 58.4, 3.5, 0.0, 0.0, kScan, true},
    {"cheekbone_breadth_mm", "mm", 94.6, 4.9, 90.7, 4.9, 0.0, 0.0, kScan, true},
    {"biocular_breadth_mm", "mm", 91.4, 4.8, 86.9, 4.8, 0.0, 0.0, kNorms, true},
    // The scans' inner corners lie on the lid, 2 mm too far out.
    {"intercanthal_breadth_mm", "mm", 33.3, 2.7, 31.8, 2.3, 0.0, 0.0, kFarkas, true},
    {"eye_opening_mm", "mm", 10.4, 1.1, 11.1, 1.2, -0.25, -0.25, kFarkas, true},
    {"canthal_tilt_deg", "deg", 3.9, 2.4, 3.9, 2.4, -0.3, -0.3, kScan, true},
    {"nose_length_mm", "mm", 52.0, 2.5, 48.4, 2.5, 0.5, 0.5, kScan, true},
    {"nose_bridge_length_mm", "mm", 42.4, 2.4, 39.1, 2.4, 0.5, 0.5, kScan, true},
    {"nose_protrusion_mm", "mm", 22.8, 1.9, 21.5, 1.9, 0.2, 0.2, kScan, true},
    {"nose_depth_mm", "mm", 23.8, 3.4, 22.5, 3.4, 0.0, 0.0, kScan, true},
    {"nose_breadth_mm", "mm", 38.9, 4.4, 35.5, 4.4, 0.4, 0.4, kScan, true},
    {"nasal_root_breadth_mm", "mm", 17.6, 1.3, 16.8, 1.3, 0.0, 0.0, kScan, false},
    {"nasal_root_depth_mm", "mm", 15.7, 3.9, 15.0, 3.9, 0.0, 0.0, kScan, true},
    {"nose_bridge_slope_deg", "deg", 34.7, 3.2, 35.3, 3.2, 0.0, 0.0, kScan, true},
    {"nose_bridge_curvature_per_mm", "1/mm", 0.1436, 0.0357, 0.1511, 0.0357, 0.0, 0.0, kScan, true},
    // Mean of both principal curvatures.
    {"nose_tip_curvature_per_mm", "1/mm", 0.0866, 0.0200, 0.1006, 0.0200, 0.0, 0.0, kScan, true},
    {"nose_tip_elevation_deg", "deg", 11.3, 6.3, 10.6, 6.3, -1.5, -1.5, kScan, false},
    {"sellion_curvature_per_mm", "1/mm", -0.0681, 0.0213, -0.0688, 0.0213, 0.0, 0.0, kScan, true},
    {"lip_length_mm", "mm", 52.4, 3.5, 49.0, 3.5, 0.3, 0.3, kScan, true},
    {"philtrum_length_mm", "mm", 13.9, 1.4, 12.9, 1.4, 0.6, 0.6, kScan, true},
    {"upper_vermilion_mm", "mm", 10.4, 1.7, 10.0, 1.7, -0.6, -0.6, kScan, true},
    {"lower_vermilion_mm", "mm", 10.5, 1.9, 10.1, 1.9, -0.4, -0.4, kScan, true},
    {"philtrum_width_mm", "mm", 14.8, 1.1, 14.3, 1.1, 0.0, 0.0, kScan, false},
    {"nasolabial_angle_deg", "deg", 125.5, 10.1, 124.5, 10.1, 0.0, 0.0, kScan, true},
    {"mentolabial_angle_deg", "deg", 134.2, 14.8, 129.7, 14.8, 0.0, 0.0, kScan, true},
    {"philtrum_elevation_deg", "deg", -1.3, 13.8, -1.7, 13.8, 0.0, 0.0, kScan, true},
    {"upper_lip_elevation_deg", "deg", -0.6, 11.4, -5.3, 11.4, 0.0, 0.0, kScan, true},
    {"lower_lip_elevation_deg", "deg", 14.9, 8.0, 11.1, 8.0, 0.0, 0.0, kScan, true},
    {"chin_height_mm", "mm", 27.4, 2.0, 25.2, 2.0, 0.0, 0.0, kScan, true},
    {"facial_convexity_deg", "deg", 168.2, 5.6, 166.4, 5.6, 0.0, 0.0, kScan, true},
    {"chin_elevation_deg", "deg", 2.5, 8.7, 0.4, 8.7, 0.0, 0.0, kScan, true},
    {"chin_curvature_per_mm", "1/mm", 0.0327, 0.0202, 0.0422, 0.0202, 0.0, 0.0, kScan, true},
    {"brow_height_mm", "mm", 24.5, 1.8, 23.1, 1.8, -0.3, -0.3, kScan, false},
    {"brow_tilt_deg", "deg", -8.7, 1.9, -8.7, 1.9, 0.0, 0.0, kScan, false},
    {"brow_azimuth_deg", "deg", 18.6, 3.3, 17.9, 3.3, 0.0, 0.0, kScan, true},
    {"brow_elevation_deg", "deg", -4.1, 6.2, -4.0, 6.2, 0.0, 0.0, kScan, true},
    {"brow_curvature_per_mm", "1/mm", 0.0698, 0.0156, 0.0718, 0.0156, 0.0, 0.0, kScan, true},
    {"glabella_elevation_deg", "deg", 1.2, 4.6, 0.6, 4.6, 0.0, 0.0, kScan, true},
    {"glabella_curvature_per_mm", "1/mm", 0.0309, 0.0117, 0.0270, 0.0117, 0.0, 0.0, kScan, true},
    {"forehead_slope_deg", "deg", 19.6, 5.3, 17.1, 5.3, 0.0, 0.0, kScan, true},
    {"forehead_elevation_deg", "deg", 23.1, 5.1, 22.2, 5.1, 0.0, 0.0, kScan, true},
    {"forehead_curvature_per_mm", "1/mm", 0.0118, 0.0060, 0.0144, 0.0060, 0.0, 0.0, kScan, true},
    {"forehead_lateral_curvature_per_mm", "1/mm", 0.0114, 0.0053, 0.0144, 0.0053, 0.0, 0.0, kScan,
     true},
    {"forehead_lateral_azimuth_deg", "deg", 33.8, 3.2, 34.4, 3.2, 0.0, 0.0, kScan, true},
    {"forehead_lateral_elevation_deg", "deg", 19.5, 5.0, 18.0, 5.0, 0.0, 0.0, kScan, true},
    {"cheekbone_azimuth_deg", "deg", 27.7, 3.6, 28.6, 3.6, 0.0, 0.0, kScan, true},
    {"cheekbone_elevation_deg", "deg", 13.4, 6.0, 14.6, 6.0, 0.0, 0.0, kScan, true},
    {"cheekbone_curvature_per_mm", "1/mm", 0.0248, 0.0062, 0.0251, 0.0062, 0.0, 0.0, kScan, true},
    {"cheek_azimuth_deg", "deg", 18.5, 5.8, 17.1, 5.8, 0.0, 0.0, kScan, true},
    {"cheek_elevation_deg", "deg", 12.6, 4.2, 14.3, 4.2, 0.0, 0.0, kScan, true},
    {"cheek_curvature_per_mm", "1/mm", 0.0044, 0.0087, 0.0069, 0.0087, 0.0, 0.0, kScan, true},
    {"temple_azimuth_deg", "deg", 58.0, 3.8, 58.0, 3.8, 0.0, 0.0, kSite, true},
    {"temple_elevation_deg", "deg", 12.0, 3.8, 12.0, 3.8, 0.0, 0.0, kSite, true},
    {"zygoma_azimuth_deg", "deg", 61.0, 3.3, 61.0, 3.3, 0.0, 0.0, kSite, true},
    {"zygoma_elevation_deg", "deg", 6.0, 3.9, 6.0, 3.9, 0.0, 0.0, kSite, true},
    {"jaw_azimuth_deg", "deg", 59.0, 4.4, 59.0, 4.4, 0.0, 0.0, kSite, true},
    {"jaw_elevation_deg", "deg", -20.0, 4.4, -20.0, 4.4, 0.0, 0.0, kSite, true},
    {"brow_projection_mm", "mm", 5.0, 1.5, 3.5, 1.5, 0.0, 0.0, kMemory, false},
    {"orbit_depth_mm", "mm", 6.8, 1.4, 6.2, 1.4, 0.2, 0.2, kChosen, false},
    {"dorsal_hump_mm", "mm", 0.4, 1.2, -0.2, 1.2, 0.0, 0.0, kMemory, false},
    {"nose_tip_cleft_mm", "mm", 0.2, 0.3, 0.15, 0.25, 0.0, 0.0, kChosen, false},
    {"wing_height_mm", "mm", 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, kChosen, false},
    {"columella_show_mm", "mm", 0.0, 0.8, 0.0, 0.8, 0.0, 0.0, kChosen, false},
    {"upper_lip_fullness_mm", "mm", 3.1, 1.0, 3.7, 1.0, -0.15, -0.15, kChosen, false},
    {"lower_lip_fullness_mm", "mm", 4.2, 1.1, 4.6, 1.1, -0.15, -0.15, kChosen, false},
    {"philtrum_depth_mm", "mm", 1.3, 0.5, 1.3, 0.5, -0.1, -0.1, kChosen, false},
    {"chin_cleft_mm", "mm", 0.3, 0.5, 0.2, 0.4, 0.0, 0.0, kMemory, false},
    {"cheekbone_projection_mm", "mm", 3.0, 1.4, 3.3, 1.4, 0.0, 0.0, kChosen, false},
    {"cheekbone_height_mm", "mm", 0.0, 2.5, 0.5, 2.5, 0.0, 0.0, kChosen, false},
    {"cheek_fullness_mm", "mm", 0.0, 1.3, 0.2, 1.3, -0.35, -0.35, kChosen, false},
    {"nasolabial_depth_mm", "mm", 1.0, 0.5, 0.8, 0.5, 0.35, 0.35, kChosen, false},
    {"eye_bag_mm", "mm", 0.6, 0.4, 0.5, 0.4, 0.3, 0.3, kChosen, false},
    {"lid_crease_mm", "mm", 1.0, 0.5, 1.2, 0.5, 0.1, 0.1, kChosen, false},
    {"jowl_mm", "mm", 0.5, 1.0, 0.3, 0.9, 0.4, 0.4, kChosen, false},
    {"gonion_height_mm", "mm", 0.0, 4.0, 2.0, 4.0, 0.0, 0.0, kChosen, false},
    {"larynx_mm", "mm", 3.0, 1.2, 0.6, 0.4, 0.0, 0.0, kChosen, false},
    {"ear_tilt_deg", "deg", 13.0, 4.0, 13.0, 4.0, 0.0, 0.0, kChosen, false},
    {"ear_lobe_mm", "mm", 0.0, 1.5, 0.0, 1.5, 0.3, 0.3, kChosen, false},
    {"helix_roll_mm", "mm", 2.8, 0.7, 2.8, 0.7, 0.0, 0.0, kChosen, false},
};

}  // namespace

std::vector<HeadParameterInfo> survey_table() { return kSurveyRows; }

}  // namespace thz::sim::internal
