#pragma once

#include <string>
#include <vector>

#include "html.h"
#include "thz/report/report.h"

namespace thz::report::internal {

/// Verification and identification of every system, with chance.
std::string verification_table(const eval::EvaluationResult& result, Numbering& numbering);
/// Reconstruction of every system, with the ceiling.
std::string reconstruction_table(const eval::EvaluationResult& result, Numbering& numbering);
std::string posture_table(const eval::PostureSummary& posture, Numbering& numbering);
/// Confusion matrix as a heat table.
std::string confusion_figure(const eval::PostureSummary& posture, Numbering& numbering);
/// Scores by posture and by identity.
std::string group_tables(const eval::EvaluationResult& result, Numbering& numbering);
/// Headline figures of several runs side by side.
std::string comparison_table(const std::vector<ReportRun>& runs, Numbering& numbering);
/// Hashes, seed, version, time, budget.
std::string run_record_table(const eval::RunRecord& run, Numbering& numbering);

}  // namespace thz::report::internal
