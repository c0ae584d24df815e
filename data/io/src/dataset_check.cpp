#include "thz/io/dataset_check.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "dataset_parts.h"
#include "dataset_schema.h"
#include "thz/core/error.h"
#include "thz/io/dataset_index.h"
#include "thz/io/dataset_reader.h"

namespace thz::io {

namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

/// Collects checks; a check's function returns what it found and throws InputError if it is wrong.
class Checks {
 public:
  template <typename Look>
  bool run(const std::string& name, Look look) {
    DatasetCheck check{name, false, ""};
    try {
      check.detail = look();
      check.ok = true;
    } catch (const std::exception& e) {
      check.detail = e.what();
    }
    checks_.push_back(check);
    return check.ok;
  }
  std::vector<DatasetCheck> take() { return std::move(checks_); }

 private:
  std::vector<DatasetCheck> checks_;
};

struct PictureStatistics {
  double low = INFINITY, high = -INFINITY, sum = 0.0, squares = 0.0;
  uint64_t count = 0;

  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
    sum += value;
    squares += value * value;
    ++count;
  }
};

/// Rows that are looked at at once: memory does not grow with the data set.
constexpr uint64_t kLookRows = 256;

/// Hands every picture's value on with its row: visible ones or those of the imager.
template <typename Take>
void for_each_grey(const DatasetReader& reader, bool visible, Take take) {
  constexpr uint64_t kPixels = uint64_t{kDatasetImageSize} * kDatasetImageSize;
  const uint64_t rows = visible ? reader.visible_rows() : reader.rows();
  for (uint64_t first = 0; first < rows; first += kLookRows) {
    const uint64_t count = std::min(kLookRows, rows - first);
    const DatasetColumns run = visible ? reader.read_run(0, 0, first, count, false)
                                       : reader.read_run(first, count, 0, 0, false);
    const auto& pictures = visible ? run.visible_image : run.image;
    for (uint64_t i = 0; i < pictures.size(); ++i) take(first + i / kPixels, pictures[i]);
  }
}

/// @throws InputError at the first value outside [0, 1] or not finite.
PictureStatistics check_pictures(const DatasetReader& reader, bool visible) {
  PictureStatistics statistics;
  for_each_grey(reader, visible, [&](uint64_t row, float grey) {
    const double value = grey;
    if (!(value >= 0.0 && value <= 1.0)) {
      throw_input("{} row {} holds {}, but greys must lie between 0 and 1",
                  visible ? "/visible/image" : "/thz/image", row, value);
    }
    statistics.add(value);
  });
  return statistics;
}

std::string told(const PictureStatistics& s) {
  if (s.count == 0) return "none";
  return fmt::format("{:.4g} to {:.4g}, mean {:.4g}", s.low, s.high,
                     s.sum / static_cast<double>(s.count));
}

template <typename T>
void check_range(const std::vector<T>& values, int64_t low, int64_t high, const char* array) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto value = static_cast<int64_t>(values[i]);
    if (value < low || value > high) {
      throw_input("{} row {} is {}, but must lie between {} and {}", array, i, value, low, high);
    }
  }
}

/// NaN is what nobody knows (imported rows, columns that only one of two merged sets had).
void check_not_infinite(const std::vector<float>& values, const char* array) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isinf(values[i])) throw_input("{} value {} is infinite", array, i);
  }
}

std::string check_labels(const DatasetHeader& header, const DatasetColumns& labels) {
  const auto last_posture = static_cast<int64_t>(kPostureNames.size()) - 1;
  check_range(labels.identity, 0, INT32_MAX, "/label/identity");
  check_range(labels.posture, 0, last_posture, "/label/posture");
  check_range(labels.concealed, 0, 1, "/label/concealed");
  check_range(labels.capture, 0, INT32_MAX, "/label/capture");
  check_range(labels.fabric, -1, static_cast<int64_t>(header.fabric_names.size()) - 1,
              "/label/fabric");
  check_range(labels.visible_index, -1, static_cast<int64_t>(header.visible_rows) - 1,
              "/label/visible_index");
  check_not_infinite(labels.soft_biometrics, "/label/soft_biometrics");
  check_not_infinite(labels.head_coefficients, "/provenance/head_coefficients");
  check_not_infinite(labels.pose, "/provenance/pose");
  check_not_infinite(labels.nuisance, "/provenance/nuisance");
  const std::set<int32_t> identities(labels.identity.begin(), labels.identity.end());
  return fmt::format("{} rows, {} identities", labels.rows, identities.size());
}

std::string check_pairs(const DatasetColumns& labels) {
  uint64_t pairs = 0;
  for (uint64_t i = 0; i < labels.rows; ++i) {
    if (labels.visible_index[i] < 0) continue;
    const auto v = static_cast<std::size_t>(labels.visible_index[i]);
    if (labels.visible_identity.at(v) != labels.identity[i] ||
        labels.visible_posture.at(v) != labels.posture[i] ||
        labels.visible_concealed.at(v) != labels.concealed[i]) {
      throw_input("row {} and its visible picture {} differ in identity, posture or condition", i,
                  v);
    }
    ++pairs;
  }
  return fmt::format("{} rows with a picture of {}", pairs, labels.visible_rows);
}

std::string check_text_hash(const std::string& text, const std::string& hash, const char* what) {
  if (text.empty() && hash.empty()) return "none";
  if (sha256_hex(text) != hash) {
    throw_input("{}_sha256 is {}, but the stored text has {}", what, hash, sha256_hex(text));
  }
  return hash;
}

