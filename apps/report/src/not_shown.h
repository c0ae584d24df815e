#pragma once

#include <string>
#include <vector>

#include "thz/report/report.h"

namespace thz::report::internal {

/// Whether there are figures of the network, not of baselines alone.
bool has_verification(const eval::EvaluationResult& result);
bool has_posture(const eval::EvaluationResult& result);
bool has_reconstruction(const eval::EvaluationResult& result);
/// Of a training history: any finite value in the columns of that group.
bool has_values(const TrainingHistory& history, const std::string& group);

/// The input without the figures and pictures of tasks that a run was not trained for: evaluations
/// of before have them, with a note that they tell nothing.
ReportInput without_untrained(ReportInput input);

/// ReportInput::not_shown and what follows from the runs of without_untrained(): tasks without
/// figures, curves without values, runs that do not fit into the layout.
std::vector<MissingPart> missing_parts(const ReportInput& input);

/// The list under "Not shown"; empty without parts.
std::string render_missing(const std::vector<MissingPart>& parts);

}  // namespace thz::report::internal
