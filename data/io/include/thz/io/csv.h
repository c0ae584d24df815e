#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace thz::io {

/// A table of texts with named columns, as RFC 4180 has it: commas, a first line of names, fields
/// in double quotes where they hold commas, quotes or line ends. A UTF-8 byte-order mark is skipped
/// and empty lines are left out, as spreadsheets write them.
class CsvTable {
 public:
  /// @throws InputError naming file and line: missing, empty, a row of another width, a quote that
  /// is not closed, a column named twice, bytes that are no text.
  static CsvTable read(const std::filesystem::path& path);
  /// The same of a text; `name` is how messages call it.
  static CsvTable parse(const std::string& text, const std::string& name);

  const std::vector<std::string>& columns() const { return columns_; }
  std::size_t rows() const { return rows_.size(); }
  bool has(const std::string& column) const;
  /// @throws InputError if there is no such column.
  const std::string& at(std::size_t row, const std::string& column) const;
  /// A whole number within [low, high]. @throws InputError with line, column, value and range.
  int64_t integer(std::size_t row, const std::string& column, int64_t low, int64_t high) const;
  /// A finite number. @throws InputError with line, column and value.
  double number(std::size_t row, const std::string& column) const;
  /// "FILE:LINE" of a row.
  std::string where(std::size_t row) const;
  /// @throws InputError unless all of `required` and nothing but them and `optional` is there.
  void require_columns(const std::vector<std::string>& required,
                       const std::vector<std::string>& optional) const;

 private:
  std::size_t index_of(const std::string& column) const;

  std::string name_;
  std::vector<std::string> columns_;
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::size_t> lines_;  ///< on which each row begins
};

/// One line of a CSV file with its line end; fields are quoted where they must be.
std::string csv_line(const std::vector<std::string>& fields);

}  // namespace thz::io
