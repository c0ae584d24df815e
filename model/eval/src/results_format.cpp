#include <fmt/core.h>

#include <cmath>
#include <set>

#include "thz/eval/results_table.h"

namespace thz::eval {
namespace {

std::string number(double value, const Figure& figure) {
  return std::isfinite(value) ? fmt::format("{:.{}f}", figure.scale * value, figure.digits) : "";
}

std::string signed_number(double value, const Figure& figure) {
  return fmt::format("{:+.{}f}", figure.scale * value, figure.digits);
}

/// "99.43 [98.90, 99.80], folds ± 0.76, seeds ± 0.10"; `pm` is the sign between.
std::string figure_text(const TableCell& cell, const Figure& figure, const std::string& pm) {
  if (!std::isfinite(cell.figure.value)) return "-";
  std::string text = number(cell.figure.value, figure);
  if (std::isfinite(cell.figure.low)) {
    text +=
        fmt::format(" [{}, {}]", number(cell.figure.low, figure), number(cell.figure.high, figure));
  }
  if (std::isfinite(cell.fold_sd)) {
    text += fmt::format(", folds {} {}", pm, number(cell.fold_sd, figure));
  }
  if (std::isfinite(cell.seed_sd)) {
    text += fmt::format(", seeds {} {}", pm, number(cell.seed_sd, figure));
  }
  return text;
}

std::string paper_text(const TableCell& cell, const Figure& figure, const std::string& pm) {
  if (!std::isfinite(cell.paper)) return "-";
  std::string text = fmt::format("{:.{}f}", cell.paper, figure.digits);
  if (std::isfinite(cell.paper_spread)) {
    text += fmt::format(" {} {:.{}f}", pm, cell.paper_spread, figure.digits);
  }
  return text;
}

std::string difference_text(const TableCell& cell, const Figure& figure) {
  const Interval& d = cell.difference;
  if (!std::isfinite(d.value)) return "-";
  std::string text = signed_number(d.value, figure);
  if (std::isfinite(d.low)) {
    text += fmt::format(" [{}, {}]", signed_number(d.low, figure), signed_number(d.high, figure));
  }
  return text + (cell.verdict.empty() ? "" : ", " + cell.verdict);
}

bool has_paper(const ResultsRow& row) {
  for (const TableCell& cell : row.cells) {
    if (std::isfinite(cell.paper)) return true;
  }
  return false;
}

/// What a reader sees: a row's figures, and below it the paper's and the difference.
struct Line {
  std::string title;
  bool below = false;
  std::vector<std::string> cells;
};

std::vector<Line> lines_of(const ResultsTable& table, const std::string& group,
                           const std::string& pm) {
  std::vector<Line> lines;
  for (const ResultsRow& row : table.rows) {
    if (row.group != group) continue;
    Line own{row.title, false, {}}, paper{"the paper", true, {}},
        difference{"less " + row.reference, true, {}};
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      own.cells.push_back(figure_text(row.cells[c], *table.columns[c], pm));
      paper.cells.push_back(paper_text(row.cells[c], *table.columns[c], pm));
      difference.cells.push_back(difference_text(row.cells[c], *table.columns[c]));
    }
    lines.push_back(own);
    if (has_paper(row)) lines.push_back(paper);
    if (!row.reference.empty()) lines.push_back(difference);
  }
  return lines;
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string csv_number(double value, double scale) {
  return std::isfinite(value) ? fmt::format("{:.8g}", scale * value) : "";
}

/// Keys of all rows' records in the order they first come.
std::vector<std::string> record_keys(const ResultsTable& table) {
  std::vector<std::string> keys;
  std::set<std::string> seen;
  for (const ResultsRow& row : table.rows) {
    for (const auto& [key, value] : row.record) {
      if (seen.insert(key).second) keys.push_back(key);
    }
  }
  return keys;
}

std::string record_value(const ResultsRow& row, const std::string& key) {
  for (const auto& [name, value] : row.record) {
    if (name == key) return value;
  }
  return "";
}

constexpr const char* kCsvParts[] = {
    "",          "_low",        "_high",           "_seed_sd",         "_fold_sd", "_paper",
    "_paper_sd", "_difference", "_difference_low", "_difference_high", "_verdict"};

std::string escape_latex(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '%' || c == '&' || c == '_' || c == '#' || c == '$' || c == '{' || c == '}') {
      out += '\\';
    }
    out += c;
  }
  return out;
}

