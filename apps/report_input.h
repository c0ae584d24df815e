#pragma once

#include <string>
#include <vector>

#include "thz/report/report.h"

namespace thz::apps {

/// Gathers what the page shows from run folders: evaluation, history, examples, and from their data
/// set (where it still is) the scene and samples.
/// @throws thz::InputError if a run was not evaluated yet or a file is damaged.
report::ReportInput gather_report(const std::vector<std::string>& runs);

}  // namespace thz::apps
