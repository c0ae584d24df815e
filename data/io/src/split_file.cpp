#include "thz/io/split_file.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "thz/core/error.h"
#include "thz/core/json_number.h"
#include "thz/core/one_line.h"
#include "thz/core/sha256.h"
#include "thz/io/atomic_file.h"

namespace thz::io {

namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

constexpr char kSplitSchema[] = "thzface-split/1";
constexpr char kAnchorRule[] = "paper-anchor-folds";

Json to_json(const Split& split) {
  Json json = {{"schema", kSplitSchema},
               {"rule", split.rule},
               {"seed", split.seed},
               {"fractions",
                {{"train", split.train_fraction},
                 {"validation", split.validation_fraction},
                 {"test", split.test_fraction}}},
               {"dataset_sha256", split.dataset_sha256},
               {"dataset_rows", split.dataset_rows},
               {"train", split.train},
               {"validation", split.validation},
               {"test", split.test}};
  // Absent where nothing is shared, so that other splits keep their hash.
  if (!split.shared.empty()) json["shared"] = split.shared;
  return json;
}

std::vector<uint64_t> read_rows(const Json& json, const char* key) {
  std::vector<uint64_t> rows;
  for (const Json& item : json.at(key)) {
    if (!item.is_number_unsigned()) throw_input("'{}' holds something else than row numbers", key);
    rows.push_back(item.get<uint64_t>());
  }
  return rows;
}

Split from_json(const Json& json) {
  if (!json.is_object() || json.value("schema", "") != kSplitSchema) {
    throw_input("not a split file; the schema {} is expected", kSplitSchema);
  }
  Split split;
  split.rule = json.at("rule").get<std::string>();
  split.seed = whole_number<uint64_t>(json.at("seed"));
  const Json& fractions = json.at("fractions");
  split.train_fraction = fractions.at("train").get<double>();
  split.validation_fraction = fractions.at("validation").get<double>();
  split.test_fraction = fractions.at("test").get<double>();
  split.dataset_sha256 = json.at("dataset_sha256").get<std::string>();
  split.dataset_rows = whole_number<uint64_t>(json.at("dataset_rows"));
  split.train = read_rows(json, "train");
  split.validation = read_rows(json, "validation");
  split.test = read_rows(json, "test");
  if (json.contains("shared")) split.shared = read_rows(json, "shared");
  return split;
}

// Rows are held against each other without a table of dataset_rows entries, which may be a lie.
void check_rows(const Split& split) {
  std::vector<uint64_t> all;
  for (const auto* rows : {&split.train, &split.validation, &split.test, &split.shared}) {
    all.insert(all.end(), rows->begin(), rows->end());
  }
  std::sort(all.begin(), all.end());
  const auto twice = std::adjacent_find(all.begin(), all.end());
  if (twice != all.end()) throw_input("row {} is listed twice; once is allowed", *twice);
  if (!all.empty() && all.back() >= split.dataset_rows) {
    throw_input("row {} is listed, but the data set has {} rows", all.back(), split.dataset_rows);
  }
}

}  // namespace

void write_split(const fs::path& path, const Split& split) {
  write_file(path, to_json(split).dump(1) + "\n");
}

Split read_split(const fs::path& path) {
  const std::string text = read_file(path);
  try {
    Split split = from_json(Json::parse(text));
    check_rows(split);
    return split;
  } catch (const Json::exception& e) {
    throw_input("{}: not a readable split file: {}", path.string(), one_line(e.what()));
  } catch (const InputError& e) {
    throw_input("{}: {}", path.string(), e.what());
  }
}

Split read_split(const fs::path& path, const std::string& dataset_sha256) {
  Split split = read_split(path);
  if (split.dataset_sha256 != dataset_sha256) {
    throw_input("{}: made for the data set with content hash {}, not for this one with {}",
                path.string(), split.dataset_sha256, dataset_sha256);
  }
  return split;
}

void require_no_leak(const Split& split, const DatasetColumns& labels) {
  check_rows(split);
  if (split.dataset_rows != labels.rows) {
    throw_input("a split {} of {} rows is held against {} labels", split.rule, split.dataset_rows,
                labels.rows);
  }
  if (!split.shared.empty() && split.rule != kAnchorRule) {
    throw_input("a split {} shares row {} among its parts, but only {} may", split.rule,
                split.shared.front(), kAnchorRule);
  }
  for (const uint64_t row : split.shared) {
    if (labels.concealed[row] == 0) continue;
    throw_input("a split {} shares row {}, which is concealed", split.rule, row);
  }
  const bool strict = split.rule == "identity-disjoint" || split.rule == "cross-generator";
  if (!strict && split.rule != "two-subjects-out") return;
  std::map<int32_t, const char*> part_of;
  const auto claim = [&](const std::vector<uint64_t>& rows, const char* part) {
    for (const uint64_t row : rows) {
      const char* before = part_of.emplace(labels.identity[row], part).first->second;
      if (std::string(before) == part) continue;
      throw_input("a split {} has identity {} both in {} and in {} (row {})", split.rule,
                  labels.identity[row], before, part, row);
    }
  };
  claim(split.train, "training");
  // Two subjects out: validation images are of the persons that are trained on.
  claim(split.validation, strict ? "validation" : "training");
  claim(split.test, "test");
}

std::string split_sha256(const Split& split) { return sha256_hex(to_json(split).dump()); }

}  // namespace thz::io
