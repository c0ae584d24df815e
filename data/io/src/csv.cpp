#include "thz/io/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "thz/core/error.h"
#include "thz/core/one_line.h"
#include "thz/io/atomic_file.h"

namespace thz::io {
namespace {

constexpr std::size_t kMostCsvBytes = std::size_t{1} << 30;

/// Walks over the text field by field.
class CsvScanner {
 public:
  CsvScanner(const std::string& text, const std::string& name) : text_(text), name_(name) {
    if (text_.compare(0, 3, "\xef\xbb\xbf") == 0) at_ = 3;
  }

  bool done() const { return at_ >= text_.size(); }
  std::size_t line() const { return line_; }

  /// The fields of the next line; empty for an empty line.
  std::vector<std::string> record() {
    std::vector<std::string> fields;
    for (;;) {
      fields.push_back(done() || text_[at_] != '"' ? plain() : quoted());
      if (done()) break;
      const char end = text_[at_];
      if (end == ',') {
        ++at_;
        continue;
      }
      if (end == '\r') ++at_;
      if (!done() && text_[at_] == '\n') ++at_;
      ++line_;
      break;
    }
    if (fields.size() == 1 && fields.front().empty()) fields.clear();
    return fields;
  }

 private:
  std::string plain() {
    const std::size_t end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
    std::string field = text_.substr(at_, end - at_);
    at_ = end;
    if (field.find('\0') != std::string::npos) throw_input("{}:{}: is no text", name_, line_);
    return field;
  }

  std::string quoted() {
    const std::size_t begun = line_;
    std::string field;
    for (++at_;; ++at_) {
      if (done()) throw_input("{}:{}: a quote is not closed", name_, begun);
      if (text_[at_] == '\n') ++line_;
      if (text_[at_] != '"') {
        field += text_[at_];
        continue;
      }
      if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
        field += '"';
        ++at_;
        continue;
      }
      ++at_;
      break;
    }
    if (!done() && std::string(",\r\n").find(text_[at_]) == std::string::npos) {
      throw_input(
          "{}:{}: a quoted field is followed by '{}', but must be by a comma or the line's end",
          name_, line_, one_line(text_.substr(at_, 1)));
    }
    return field;
  }

  const std::string& text_;
  const std::string& name_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

std::string listed(const std::vector<std::string>& names) {
  return one_line(fmt::format("{}", fmt::join(names, ", ")), 400);
}

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

CsvTable CsvTable::parse(const std::string& text, const std::string& name) {
  CsvTable table;
  table.name_ = name;
  CsvScanner scanner(text, table.name_);
  while (!scanner.done() && table.columns_.empty()) table.columns_ = scanner.record();
  if (table.columns_.empty())
    throw_input("{}: is empty; a first line of column names is expected", name);
  for (std::size_t i = 0; i < table.columns_.size(); ++i) {
    const std::string& column = table.columns_[i];
    if (std::find(table.columns_.begin(), table.columns_.begin() + static_cast<std::ptrdiff_t>(i),
                  column) != table.columns_.begin() + static_cast<std::ptrdiff_t>(i)) {
      throw_input("{}:1: the column '{}' is there twice", name, one_line(column, 40));
    }
  }
  while (!scanner.done()) {
    const std::size_t line = scanner.line();
    auto fields = scanner.record();
    if (fields.empty()) continue;
    if (fields.size() != table.columns_.size()) {
      throw_input("{}:{}: has {} fields, but the first line names {} columns", name, line,
                  fields.size(), table.columns_.size());
    }
    table.rows_.push_back(std::move(fields));
    table.lines_.push_back(line);
  }
  return table;
}

CsvTable CsvTable::read(const std::filesystem::path& path) {
  std::error_code ignored;
  const auto size = std::filesystem::file_size(path, ignored);
  if (!ignored && size > kMostCsvBytes) throw_input("{}: is larger than 1 GiB", path.string());
  return parse(read_file(path), path.string());
}

bool CsvTable::has(const std::string& column) const { return holds(columns_, column); }

std::size_t CsvTable::index_of(const std::string& column) const {
  const auto found = std::find(columns_.begin(), columns_.end(), column);
  if (found == columns_.end()) {
    throw_input("{}:1: has no column '{}'; its columns are {}", name_, column, listed(columns_));
  }
  return static_cast<std::size_t>(found - columns_.begin());
}

const std::string& CsvTable::at(std::size_t row, const std::string& column) const {
  return rows_.at(row).at(index_of(column));
}

int64_t CsvTable::integer(std::size_t row, const std::string& column, int64_t low,
                          int64_t high) const {
  const std::string& text = at(row, column);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < low || value > high) {
    throw_input("{}: {} is '{}', but must be a whole number between {} and {}", where(row), column,
                one_line(text, 40), low, high);
  }
  return value;
}

double CsvTable::number(std::size_t row, const std::string& column) const {
  const std::string& text = at(row, column);
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    throw_input("{}: {} is '{}', but must be a number", where(row), column, one_line(text, 40));
  }
  return value;
}

std::string CsvTable::where(std::size_t row) const {
  return fmt::format("{}:{}", name_, lines_.at(row));
}

void CsvTable::require_columns(const std::vector<std::string>& required,
                               const std::vector<std::string>& optional) const {
  for (const std::string& column : required) (void)index_of(column);
  for (const std::string& column : columns_) {
    if (holds(required, column) || holds(optional, column)) continue;
    throw_input("{}:1: the column '{}' is not known; allowed are {}{}{}", name_,
                one_line(column, 40), listed(required), optional.empty() ? "" : ", ",
                listed(optional));
  }
}

std::string csv_line(const std::vector<std::string>& fields) {
  std::string line;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) line += ',';
    const std::string& field = fields[i];
    if (field.find_first_of(",\"\r\n") == std::string::npos) {
      line += field;
      continue;
    }
    line += '"';
    for (const char c : field) line += c == '"' ? std::string("\"\"") : std::string(1, c);
    line += '"';
  }
  return line + "\n";
}

}  // namespace thz::io
