#pragma once

#include <string>

#include "thz/report/report.h"

namespace thz::apps {

/// Adds title, subtitle, instrument, subjects and sample pictures from the data set that the first
/// of the input's runs was trained on; what it cannot find goes to ReportInput::not_shown.
/// @param run    folder of that run, whose data-path.txt says where the data set lay
/// @param given  data set named by the caller, folder or file, in place of the noted one; may be
///               empty
/// @throws thz::InputError if the given data set is missing, damaged or not the one that the run
/// was trained on, or a picture of the noted one is damaged.
void add_data(const std::string& run, const std::string& given, report::ReportInput& input);

/// Where the run was trained, as its data-path.txt notes it; empty without one.
std::string noted_data(const std::string& run);

}  // namespace thz::apps
