#pragma once

#include <string>

#include "html.h"
#include "thz/report/report.h"

namespace thz::report::internal {

/// Everything about one run: metrics, curves, confusion, reconstructions, training, record. `id` is
/// unique on the page.
std::string render_run(const ReportRun& run, double reconstruction_width_m, const std::string& id);

}  // namespace thz::report::internal
