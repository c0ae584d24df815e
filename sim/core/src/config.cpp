#include "thz/core/config.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "thz/core/error.h"
#include "thz/core/one_line.h"

namespace thz {

struct ConfigTable::Document {
  std::string name;
  std::string text;
  toml::table root;
  // Tables handed out, with the keys read from each; `finish` walks them.
  std::map<const toml::table*, std::set<std::string>> used;
};

namespace {

/// No configuration comes near this.
constexpr std::size_t kMostBytes = std::size_t{16} << 20;

/// A value on one line, as a message shows it.
std::string shown(const toml::node& node) {
  if (node.is_table()) return "a table";
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  std::string text;
  if (const toml::array* array = node.as_array()) {
    for (const auto& item : *array) {
      text += (text.empty() ? "" : ", ") + shown(item);
      if (text.size() > 80) break;
    }
    text = "[" + text + "]";
  } else {
    std::ostringstream out;
    node.visit([&out](const auto& n) { out << n; });
    text = out.str();
  }
  return one_line(text, 80);
}

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : ", ") + item;
  return text;
}

}  // namespace

ConfigTable::ConfigTable(std::shared_ptr<Document> document, const toml::table* table,
                         std::string path)
    : document_(std::move(document)), table_(table), path_(std::move(path)) {
  if (table_ != nullptr) document_->used[table_];
}

ConfigTable ConfigTable::parse(std::string_view text, const std::string& name) {
  auto document = std::make_shared<Document>();
  document->name = name;
  document->text = std::string(text);
  try {
    document->root = toml::parse(std::string_view(document->text), std::string_view(name));
  } catch (const toml::parse_error& e) {
    throw_input("{}:{}:{}: not valid TOML: {}", name, e.source().begin.line,
                e.source().begin.column, one_line(e.description()));
  }
  const toml::table* root = &document->root;
  return ConfigTable(std::move(document), root, "");
}

ConfigTable ConfigTable::parse_file(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    throw_input("{}: is a folder; a TOML file is expected", path);
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) throw_input("{}: cannot be read; a TOML file is expected", path);
  // A device or a file of another kind may never end.
  std::string text;
  std::vector<char> block(1 << 16);
  while (file.read(block.data(), static_cast<std::streamsize>(block.size())) || file.gcount() > 0) {
    text.append(block.data(), static_cast<std::size_t>(file.gcount()));
    if (text.size() > kMostBytes) {
      throw_input("{}: is larger than {} MiB; a TOML file is expected", path, kMostBytes >> 20);
    }
  }
  if (file.bad()) throw_input("{}: cannot be read; a TOML file is expected", path);
  return parse(text, path);
}

const toml::node* ConfigTable::find(const std::string& key) {
  if (table_ == nullptr) return nullptr;
  document_->used[table_].insert(key);
  return table_->get(key);
}

bool ConfigTable::has(const std::string& key) const {
  return table_ != nullptr && table_->contains(key);
}

bool ConfigTable::is_list(const std::string& key) const {
  const toml::node* node = table_ == nullptr ? nullptr : table_->get(key);
  return node != nullptr && node->is_array();
}

std::vector<std::string> ConfigTable::keys() const {
  std::vector<std::string> names;
  if (table_ == nullptr) return names;
  for (const auto& [key, node] : *table_) names.emplace_back(key.str());
  return names;
}

std::string ConfigTable::where(const std::string& key) const {
  const toml::node* node = table_ == nullptr ? nullptr : table_->get(key);
  const auto line = node != nullptr     ? node->source().begin.line
                    : table_ != nullptr ? table_->source().begin.line
                                        : 0;
  return fmt::format("{}:{}", document_->name, line);
}

const std::string& ConfigTable::source_name() const { return document_->name; }
const std::string& ConfigTable::source_text() const { return document_->text; }

void ConfigTable::fail(const std::string& key, const std::string& message) const {
  const toml::node* node = table_ == nullptr ? nullptr : table_->get(key);
  const std::string name = one_line(path_ + key);
  if (node == nullptr) throw_input("{}: {} {}", where(key), name, message);
  throw_input("{}: {} is {}, but {}", where(key), name, shown(*node), message);
}

double ConfigTable::checked_number(const std::string& key, const toml::node& node,
                                   Range allowed) const {
  const auto value = node.value<double>();
  if (!node.is_number() || !value) fail(key, "must be a number");
  if (!std::isfinite(*value) || *value < allowed.low || *value > allowed.high) {
    fail(key, fmt::format("must lie between {:g} and {:g}", allowed.low, allowed.high));
  }
  return *value;
}

double ConfigTable::number(const std::string& key, double fallback, Range allowed) {
  const toml::node* node = find(key);
  return node == nullptr ? fallback : checked_number(key, *node, allowed);
}

