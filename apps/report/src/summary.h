#pragma once

#include <string>

#include "thz/report/report.h"

namespace thz::report::internal {

/// One paragraph in words from the headline figures (HTML).
std::string written_summary(const eval::EvaluationResult& result);

/// What is to be known before figures of a split that leaks are compared; empty for others.
std::string leak_remark(const eval::EvaluationResult& result);

/// The row of large figures under the title; empty without figures of the network.
std::string headline_cards(const eval::EvaluationResult& result);

}  // namespace thz::report::internal
