#pragma once

#include <string>
#include <vector>

#include "thz/report/report.h"

namespace thz::apps {

/// Gathers what the page shows from run folders: evaluation, history, examples, and from the data
/// set of the first (where it still is) the scene and samples. What is not there is listed in
/// ReportInput::not_shown.
/// @param data  the first run's data set, folder or file, in place of where it was trained; may be
///              empty
/// @throws thz::InputError if a run was not evaluated yet, a file is damaged, or `data` is not what
/// the first run was trained on.
report::ReportInput gather_report(const std::vector<std::string>& runs,
                                  const std::string& data = "");

}  // namespace thz::apps