double ConfigTable::required_number(const std::string& key, Range allowed) {
  const toml::node* node = find(key);
  if (node == nullptr) {
    fail(key, fmt::format("is missing; a number between {:g} and {:g} is needed", allowed.low,
                          allowed.high));
  }
  return checked_number(key, *node, allowed);
}

int64_t ConfigTable::integer(const std::string& key, int64_t fallback, int64_t low, int64_t high) {
  const toml::node* node = find(key);
  if (node == nullptr) return fallback;
  if (!node->is_integer()) fail(key, "must be a whole number");
  const int64_t value = *node->value<int64_t>();
  if (value < low || value > high) {
    fail(key, fmt::format("must lie between {} and {}", low, high));
  }
  return value;
}

bool ConfigTable::boolean(const std::string& key, bool fallback) {
  const toml::node* node = find(key);
  if (node == nullptr) return fallback;
  if (!node->is_boolean()) fail(key, "must be true or false");
  return *node->value<bool>();
}

std::string ConfigTable::text(const std::string& key, const std::string& fallback) {
  const toml::node* node = find(key);
  if (node == nullptr) return fallback;
  if (!node->is_string()) fail(key, "must be a text in quotes");
  return *node->value<std::string>();
}

std::string ConfigTable::required_text(const std::string& key) {
  if (!has(key)) fail(key, "is missing; a text in quotes is needed");
  return text(key, "");
}

std::string ConfigTable::choice(const std::string& key, const std::string& fallback,
                                const std::vector<std::string>& allowed) {
  const std::string value = text(key, fallback);
  for (const auto& item : allowed) {
    if (item == value) return value;
  }
  fail(key, "must be one of: " + joined(allowed));
}

std::vector<double> ConfigTable::numbers(const std::string& key,
                                         const std::vector<double>& fallback, std::size_t count,
                                         Range allowed) {
  const toml::node* node = find(key);
  if (node == nullptr) return fallback;
  const std::string wanted =
      count == 0 ? std::string("a list of numbers") : fmt::format("a list of {} numbers", count);
  const toml::array* array = node->as_array();
  if (array == nullptr || (count != 0 && array->size() != count)) fail(key, "must be " + wanted);
  std::vector<double> values;
  for (const auto& item : *array) {
    if (!item.is_number()) fail(key, "must be " + wanted);
    values.push_back(checked_number(key, item, allowed));
  }
  return values;
}

std::vector<std::string> ConfigTable::texts(const std::string& key,
                                            const std::vector<std::string>& fallback) {
  const toml::node* node = find(key);
  if (node == nullptr) return fallback;
  const toml::array* array = node->as_array();
  if (array == nullptr) fail(key, "must be a list of texts");
  std::vector<std::string> values;
  for (const auto& item : *array) {
    if (!item.is_string()) fail(key, "must be a list of texts");
    values.push_back(*item.value<std::string>());
  }
  return values;
}

ConfigTable ConfigTable::table(const std::string& key) {
  const toml::node* node = find(key);
  if (node != nullptr && !node->is_table()) fail(key, "must be a table, [" + path_ + key + "]");
  return ConfigTable(document_, node == nullptr ? nullptr : node->as_table(), path_ + key + ".");
}

std::vector<ConfigTable> ConfigTable::tables(const std::string& key) {
  std::vector<ConfigTable> result;
  const toml::node* node = find(key);
  if (node == nullptr) return result;
  const toml::array* array = node->as_array();
  if (array == nullptr) fail(key, "must be an array of tables, [[" + path_ + key + "]]");
  for (const auto& item : *array) {
    if (!item.is_table()) fail(key, "must be an array of tables, [[" + path_ + key + "]]");
    result.push_back(ConfigTable(document_, item.as_table(), path_ + key + "."));
  }
  return result;
}

void ConfigTable::finish() const {
  for (const auto& [table, used] : document_->used) {
    for (const auto& [key, node] : *table) {
      const std::string name(key.str());
      if (used.count(name) != 0) continue;
      throw_input("{}:{}: unknown key '{}'; allowed here: {}", document_->name,
                  node.source().begin.line, one_line(name, 80),
                  joined(std::vector<std::string>(used.begin(), used.end())));
    }
  }
}

namespace {

toml::table parse_table(std::string_view text, const std::string& name) {
  ConfigTable::parse(text, name);  // for its error message
  return toml::parse(text);
}

void merge_into(toml::table& base, const toml::table& over) {
  for (const auto& [key, value] : over) {
    toml::table* inner = base[key].as_table();
    if (inner != nullptr && value.is_table()) {
      merge_into(*inner, *value.as_table());
    } else {
      base.insert_or_assign(key, value);
    }
  }
}

}  // namespace

std::string lay_over(std::string_view base, const std::string& base_name, std::string_view over,
                     const std::string& over_name) {
  toml::table table = parse_table(base, base_name);
  merge_into(table, parse_table(over, over_name));
  std::ostringstream merged;
  merged << table << "\n";
  return merged.str();
}

}  // namespace thz
