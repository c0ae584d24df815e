#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace thz {

/// Inclusive bounds of a number.
struct Range {
  double low;
  double high;
};

/// A strict view of one TOML table. Every key that is read is remembered; `finish` throws
/// InputError for keys nobody read, naming file, line and the keys that are allowed. Every error
/// says file, line, key, value found and what is allowed.
///
///   ConfigTable root = ConfigTable::parse_file(path);
///   const double waist_m = root.table("imager").number("waist_m", 7.585e-3, {1e-4, 1.0});
///   root.finish();   // checks sub-tables too
class ConfigTable {
 public:
  /// `name` is how the source is called in messages (a path, or "preset demo").
  static ConfigTable parse(std::string_view text, const std::string& name);
  static ConfigTable parse_file(const std::string& path);

  bool has(const std::string& key) const;
  /// Whether the key holds an array, of whatever.
  bool is_list(const std::string& key) const;
  /// Keys of this table in file order is not kept by TOML; sorted by name.
  std::vector<std::string> keys() const;

  double number(const std::string& key, double fallback, Range allowed);
  double required_number(const std::string& key, Range allowed);
  int64_t integer(const std::string& key, int64_t fallback, int64_t low, int64_t high);
  bool boolean(const std::string& key, bool fallback);
  std::string text(const std::string& key, const std::string& fallback);
  std::string required_text(const std::string& key);
  /// One of `allowed`.
  std::string choice(const std::string& key, const std::string& fallback,
                     const std::vector<std::string>& allowed);
  /// Exactly `count` numbers (any number of them when count is 0), each within `allowed`.
  std::vector<double> numbers(const std::string& key, const std::vector<double>& fallback,
                              std::size_t count, Range allowed);
  std::vector<std::string> texts(const std::string& key, const std::vector<std::string>& fallback);
  /// A sub-table; an empty one when absent.
  ConfigTable table(const std::string& key);
  /// An array of tables; empty when absent.
  std::vector<ConfigTable> tables(const std::string& key);

  /// Throws InputError if this table or a sub-table taken from it holds a key nobody read.
  void finish() const;
  /// Throws InputError that points at `key`: "FILE:LINE: KEY ... is VALUE; MESSAGE".
  [[noreturn]] void fail(const std::string& key, const std::string& message) const;
  /// "FILE:LINE" of a key, or of the table.
  std::string where(const std::string& key) const;
  const std::string& source_name() const;
  /// The text this document was parsed from.
  const std::string& source_text() const;

 private:
  struct Document;
  ConfigTable(std::shared_ptr<Document> document, const toml::table* table, std::string path);
  const toml::node* find(const std::string& key);
  double checked_number(const std::string& key, const toml::node& node, Range allowed) const;

  std::shared_ptr<Document> document_;
  const toml::table* table_;  // nullptr: absent table, all defaults
  std::string path_;          // "subject." prefix of keys in messages
};

/// The text of TOML document `over` laid over `base`, table by table: keys of `over` replace or
/// add. Comments are lost. @throws InputError if either is not TOML, naming `base_name` or
/// `over_name`.
std::string lay_over(std::string_view base, const std::string& base_name, std::string_view over,
                     const std::string& over_name);

}  // namespace thz
