#include "result_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace thz::report::internal {
namespace {

std::string tar_cell(const eval::OperatingPoint& point) {
  if (point.refused) {
    return fmt::format("<span class=\"refused\">refused: {} errors</span>", point.false_matches);
  }
  return fmt::format("<span class=\"figure\">{:.1f}</span> <span class=\"interval\">{} / {}</span>",
                     100.0 * point.tar, point.false_matches, point.false_non_matches);
}

const char* const kIntervalNote =
    "Small figures are 95 % intervals from a bootstrap over identities, the tick in a bar is "
    "chance. "
    "An interval of no width says that no error was seen, not that there are none.";

std::vector<std::string> verification_row(const eval::EvaluationResult& result,
                                          const eval::VerificationSummary& v) {
  std::vector<std::string> row = {
      escape(v.title),
      interval_cell(v.triplet_accuracy, percent_bar(result.verification_chance)),
      interval_cell(v.eer, percent_bar(0.5)),
      interval_cell(v.rank_1, percent_bar(v.rank_1_chance)),
      interval_cell(v.rank_5, percent_bar(v.rank_5_chance)),
  };
  for (const auto& point : v.tar_at_far) row.push_back(tar_cell(point));
  return row;
}

std::vector<std::string> chance_row(const eval::EvaluationResult& result) {
  const eval::VerificationSummary& first = result.verification.front();
  std::vector<std::string> row = {"Chance", percent(result.verification_chance), percent(0.5),
                                  percent(first.rank_1_chance), percent(first.rank_5_chance)};
  for (const auto& point : first.tar_at_far) row.push_back(percent(point.far));
  return row;
}

// Lower end of a bar over SSIM or PSNR values: a little below the smallest limit.
BarRange range_over(const std::vector<eval::Interval>& intervals, int digits) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const auto& i : intervals) {
    low = std::min({low, i.value, std::isnan(i.low) ? i.value : i.low});
    high = std::max({high, i.value, std::isnan(i.high) ? i.value : i.high});
  }
  const double margin = 0.05 * std::max(high - low, 1e-6);
  return {low - margin, high + margin, kNoChance, 1.0, digits};
}

BarRange range_of(const eval::EvaluationResult& result,
                  eval::Interval eval::ReconstructionSummary::*member, int digits) {
  std::vector<eval::Interval> intervals;
  for (const auto& r : result.reconstruction) intervals.push_back(r.*member);
  return range_over(intervals, digits);
}

}  // namespace

std::string css_of(const std::string& system) {
  if (system == "network") return "ours";
  return system == "ceiling" ? "ceiling" : "";
}

std::string verification_table(const eval::EvaluationResult& result) {
  if (result.verification.empty()) return "";
  HtmlTable table;
  table.head = {"System", "Triplet accuracy (%)", "Equal error rate (%)", "Rank 1 (%)",
                "Rank 5 (%)"};
  for (const auto& point : result.verification.front().tar_at_far) {
    table.head.push_back(fmt::format("TAR (%) at FAR {:g} %", 100.0 * point.far));
  }
  for (const auto& v : result.verification) {
    table.rows.push_back(verification_row(result, v));
    table.row_classes.push_back(css_of(v.system));
  }
  table.rows.push_back(chance_row(result));
  table.row_classes.push_back("chance-row");
  return render_table(
      table,
      table_caption(std::string("Who is it? Concealed probes against unconcealed images. ") +
                    kIntervalNote +
                    " A true accept rate is followed by its false matches / false non-matches, and "
                    "refused where fewer than 30 false matches support its threshold."));
}

std::string reconstruction_table(const eval::EvaluationResult& result) {
  if (result.reconstruction.empty()) return "";
  using Summary = eval::ReconstructionSummary;
  HtmlTable table;
  table.head = {"System", "W-SSIM", "PSNR (dB)", "Edge SSIM", "Edge MAE", "Pairs"};
  const BarRange ssim = range_of(result, &Summary::ssim, 3);
  const BarRange psnr = range_of(result, &Summary::psnr_db, 2);
  const BarRange edge_ssim = range_of(result, &Summary::edge_ssim, 3);
  const BarRange edge_mae = range_of(result, &Summary::edge_mae, 4);
  for (const Summary& r : result.reconstruction) {
    table.rows.push_back({escape(r.title), interval_cell(r.ssim, ssim),
                          interval_cell(r.psnr_db, psnr), interval_cell(r.edge_ssim, edge_ssim),
                          interval_cell(r.edge_mae, edge_mae), std::to_string(r.pairs)});
    table.row_classes.push_back(css_of(r.system));
  }
  return render_table(
      table,
      table_caption(
          "What is under it? Each reconstruction against every independent unconcealed capture of "
          "the same person and posture in the test set; the ceiling is one such capture against "
          "another. Edge MAE: smaller is better. Bars span the values of their column."));
}

