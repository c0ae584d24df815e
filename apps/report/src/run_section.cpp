#include "run_section.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "not_shown.h"
#include "pictures.h"
#include "plots.h"
#include "result_tables.h"
#include "thz/core/error.h"

namespace thz::report::internal {
namespace {

std::string figure(const std::string& svg, const std::string& caption) {
  return "<figure>\n" + svg + figure_caption(caption) + "</figure>\n";
}

std::string history_section(const TrainingHistory& history, const std::string& id) {
  if (history.rows.empty()) return "";
  if (history.columns.size() != history.groups.size()) {
    throw_input("a training history has {} columns but {} groups", history.columns.size(),
                history.groups.size());
  }
  for (const HistoryRow& row : history.rows) {
    if (row.values.size() != history.columns.size()) {
      throw_input("epoch {} of a training history has {} values for {} columns", row.epoch,
                  row.values.size(), history.columns.size());
    }
  }
  std::vector<std::string> seen;
  std::string out = "<h3>Training</h3>\n<div class=\"columns\">\n";
  for (const std::string& group : history.groups) {
    if (std::find(seen.begin(), seen.end(), group) != seen.end()) continue;
    seen.push_back(group);
    if (!has_values(history, group)) continue;  // gnuplot refuses to draw nothing
    out += figure(history_plot(history, group, fmt::format("{}-history-{}", id, seen.size())),
                  "Training: " + escape(group) + " over the epochs.");
  }
  return out + "</div>\n";
}

std::string curves(const eval::EvaluationResult& result, const std::string& id) {
  const eval::VerificationSummary* network = result.find_verification("network", true);
  if (network == nullptr) return "";
  const bool distances = !network->genuine.share.empty() && !network->impostor.share.empty();
  return "<div class=\"columns\">\n" +
         figure(roc_plot(result, id + "-roc"),
                "Receiver operating characteristic, posture known.") +
         figure(det_plot(result, id + "-det"),
                "Detection error trade-off, logarithmic. Points that rest on fewer than "
                "30 errors are only indicative.") +
         (distances ? figure(histogram_plot(*network, id + "-histogram"),
                             "Distances of the network between a concealed and an unconcealed "
                             "image, posture known.")
                    : "") +
         figure(
             cmc_plot(result, id + "-cmc"),
             "Closed-set identification: share of probes whose person is among the first ranks.") +
         "</div>\n";
}

std::string embedding_figure(const eval::EvaluationResult& result, const std::string& id) {
  if (!result.embedding_map || result.embedding_map->points.empty()) return "";
  return "<div class=\"columns\">\n" +
         figure(embedding_plot(*result.embedding_map, id + "-embeddings"),
                "Embeddings of the test images on their first two principal components; filled: "
                "concealed, open: unconcealed.") +
         "</div>\n";
}

// A plot of no value at all is one that gnuplot refuses.
bool any_region(const eval::EvaluationResult& result) {
  for (const auto& system : result.reconstruction) {
    for (const auto& region : system.regions) {
      if (std::isfinite(region.ssim)) return true;
    }
  }
  return false;
}

std::string regions(const eval::EvaluationResult& result, const std::string& id) {
  const std::string table = regional_table(result);
  if (table.empty() || !any_region(result)) return table;
  return table + "<div class=\"columns\">\n" +
         figure(regions_plot(result, id + "-regions"),
                "Structural similarity by region of the face.") +
         "</div>\n";
}

std::string hard_pairs(const std::vector<HardPairRow>& pairs, const PictureScale& scale) {
  const ImageGrid grid = hard_pair_grid(pairs, scale);
  return grid.cells.empty() ? "" : render_grid(grid);
}

std::string margins_note(const eval::EvaluationResult& result) {
  const eval::VerificationSummary* network = result.find_verification("network", true);
  if (network == nullptr || !network->margins) return "";
  const eval::MarginStatistics& m = *network->margins;
  std::string out = fmt::format(
      "<p>Embedding geometry over the triplets: mean cosine distance {:.3f} to the positive and "
      "{:.3f} to the negative; L2 margin {:.3f}, normalised by the spread {:.3f}",
      m.cosine_positive, m.cosine_negative, m.l2_margin, m.normalised_margin);
  if (network->centroid_retrieval_at_5) {
    out += fmt::format("; own identity among the five nearest centroids in {}",
                       percent(*network->centroid_retrieval_at_5));
  }
  return out + ".</p>\n";
}

std::string notes(const std::vector<std::string>& lines) {
  if (lines.empty()) return "";
  std::string out = "<div class=\"note\"><b>Not measured</b><ul>\n";
  for (const std::string& line : lines) out += "<li>" + escape(line) + "</li>\n";
  return out + "</ul></div>\n";
}

}  // namespace

std::string render_run(const ReportRun& run, const PictureScale& scale, const std::string& id) {
  const eval::EvaluationResult& result = run.result;
  std::string out;
  if (has_verification(result)) {
    out += "<h3>Verification</h3>\n" + verification_table(result) + margins_note(result) +
           curves(result, id) + open_set_table(result) + embedding_figure(result, id) +
           hard_pairs(run.hard_pairs, scale);
  }
  if (has_reconstruction(result)) {
    out += "<h3>Reconstruction</h3>\n" + reconstruction_table(result) +
           render_reconstructions(run.reconstructions, scale) + regions(result, id);
  }
  if (has_posture(result)) {
    out += "<h3>Posture</h3>\n<div class=\"columns\">\n<div>" + posture_table(result.posture) +
           "</div>\n" + confusion_figure(result.posture) + "</div>\n";
  }
  out += alignment_table(result) + group_tables(result) + notes(result.notes) +
         history_section(run.history, id) + "<h3>Record</h3>\n" + run_record_table(result.run);
  return out;
}

}  // namespace thz::report::internal
