#include "thz/report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "figure_files.h"
#include "html.h"
#include "not_shown.h"
#include "page_style.h"
#include "pictures.h"
#include "result_tables.h"
#include "run_section.h"
#include "summary.h"
#include "thz/core/error.h"
#include "thz/core/version.h"
#include "thz/io/atomic_file.h"

namespace thz::report {
namespace {

using namespace internal;

std::string head(const ReportInput& input) {
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
         escape(input.title) + "</title>\n<style>" + kPageStyle + "</style>\n</head>\n<body>\n";
}

std::string page_header(const ReportInput& input) {
  const eval::EvaluationResult& first = input.runs.front().result;
  std::string out = "<header>\n<h1>" + escape(input.title) + "</h1>\n";
  if (!input.subtitle.empty()) out += "<p class=\"subtitle\">" + escape(input.subtitle) + "</p>\n";
  out += "<p class=\"summary\">" +
         (input.summary.empty() ? written_summary(first) : escape(input.summary)) + "</p>\n";
  return out + headline_cards(first) + leak_remark(first) + "</header>\n";
}

std::string sections(const ReportInput& input) {
  if (input.sections.empty()) return "";
  // Without a scene there is the data set alone.
  std::string out = "<h2>" +
                    (input.sections.size() > 1 ? "Instrument, scene and data"
                                               : escape(input.sections.front().title)) +
                    "</h2>\n<div class=\"columns\">\n";
  for (const KeyValueSection& section : input.sections) {
    out += "<div>" + render_key_values(section.rows, table_caption(escape(section.title))) +
           "</div>\n";
  }
  return out + "</div>\n";
}

std::string grids(const ReportInput& input) {
  if (input.grids.empty()) return "";
  std::string out = "<h2>Sample images</h2>\n";
  for (const ImageGrid& grid : input.grids) out += render_grid(grid);
  return out;
}

// Runs side by side invite to compare; only what was tested on the same images can be.
std::string comparison(const std::vector<ReportRun>& runs) {
  if (runs.size() < 2) return "";
  const eval::RunRecord& first = runs.front().result.run;
  const bool alike = std::all_of(runs.begin(), runs.end(), [&](const ReportRun& run) {
    return run.result.run.dataset_sha256 == first.dataset_sha256 &&
           run.result.run.split_sha256 == first.split_sha256;
  });
  return "<h2>Runs</h2>\n" + comparison_table(runs) +
         (alike ? ""
                : "<p class=\"note\">Not all runs were tested on the same images: their splits or "
                  "data sets differ.</p>\n");
}

std::string results(const ReportInput& input) {
  const PictureScale scale = picture_scale(input);
  std::string out = comparison(input.runs) + render_layout(input.runs, scale);
  for (std::size_t r = 0; r < input.runs.size(); ++r) {
    const ReportRun& run = input.runs[r];
    out += run.name.empty() ? "<h2>Results</h2>\n" : "<h2>Results: " + escape(run.name) + "</h2>\n";
    if (input.runs.size() > 1) out += leak_remark(run.result);
    out += render_run(run, scale, fmt::format("run{}", r + 1));
  }
  return out;
}

std::string commands(const ReportInput& input) {
  if (input.commands.empty()) return "";
  std::string out = "<h2>To reproduce</h2>\n<pre>";
  for (const std::string& command : input.commands) out += escape(command) + "\n";
  return out + "</pre>\n";
}

/// The page of an input that went through without_untrained().
std::string page_of(const ReportInput& input) {
  return number_captions(head(input) + page_header(input) + "<main>\n" +
                         render_missing(missing_parts(input)) + sections(input) + grids(input) +
                         results(input) + commands(input) + "</main>\n<footer>Made by thzface " +
                         escape(version()) + ".</footer>\n</body>\n</html>\n");
}

void require_runs(const ReportInput& input) {
  if (input.runs.empty()) throw_input("a report needs at least one evaluated run, found none");
}

}  // namespace

std::string render_report(const ReportInput& input) {
  require_runs(input);
  return page_of(without_untrained(input));
}

void write_report(const ReportInput& input, const std::string& html_path) {
  require_runs(input);
  const ReportInput shown = without_untrained(input);
  const std::string page = page_of(shown);
  io::write_file(html_path, page);
  std::filesystem::path folder = html_path;
  folder.replace_extension();
  folder += "-figures";
  write_figures(page, shown, folder);
}

}  // namespace thz::report
