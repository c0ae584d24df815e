#include "thz/report/report.h"

#include <fmt/format.h>

#include <filesystem>

#include "figure_files.h"
#include "html.h"
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
  return out + headline_cards(first) + "</header>\n";
}

std::string sections(const ReportInput& input) {
  if (input.sections.empty()) return "";
  std::string out = "<h2>Instrument, scene and data</h2>\n<div class=\"columns\">\n";
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

std::string results(const ReportInput& input) {
  std::string out;
  if (input.runs.size() > 1) out += "<h2>Runs</h2>\n" + comparison_table(input.runs);
  out += render_layout(input.runs, input.reconstruction_width_m);
  for (std::size_t r = 0; r < input.runs.size(); ++r) {
    const ReportRun& run = input.runs[r];
    out += run.name.empty() ? "<h2>Results</h2>\n" : "<h2>Results: " + escape(run.name) + "</h2>\n";
    out += render_run(run, input.reconstruction_width_m, fmt::format("run{}", r + 1));
  }
  return out;
}

std::string commands(const ReportInput& input) {
  if (input.commands.empty()) return "";
  std::string out = "<h2>To reproduce</h2>\n<pre>";
  for (const std::string& command : input.commands) out += escape(command) + "\n";
  return out + "</pre>\n";
}

}  // namespace

std::string render_report(const ReportInput& input) {
  if (input.runs.empty()) throw_input("a report needs at least one evaluated run, found none");
  return number_captions(head(input) + page_header(input) + "<main>\n" + sections(input) +
                         grids(input) + results(input) + commands(input) +
                         "</main>\n<footer>Made by thzface " + escape(version()) +
                         ".</footer>\n</body>\n</html>\n");
}

void write_report(const ReportInput& input, const std::string& html_path) {
  const std::string page = render_report(input);
  io::write_file(html_path, page);
  std::filesystem::path folder = html_path;
  folder.replace_extension();
  folder += "-figures";
  write_figures(page, input, folder);
}

}  // namespace thz::report
