#include "thz/model/protocol.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <set>

#include "thz/core/config.h"
#include "thz/core/error.h"
#include "thz/io/atomic_file.h"

namespace thz::model {
namespace {

namespace fs = std::filesystem;

constexpr const char* kProtocolSchema = "thzface-protocol/1";
constexpr double kMaxSeed = 9e15;  // whole numbers that a double holds

/// Names become folders.
void check_name(const ConfigTable& table, const std::string& name, std::set<std::string>& seen) {
  const bool plain =
      !name.empty() && name.size() <= 60 &&
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos &&
      name != "baselines";
  if (!plain) table.fail("name", "small letters, digits and hyphens are allowed");
  if (!seen.insert(name).second) table.fail("name", "is given twice");
}

std::string beside(const std::string& folder, const std::string& path) {
  return path.empty() ? path : (fs::path(folder) / path).lexically_normal().string();
}

std::vector<ProtocolRule> read_rules(ConfigTable& root) {
  std::vector<ProtocolRule> rules;
  for (ConfigTable& table : root.tables("split")) {
    ProtocolRule rule;
    rule.rule = table.required_text("rule");
    rule.title = table.text("title", rule.rule);
    rule.folds = static_cast<int>(table.integer("folds", rule.folds, 3, 1000));
    rule.subjects = static_cast<int>(table.integer("subjects", rule.subjects, 2, 1000));
    rule.validation_fraction =
        table.number("validation_fraction", rule.validation_fraction, {0.01, 0.99});
    rule.train = table.number("train", rule.train, {0.0, 1.0});
    rule.validation = table.number("validation", rule.validation, {0.0, 1.0});
    rule.test = table.number("test", rule.test, {0.0, 1.0});
    rules.push_back(rule);
  }
  if (rules.empty()) root.fail("split", "is missing; at least one [[split]] is needed");
  return rules;
}

std::vector<ProtocolTest> read_tests(ConfigTable& root) {
  std::vector<ProtocolTest> tests;
  std::set<std::string> seen;
  for (ConfigTable& table : root.tables("test")) {
    ProtocolTest test;
    test.name = table.required_text("name");
    check_name(table, test.name, seen);
    test.title = table.text("title", test.name);
    test.concealed_input =
        table.choice("input", "concealed", {"concealed", "unconcealed"}) == "concealed";
    test.independent_target =
        table.choice("target", "independent", {"independent", "self"}) == "independent";
    if (test.concealed_input && !test.independent_target) {
      table.fail("target", "only an unconcealed input is its own target");
    }
    test.source = table.choice("source", "any", {"any", "own", "other"});
    tests.push_back(test);
  }
  if (tests.empty()) tests.emplace_back();
  return tests;
}

std::map<std::string, eval::PaperFigure> read_paper(ConfigTable table) {
  std::map<std::string, eval::PaperFigure> paper;
  for (const std::string& key : table.keys()) {
    (void)eval::find_figure(key);
    const auto numbers = table.numbers(key, {}, 0, {-1e6, 1e6});
    if (numbers.empty() || numbers.size() > 2) {
      table.fail(key, "[value] or [value, spread] is needed");
    }
    eval::PaperFigure figure;
    figure.value = numbers[0];
    if (numbers.size() == 2) figure.spread = numbers[1];
    paper[key] = figure;
  }
  return paper;
}

std::vector<ProtocolVariant> read_variants(ConfigTable& root,
                                           const std::vector<ProtocolTest>& tests,
                                           const std::string& folder) {
  std::vector<ProtocolVariant> variants;
  std::set<std::string> seen;
  for (ConfigTable& table : root.tables("variant")) {
    ProtocolVariant v;
    v.name = table.required_text("name");
    check_name(table, v.name, seen);
    v.title = table.text("title", v.name);
    v.experiment = beside(folder, table.text("experiment", ""));
    v.reference = table.text("reference", "");
    ConfigTable paper = table.table("paper");
    if (tests.size() == 1) {
      v.paper[tests.front().name] = read_paper(paper);
    } else {
      for (const ProtocolTest& test : tests)
        v.paper[test.name] = read_paper(paper.table(test.name));
    }
    variants.push_back(std::move(v));
  }
  if (variants.empty()) root.fail("variant", "is missing; at least one [[variant]] is needed");
  for (const ProtocolVariant& v : variants) {
    if (v.reference.empty() || (seen.count(v.reference) > 0 && v.reference != v.name)) continue;
    throw_input("{}: variant {} has the reference '{}', which is no other variant",
                root.source_name(), v.name, v.reference);
  }
  return variants;
}

}  // namespace

bool Protocol::has_column(const std::string& figure) const {
  return std::find(columns.begin(), columns.end(), figure) != columns.end();
}

Protocol parse_protocol(const std::string& text, const std::string& name,
                        const std::string& folder) {
  ConfigTable root = ConfigTable::parse(text, name);
  if (root.text("schema", "") != kProtocolSchema) {
    root.fail("schema", fmt::format("schema = \"{}\" is needed", kProtocolSchema));
  }
  Protocol p;
  p.text = text;
  p.name = root.required_text("name");
  std::set<std::string> unused;
  check_name(root, p.name, unused);
  p.title = root.text("title", p.name);
  p.budget = beside(folder, root.required_text("budget"));
  for (const double seed : root.numbers("seeds", {1.0}, 0, {0.0, kMaxSeed})) {
    p.seeds.push_back(static_cast<uint64_t>(seed));
  }
  if (p.seeds.empty() ||
      std::set<uint64_t>(p.seeds.begin(), p.seeds.end()).size() != p.seeds.size()) {
    root.fail("seeds", "at least one is needed, none twice");
  }
  p.columns = root.texts("columns", {});
  for (const std::string& column : p.columns) (void)eval::find_figure(column);
  if (p.columns.empty()) root.fail("columns", "is missing; at least one figure is needed");
  p.notes = root.texts("notes", {});
  p.rules = read_rules(root);
  p.tests = read_tests(root);
  const bool two = std::any_of(p.rules.begin(), p.rules.end(), [](const ProtocolRule& rule) {
    return rule.rule == "cross-generator";
  });
  for (const ProtocolTest& test : p.tests) {
    if (two || test.source == "any") continue;
    throw_input("{}: test {} has the source '{}', which the rule cross-generator alone has", name,
                test.name, test.source);
  }
  p.variants = read_variants(root, p.tests, folder);
  root.finish();
  return p;
}

Protocol load_protocol(const std::string& path) {
  return parse_protocol(io::read_file(path), path, fs::path(path).parent_path().string());
}

std::vector<std::string> protocol_files(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (io::lower_extension(entry.path()) == ".toml") files.push_back(entry.path().string());
  }
  if (error) throw_input("{}: no folder of protocols ({})", folder, error.message());
  std::sort(files.begin(), files.end());
  return files;
}

std::string find_protocol(const std::string& name, const std::string& folder) {
  if (io::lower_extension(name) == ".toml") return name;
  std::vector<std::string> known;
  for (const std::string& file : protocol_files(folder)) {
    const std::string stem = fs::path(file).stem().string();
    if (stem == name) return file;
    known.push_back(stem);
  }
  throw_input("there is no protocol '{}' in {}; allowed are {}, or a path that ends in .toml", name,
              folder, fmt::join(known, ", "));
}

}  // namespace thz::model
