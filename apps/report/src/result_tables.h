#pragma once

#include <string>
#include <vector>

#include "html.h"
#include "thz/report/report.h"

namespace thz::report::internal {

/// Verification and identification of every system, with chance.
std::string verification_table(const eval::EvaluationResult& result);
/// Reconstruction of every system, with the ceiling.
std::string reconstruction_table(const eval::EvaluationResult& result);
std::string posture_table(const eval::PostureSummary& posture);
/// Confusion matrix as a heat table.
std::string confusion_figure(const eval::PostureSummary& posture);
/// Scores by posture and by identity.
std::string group_tables(const eval::EvaluationResult& result);
/// Headline figures of several runs side by side.
std::string comparison_table(const std::vector<ReportRun>& runs);
/// Hashes, seed, version, time, budget.
std::string run_record_table(const eval::RunRecord& run);

}  // namespace thz::report::internal
