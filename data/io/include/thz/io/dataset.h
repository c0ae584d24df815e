#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "thz/core/image.h"

namespace thz::io {

/// The five postures in label order; label 0 is "front-left".
inline const std::vector<std::string> kPostureNames = {"front-left", "front-center", "front-right",
                                                       "full-left", "full-right"};

/// One capture: what `/thz`, `/label` and `/provenance` hold at one row (schema
/// thzface-dataset/1, docs/formats/dataset.md).
struct DatasetRow {
  ImageF image;  ///< [64][64], grey in [0, 1], row 0 at the top (+y)
  ImageF power;  ///< [lines][samples], received over transmitted power; may be empty
  int32_t identity = 0;
  int32_t posture = 0;  ///< index into kPostureNames
  uint8_t concealed = 0;
  int32_t capture = 0;         ///< number of the capture within its (identity, posture, condition)
  int32_t visible_index = -1;  ///< row of the paired visible picture, -1 if there is none
  int32_t fabric = -1;         ///< index into DatasetHeader::fabric_names, -1 when bare
  uint64_t seed = 0;           ///< run seed this row was made with
  std::vector<float> soft_biometrics;    ///< [K], DatasetHeader::soft_biometric_names
  std::vector<float> head_coefficients;  ///< [C], DatasetHeader::head_coefficient_names
  std::vector<float> pose;               ///< yaw, pitch, roll (deg), x, y, z (m): [6]
  std::vector<float> nuisance;           ///< [Q], DatasetHeader::nuisance_names
};

/// One paired visible picture: what `/visible` holds at one row.
struct VisibleRow {
  ImageF image;  ///< [64][64], display grey in [0, 1]
  int32_t identity = 0;
  int32_t posture = 0;
  uint8_t concealed = 0;
};

/// What is common to all rows; the root attributes of the file.
struct DatasetHeader {
  uint64_t rows = 0;
  uint64_t visible_rows = 0;
  int power_lines = 0;  ///< 0: no /thz/power
  int power_samples = 0;
  uint64_t seed = 0;
  std::string scene_toml;  ///< resolved scene the rows were made from
  std::string scene_sha256;
  std::string plan_toml;  ///< resolved plan
  std::string plan_sha256;
  std::string instruction_set;
  std::string thzface_version;
  std::string mapping_json;  ///< frozen grey mapping: kind, p_ref, gamma
  std::vector<std::string> fabric_names;
  std::vector<std::string> soft_biometric_names;  ///< with unit, e.g. "nose_breadth_mm"
  std::vector<std::string> head_coefficient_names;
  std::vector<std::string> nuisance_names;
};

}  // namespace thz::io
