#pragma once

#include <string>

#include "thz/report/report.h"

namespace thz::report::internal {

/// One paragraph in words from the headline figures (HTML).
std::string written_summary(const eval::EvaluationResult& result);

/// The row of large figures under the title.
std::string headline_cards(const eval::EvaluationResult& result);

}  // namespace thz::report::internal
