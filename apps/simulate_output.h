#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "thz/data/capture.h"
#include "thz/data/imaging.h"

namespace thz::apps {

/// Pictures and HDF5 of one simulated capture, written to `folder`; returns the paths.
std::vector<std::string> write_capture(const std::string& folder, const sim::Scene& scene,
                                       const data::StagedScene& staged, const sim::Capture& capture,
                                       const data::ThzPicture& picture,
                                       const data::ImagingOptions& imaging, bool dump_stages);

/// {"threshold_db", "threshold_dbm", "seen", "least_z_m", "median_z_m", "largest_z_m"} of the depth
/// map of a capture with its range bins; heights are null where nothing is seen.
nlohmann::json depth_json(const sim::Scene& scene, const sim::Capture& capture);

/// {"minimum", "median", "maximum", "noise_floor_dbm", "mapping": {...}} of a capture.
nlohmann::json frame_json(const sim::Capture& capture, const data::GreyMapping& mapping);

}  // namespace thz::apps