std::string posture_table(const eval::PostureSummary& posture) {
  HtmlTable table;
  table.head = {"Posture", "Accuracy (%)", "Macro F1", "Calibration error"};
  table.rows = {
      {"Network, concealed images", interval_cell(posture.accuracy, percent_bar(posture.chance)),
       number(posture.macro_f1, 3), number(posture.ece, 3)},
      {"Network, unconcealed images",
       interval_cell(posture.accuracy_unconcealed, percent_bar(posture.chance)), "–", "–"},
      {"Chance", percent(posture.chance), "–", "–"}};
  table.row_classes = {"ours", "", "chance-row"};
  return render_table(table, table_caption("Which way does the head face?"));
}

std::string confusion_figure(const eval::PostureSummary& posture) {
  std::string out = "<figure>\n<div class=\"scroll\"><table class=\"heat\">\n<thead><tr><td></td>";
  for (const std::string& name : posture.names) {
    out += "<th scope=\"col\">" + escape(name) + "</th>";
  }
  out += "</tr></thead>\n<tbody>\n";
  for (std::size_t t = 0; t < posture.confusion.size(); ++t) {
    uint64_t total = 0;
    for (const uint64_t n : posture.confusion[t]) total += n;
    const std::string name = t < posture.names.size() ? posture.names[t] : std::to_string(t);
    out += "<tr><th scope=\"row\">" + escape(name) + "</th>";
    for (const uint64_t n : posture.confusion[t]) {
      const double share = total > 0 ? static_cast<double>(n) / static_cast<double>(total) : 0.0;
      out += fmt::format("<td style=\"--heat:{:.0f}%\"{}>{}<small>{}</small></td>", 100.0 * share,
                         share > 0.5 ? " class=\"hot\"" : "", n, percent(share, 0));
    }
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n" +
         figure_caption(
             "Confusion of postures, concealed test images: true posture down, predicted across; "
             "count and share of the row.") +
         "</figure>\n";
}

std::string comparison_table(const std::vector<ReportRun>& runs) {
  HtmlTable table;
  table.head = {
      "Run",      "Triplet accuracy (%)", "Equal error rate (%)", "Posture accuracy (%)", "W-SSIM",
      "PSNR (dB)"};
  std::vector<eval::Interval> ssims, psnrs;
  for (const ReportRun& run : runs) {
    if (const auto* r = run.result.find_reconstruction("network")) {
      ssims.push_back(r->ssim);
      psnrs.push_back(r->psnr_db);
    }
  }
  const BarRange ssim = range_over(ssims, 3), psnr = range_over(psnrs, 2);
  for (const ReportRun& run : runs) {
    const auto* v = run.result.find_verification("network", true);
    const auto* r = run.result.find_reconstruction("network");
    const auto& posture = run.result.posture;
    table.rows.push_back(
        {escape(run.name) + (run.result.run.leaks ? " (leaks)" : ""),
         v ? interval_cell(v->triplet_accuracy, percent_bar(run.result.verification_chance)) : "–",
         v ? interval_cell(v->eer, percent_bar(0.5)) : "–",
         posture.images > 0 ? interval_cell(posture.accuracy, percent_bar(posture.chance)) : "–",
         r ? interval_cell(r->ssim, ssim) : "–", r ? interval_cell(r->psnr_db, psnr) : "–"});
  }
  return render_table(table, table_caption(std::string("The runs side by side, network, "
                                                       "posture known. ") +
                                           kIntervalNote));
}

std::string run_record_table(const eval::RunRecord& run) {
  std::vector<std::pair<std::string, std::string>> rows;
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) rows.emplace_back(key, value);
  };
  const auto count = [](uint64_t n) { return n > 0 ? std::to_string(n) : std::string(); };
  const auto seconds = [](double s) { return s > 0.0 ? fmt::format("{:.1f} s", s) : ""; };
  add("run", run.name);
  add("thzface version", run.version);
  add("seed", std::to_string(run.seed));
  add("split", run.split_name);
  add("seen in training", run.leaks ? "test images or partners of test triplets" : "");
  add("image exposures", count(run.image_exposures));
  add("base channels", count(static_cast<uint64_t>(std::max(0, run.width))));
  add("epochs", count(static_cast<uint64_t>(std::max(0, run.epochs))));
  add("training time", seconds(run.train_seconds));
  add("evaluation time", seconds(run.evaluate_seconds));
  add("machine", run.machine);
  add("scene SHA-256", run.scene_sha256);
  add("data set SHA-256", run.dataset_sha256);
  add("split SHA-256", run.split_sha256);
  add("checkpoint SHA-256", run.checkpoint_sha256);
  add("command", run.command);
  for (const auto& [key, value] : run.extra) add(key.c_str(), value);
  return render_key_values(rows, table_caption("What was run."));
}

}  // namespace thz::report::internal
