#include "not_shown.h"

#include <algorithm>
#include <cmath>

#include "html.h"
#include "pictures.h"

namespace thz::report::internal {
namespace {

constexpr const char* kNetwork = "network";

bool was_trained(const eval::EvaluationResult& result, const std::string& task) {
  const std::string untrained = task + " was not among the tasks";
  return std::none_of(result.notes.begin(), result.notes.end(), [&](const std::string& note) {
    return note.find(untrained) != std::string::npos;
  });
}

void drop_untrained(ReportRun& run) {
  eval::EvaluationResult& result = run.result;
  if (!was_trained(result, "verification")) eval::leave_out_verification(result);
  if (!was_trained(result, "posture")) eval::leave_out_posture(result);
  if (!was_trained(result, "reconstruction")) {
    auto& all = result.reconstruction;
    all.erase(
        std::remove_if(all.begin(), all.end(), [](const auto& r) { return r.system == kNetwork; }),
        all.end());
  }
  // These are made of the network's embeddings and pictures.
  if (!has_verification(result)) {
    run.hard_pairs.clear();
    result.embedding_map.reset();
  }
  if (!has_reconstruction(result)) run.reconstructions.clear();
}

/// Figures of tasks that the evaluation lacks.
void add_tasks(const ReportRun& run, const std::string& name, std::vector<MissingPart>& parts) {
  const auto add = [&](const std::string& task, bool there) {
    if (there) return;
    parts.push_back({name + task, was_trained(run.result, task)
                                      ? "the evaluation holds no figures of it"
                                      : "not among the tasks of this training"});
  };
  add("verification", has_verification(run.result));
  add("posture", has_posture(run.result));
  add("reconstruction", has_reconstruction(run.result));
}

void add_history(const ReportRun& run, const std::string& name, std::vector<MissingPart>& parts) {
  if (run.history.rows.empty()) {
    parts.push_back({name + "training curves", "the log holds no finished epoch"});
    return;
  }
  std::vector<std::string> seen;
  for (const std::string& group : run.history.groups) {
    if (std::find(seen.begin(), seen.end(), group) != seen.end()) continue;
    seen.push_back(group);
    if (has_values(run.history, group)) continue;
    parts.push_back({name + "curves of the " + group, "no epoch has a value of it"});
  }
}

bool same_test(const ReportRun& a, const ReportRun& b) {
  return a.result.run.split_sha256 == b.result.run.split_sha256 &&
         a.result.run.dataset_sha256 == b.result.run.dataset_sha256;
}

/// Runs with pictures whose samples are not those that the layout shows.
void add_layout(const std::vector<ReportRun>& runs, std::vector<MissingPart>& parts) {
  const std::vector<const ReportRun*> shown = layout_runs(runs);
  for (const ReportRun& run : runs) {
    if (run.reconstructions.empty()) continue;
    if (std::find(shown.begin(), shown.end(), &run) != shown.end()) continue;
    const std::string part =
        "reconstructions of samples" + (runs.size() > 1 ? " by " + run.name : std::string());
    if (shown.empty() || same_test(run, *shown.front())) {
      parts.push_back({part, shown.empty()
                                 ? "the evaluation picked no samples"
                                 : "it has no sample in common with " + shown.front()->name});
    } else {
      parts.push_back({part, "it was tested on another split or data set than " +
                                 shown.front()->name + ", so their pictures cannot be compared"});
    }
  }
}

}  // namespace

bool has_verification(const eval::EvaluationResult& result) {
  return result.find_verification(kNetwork, true) != nullptr ||
         result.find_verification(kNetwork, false) != nullptr;
}

bool has_posture(const eval::EvaluationResult& result) { return result.posture.images > 0; }

bool has_reconstruction(const eval::EvaluationResult& result) {
  return result.find_reconstruction(kNetwork) != nullptr;
}

bool has_values(const TrainingHistory& history, const std::string& group) {
  for (std::size_t v = 0; v < history.groups.size(); ++v) {
    if (history.groups[v] != group) continue;
    for (const HistoryRow& row : history.rows) {
      if (v < row.values.size() && std::isfinite(row.values[v])) return true;
    }
  }
  return false;
}

ReportInput without_untrained(ReportInput input) {
  for (ReportRun& run : input.runs) drop_untrained(run);
  return input;
}

std::vector<MissingPart> missing_parts(const ReportInput& input) {
  std::vector<MissingPart> parts = input.not_shown;
  for (const ReportRun& run : input.runs) {
    const std::string name = input.runs.size() > 1 ? run.name + ": " : std::string();
    add_tasks(run, name, parts);
    add_history(run, name, parts);
  }
  add_layout(input.runs, parts);
  return parts;
}

std::string render_missing(const std::vector<MissingPart>& parts) {
  if (parts.empty()) return "";
  std::string out = "<div class=\"note\"><b>Not shown</b><ul>\n";
  for (const MissingPart& part : parts) {
    out += "<li>" + escape(part.what) + ": " + escape(part.why) + "</li>\n";
  }
  return out + "</ul></div>\n";
}

}  // namespace thz::report::internal
