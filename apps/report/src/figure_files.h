#pragma once

#include <filesystem>
#include <string>

#include "thz/report/report.h"

namespace thz::report::internal {

/// Every plot of a rendered page as ID.svg, in the light page's colours and on its own; of each run
/// the confusion matrix as SVG, reconstructions and hardest pairs as PNG; layout and sample
/// pictures (samples-N.png, one a grid) as PNG. What the page lacks has no file. The folder is made
/// if need be; other files in it stay. @throws InputError if it cannot be written.
void write_figures(const std::string& page, const ReportInput& input,
                   const std::filesystem::path& folder);

/// An inline <svg> of a page as a file of its own.
std::string standalone_svg(std::string svg);

}  // namespace thz::report::internal