void verify_file(const DatasetReader& reader, Checks& checks) {
  const DatasetHeader& header = reader.header();
  checks.run("content hash", [&] {
    const std::string found = internal::computed_sha256(reader);
    if (found != reader.content_sha256()) {
      throw_input("the content has {}, the file says {}", found, reader.content_sha256());
    }
    return found;
  });
  checks.run("scene hash",
             [&] { return check_text_hash(header.scene_toml, header.scene_sha256, "scene"); });
  checks.run("plan hash",
             [&] { return check_text_hash(header.plan_toml, header.plan_sha256, "plan"); });
  checks.run("images", [&] { return told(check_pictures(reader, false)); });
  checks.run("visible pictures", [&] { return told(check_pictures(reader, true)); });
  checks.run("labels", [&] { return check_labels(header, reader.read_labels()); });
  checks.run("visible pairs", [&] { return check_pairs(reader.read_labels()); });
}

void verify_parts(const fs::path& folder, Checks& checks) {
  std::vector<DatasetPart> parts;
  uint64_t rows = 0;
  std::string header;
  for (const fs::path& path : internal::part_files(folder)) {
    checks.run("part " + path.filename().string(), [&] {
      const auto part = internal::read_part_file(path);
      const std::string own = internal::header_json(part.header);
      if (!header.empty() && own != header) throw_input("it was made from another plan or scene");
      header = own;
      rows = part.header.rows;
      parts.push_back(part.range);
      return fmt::format("rows {} to {}", part.range.first_row,
                         part.range.first_row + part.range.rows - 1);
    });
  }
  checks.run("finished", [&]() -> std::string {
    const std::string missing = internal::missing_rows(parts, rows);
    if (!missing.empty()) throw_input("rows {} of {} are missing", missing, rows);
    throw_input("all {} rows are there, but not yet joined into one file", rows);
  });
}

Json counts_of(const DatasetColumns& labels) {
  std::map<std::string, uint64_t> identity, posture, condition;
  for (uint64_t i = 0; i < labels.rows; ++i) {
    ++identity[std::to_string(labels.identity[i])];
    const auto p = static_cast<std::size_t>(labels.posture[i]);
    ++posture[p < kPostureNames.size() ? kPostureNames[p] : std::to_string(labels.posture[i])];
    ++condition[labels.concealed[i] != 0 ? "concealed" : "bare"];
  }
  return {{"identity", identity}, {"posture", posture}, {"condition", condition}};
}

Json statistics_of(const DatasetReader& reader, bool visible) {
  PictureStatistics s;
  for_each_grey(reader, visible, [&](uint64_t, float grey) { s.add(grey); });
  if (s.count == 0) return nullptr;
  const double mean = s.sum / static_cast<double>(s.count);
  const double variance = s.squares / static_cast<double>(s.count) - mean * mean;
  return {{"minimum", static_cast<float>(s.low)},
          {"maximum", static_cast<float>(s.high)},
          {"mean", mean},
          {"standard_deviation", std::sqrt(std::max(variance, 0.0))}};
}

Json header_summary(const DatasetHeader& header) {
  Json json = Json::parse(internal::header_json(header));
  for (const char* text : {"scene_toml", "plan_toml"}) json.erase(text);
  return json;
}

Json describe_making(const fs::path& folder) {
  Json json = {{"path", folder.string()}, {"complete", false}, {"parts", Json::array()}};
  std::vector<DatasetPart> parts;
  for (const fs::path& path : internal::part_files(folder)) {
    Json entry = {{"file", path.filename().string()}};
    try {
      const auto part = internal::read_part_file(path);
      entry["first_row"] = part.range.first_row;
      entry["rows"] = part.range.rows;
      parts.push_back(part.range);
      json["header"] = header_summary(part.header);
      json["rows"] = part.header.rows;
    } catch (const InputError& e) {
      entry["damaged"] = e.what();
    }
    json["parts"].push_back(entry);
  }
  json["missing_rows"] = internal::missing_rows(parts, json.value("rows", uint64_t{0}));
  return json;
}

}  // namespace

std::vector<DatasetCheck> verify_dataset(const fs::path& path) {
  Checks checks;
  if (is_dataset_in_the_making(path)) {
    verify_parts(path, checks);
    return checks.take();
  }
  std::optional<DatasetReader> reader;
  const bool readable = checks.run("readable", [&] {
    reader.emplace(path);
    return fmt::format("{}, {} rows, {} visible pictures", internal::kDatasetSchema, reader->rows(),
                       reader->visible_rows());
  });
  if (readable) verify_file(*reader, checks);
  return checks.take();
}

bool all_ok(const std::vector<DatasetCheck>& checks) {
  return std::all_of(checks.begin(), checks.end(), [](const DatasetCheck& c) { return c.ok; });
}

std::string describe_dataset(const fs::path& path) {
  Json json;
  if (is_dataset_in_the_making(path)) {
    json = describe_making(path);
  } else {
    const DatasetReader reader(path);
    json = {{"path", reader.path().string()},
            {"schema", internal::kDatasetSchema},
            {"complete", true},
            {"rows", reader.rows()},
            {"visible_rows", reader.visible_rows()},
            {"content_sha256", reader.content_sha256()},
            {"created_utc", reader.created()},
            {"header", header_summary(reader.header())},
            {"counts", counts_of(reader.read_labels())},
            {"image", statistics_of(reader, false)},
            {"visible", statistics_of(reader, true)}};
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace thz::io