/// A minus sign, not a hyphen, before numbers; the sign of plus or minus comes as it stands.
std::string latex_cell(const std::string& text) {
  std::string out = escape_latex(text);
  const std::string mark = "+/-";
  for (auto at = out.find(mark); at != std::string::npos; at = out.find(mark)) {
    out.replace(at, mark.size(), "\\textpm{}");
  }
  return out;
}

}  // namespace

std::string to_csv(const ResultsTable& table) {
  std::string out = "kind,group,row,test,title,reference";
  for (const Figure* f : table.columns) {
    for (const char* part : kCsvParts) {
      out += "," + f->name + (f->scale == 100.0 ? "_pct" : "") + part;
    }
  }
  const auto keys = record_keys(table);
  for (const std::string& key : keys) out += "," + key;
  for (const auto& [key, value] : table.record) out += "," + key;
  out += "\n";
  for (const ResultsRow& row : table.rows) {
    out += fmt::format("{},{},{},{},{},{}", row.kind, csv_field(row.group), csv_field(row.name),
                       csv_field(row.test), csv_field(row.title), csv_field(row.reference));
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      const TableCell& cell = row.cells[c];
      const double scale = table.columns[c]->scale;
      for (const double value :
           {cell.figure.value, cell.figure.low, cell.figure.high, cell.seed_sd, cell.fold_sd}) {
        out += "," + csv_number(value, scale);
      }
      out += "," + csv_number(cell.paper, 1.0) + "," + csv_number(cell.paper_spread, 1.0);
      for (const double value :
           {cell.difference.value, cell.difference.low, cell.difference.high}) {
        out += "," + csv_number(value, scale);
      }
      out += "," + csv_field(cell.verdict);
    }
    for (const std::string& key : keys) out += "," + csv_field(record_value(row, key));
    for (const auto& [key, value] : table.record) out += "," + csv_field(value);
    out += "\n";
  }
  return out;
}

std::string to_markdown(const ResultsTable& table) {
  std::string out = fmt::format("# {}\n", table.title);
  for (const GroupInput& group : table.groups) {
    out += fmt::format("\n## {}\n\n| |", group.title);
    for (const Figure* f : table.columns) out += " " + f->title + " |";
    out += "\n|---|";
    for (std::size_t c = 0; c < table.columns.size(); ++c) out += "---|";
    out += "\n";
    for (const Line& line : lines_of(table, group.name, "±")) {
      out += line.below ? "| *" + line.title + "* |" : "| " + line.title + " |";
      for (const std::string& cell : line.cells) out += " " + cell + " |";
      out += "\n";
    }
    out += "\n";
    for (const ResultsRow& row : table.rows) {
      if (row.group != group.name || row.record.empty()) continue;
      out += "- " + row.title + ":";
      for (const auto& [key, value] : row.record) out += fmt::format(" {} {};", key, value);
      out.back() = '\n';
    }
  }
  if (!table.record.empty()) out += "\n";
  for (const auto& [key, value] : table.record) out += fmt::format("- {}: {}\n", key, value);
  if (!table.notes.empty()) out += "\n";
  for (const std::string& note : table.notes) out += "- " + note + "\n";
  return out;
}

std::string to_latex(const ResultsTable& table) {
  std::string out = fmt::format("% {}\n% needs \\usepackage{{booktabs}}\n", table.title);
  for (const auto& [key, value] : table.record) out += fmt::format("% {}: {}\n", key, value);
  for (const ResultsRow& row : table.rows) {
    for (const auto& [key, value] : row.record) {
      out += fmt::format("% {} ({}), {}: {}\n", row.title, row.group, key, value);
    }
  }
  for (const GroupInput& group : table.groups) {
    out += fmt::format("\n% {}\n\\begin{{tabular}}{{l{}}}\n\\toprule\n ", group.title,
                       std::string(table.columns.size(), 'l'));
    for (const Figure* f : table.columns) out += "& " + escape_latex(f->title) + " ";
    out += "\\\\\n\\midrule\n";
    for (const Line& line : lines_of(table, group.name, "+/-")) {
      out += (line.below ? "\\quad " : "") + escape_latex(line.title);
      for (const std::string& cell : line.cells) out += " & " + latex_cell(cell);
      out += " \\\\\n";
    }
    out += "\\bottomrule\n\\end{tabular}\n";
  }
  for (const std::string& note : table.notes) out += "% " + note + "\n";
  return out;
}

}  // namespace thz::eval
