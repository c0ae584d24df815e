#pragma once

#include <limits>
#include <string>
#include <vector>

#include "html.h"
#include "thz/report/report.h"

namespace thz::report::internal {

inline constexpr double kNoChance = std::numeric_limits<double>::quiet_NaN();

inline BarRange percent_bar(double chance) { return {0.0, 1.0, chance, 100.0, 1}; }

/// CSS class of a system's row.
std::string css_of(const std::string& system);

/// Verification and identification of every system, with chance.
std::string verification_table(const eval::EvaluationResult& result);
/// Reconstruction of every system, with the ceiling.
std::string reconstruction_table(const eval::EvaluationResult& result);
std::string posture_table(const eval::PostureSummary& posture);
/// Confusion matrix as a heat table.
std::string confusion_figure(const eval::PostureSummary& posture);
/// Open-set identification and calibration of every system; empty for older results.
std::string open_set_table(const eval::EvaluationResult& result);
/// SSIM and PSNR of every system by region of the face; empty without regions.
std::string regional_table(const eval::EvaluationResult& result);
/// Student against teacher; empty without a teacher.
std::string alignment_table(const eval::EvaluationResult& result);
/// Scores by posture, by group of persons and by identity.
std::string group_tables(const eval::EvaluationResult& result);
/// Headline figures of several runs side by side.
std::string comparison_table(const std::vector<ReportRun>& runs);
/// Hashes, seed, version, time, budget.
std::string run_record_table(const eval::RunRecord& run);

}  // namespace thz::report::internal
