#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "not_shown.h"
#include "result_tables.h"

namespace thz::report::internal {
namespace {

std::string refused(uint64_t errors) {
  return fmt::format("<span class=\"refused\">refused: {} errors</span>", errors);
}

std::string fnir_cell(const eval::OpenSetPoint& point) {
  if (point.refused) return refused(point.false_positives);
  return interval_cell(point.fnir, percent_bar(kNoChance));
}

std::string group_eer(const eval::GroupScore& group) {
  if (std::isnan(group.eer.value)) return "–";
  if (group.eer_errors < static_cast<uint64_t>(eval::kRuleOf30)) return refused(group.eer_errors);
  return interval_cell(group.eer, percent_bar(0.5));
}

// Columns of the tasks that were judged alone.
std::string group_table(const eval::EvaluationResult& result, const std::string& kind) {
  const bool verification = has_verification(result), posture = has_posture(result),
             pictures = has_reconstruction(result);
  HtmlTable table;
  table.head = {kind, "Persons", "Probes"};
  if (verification) {
    table.head.insert(table.head.end(), {"Triplet accuracy (%)", "Equal error rate (%)"});
  }
  if (posture) table.head.emplace_back("Posture");
  if (pictures) table.head.emplace_back("W-SSIM");
  for (const auto& group : result.groups) {
    if (group.kind != kind) continue;
    const bool counted = group.persons > 0;  // older results have no intervals
    std::vector<std::string> row = {escape(group.name),
                                    counted ? std::to_string(group.persons) : "–",
                                    std::to_string(group.probes)};
    if (verification) {
      const eval::Interval triplets =
          counted ? group.triplet_interval
                  : eval::Interval{group.triplet_accuracy, kNoChance, kNoChance};
      row.push_back(interval_cell(triplets, percent_bar(result.verification_chance)));
      row.push_back(counted ? group_eer(group) : "–");
    }
    if (posture) row.push_back(percent(group.posture_accuracy));
    if (pictures) row.push_back(number(group.ssim, 3));
    table.rows.push_back(std::move(row));
  }
  return render_table(table, table_caption("Network, concealed probes, by " + escape(kind) + "."));
}

std::vector<std::string> alignment_row(const char* title, const eval::AlignmentSpace& space) {
  const BarRange plain{0.0, 1.0, kNoChance, 1.0, 3};
  return {title, interval_cell(space.cka, plain), interval_cell(space.rank_correlation, plain),
          interval_cell(space.cosine, plain),
          interval_cell(space.retrieval_at_5, percent_bar(kNoChance))};
}

}  // namespace

std::string open_set_table(const eval::EvaluationResult& result) {
  HtmlTable table;
  for (const auto& v : result.verification) {
    if (!v.open_set || !v.calibration) continue;
    if (table.head.empty()) {
      table.head = {"System"};
      for (const auto& point : v.open_set->points) {
        table.head.push_back(fmt::format("FNIR (%) at FPIR {:g} %", 100.0 * point.fpir));
      }
      table.head.insert(table.head.end(), {"Cllr, calibrated", "Cllr, least", "Cllr, raw"});
    }
    std::vector<std::string> row = {escape(v.title)};
    for (const auto& point : v.open_set->points) row.push_back(fnir_cell(point));
    row.push_back(interval_cell(v.calibration->calibrated, {0.0, 1.0, 1.0, 1.0, 3}));
    row.push_back(number(v.calibration->minimum, 3));
    row.push_back(number(v.calibration->raw, 3));
    table.rows.push_back(std::move(row));
    table.row_classes.push_back(css_of(v.system));
  }
  if (table.rows.empty()) return "";
  return render_table(
      table,
      table_caption(
          "Open-set identification and calibration. FNIR: searches for an enrolled person that do "
          "not return that person first and within the threshold; FPIR: searches for a person who "
          "is not enrolled that return anybody; refused where fewer than 30 such searches place "
          "the threshold. Cllr (bits): 0 is certain and right, 1 says nothing. Calibrated: with an "
          "affine map learned on other persons; least: with the best monotonic map of these very "
          "pairs; raw: the negative distance taken as a log-likelihood ratio."));
}

std::string regional_table(const eval::EvaluationResult& result) {
  if (result.reconstruction.empty() || result.reconstruction.front().regions.empty()) return "";
  HtmlTable table;
  table.head = {"System"};
  for (const auto& region : result.reconstruction.front().regions) {
    table.head.push_back(escape(region.name));
  }
  for (const auto& r : result.reconstruction) {
    std::vector<std::string> row = {escape(r.title)};
    for (const auto& region : r.regions) {
      row.push_back(
          fmt::format("<span class=\"figure\">{}</span> <span class=\"interval\">{} "
                      "dB</span>",
                      number(region.ssim, 3), number(region.psnr_db, 2)));
    }
    table.rows.push_back(std::move(row));
    table.row_classes.push_back(css_of(r.system));
  }
  return render_table(table,
                      table_caption("Structural similarity and PSNR by region of the face, of a "
                                    "frontal head in every posture."));
}

std::string alignment_table(const eval::EvaluationResult& result) {
  if (!result.alignment) return "";
  const eval::AlignmentSummary& a = *result.alignment;
  HtmlTable table;
  table.head = {"Space", "Linear CKA", "Rank correlation", "Cosine", "Ret@5 (%)"};
  table.rows = {alignment_row("projection, which the feature term compares", a.projection),
                alignment_row("latent, which the task heads take", a.latent)};
  return "<h3>Student and teacher</h3>\n" +
         render_table(table, table_caption(fmt::format(
                                 "How alike student and teacher are on {} test images of {} "
                                 "persons; Ret@5 by chance {}. Intervals over persons.",
                                 a.images, a.identities,
                                 percent(std::min(1.0, 5.0 / static_cast<double>(std::max<uint64_t>(
                                                                 1, a.identities))),
                                         0))));
}

std::string group_tables(const eval::EvaluationResult& result) {
  if (!has_verification(result) && !has_posture(result) && !has_reconstruction(result)) return "";
  std::vector<std::string> kinds;
  for (const auto& group : result.groups) {
    const bool seen = std::find(kinds.begin(), kinds.end(), group.kind) != kinds.end();
    if (group.probes > 0 && !seen) kinds.push_back(group.kind);
  }
  if (kinds.empty()) return "";
  std::string open, closed;
  // Groups of persons are few, persons may be many.
  for (const std::string& kind : kinds) {
    (kind == "identity" ? closed : open) += group_table(result, kind);
  }
  std::string out;
  if (!open.empty()) out += "<h3>By group</h3>\n" + open;
  if (!closed.empty()) {
    out += "<details><summary>By identity</summary>\n" + closed + "</details>\n";
  }
  return out;
}

}  // namespace thz::report::internal
