#pragma once

#include <string>

#include "pictures.h"
#include "thz/report/report.h"

namespace thz::report::internal {

/// Everything about one run: metrics, curves, confusion, reconstructions, training, record; tasks
/// without figures of the network are left out. `id` is unique on the page.
std::string render_run(const ReportRun& run, const PictureScale& scale, const std::string& id);

}  // namespace thz::report::internal
