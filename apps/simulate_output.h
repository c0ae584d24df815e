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

/// {"minimum", "median", "maximum", "noise_floor_dbm", "mapping": {...}} of a capture.
nlohmann::json frame_json(const sim::Capture& capture, const data::GreyMapping& mapping);

}  // namespace thz::apps
