#include "thz/data/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <sstream>
#include <tuple>

#include "thz/core/config.h"
#include "thz/core/error.h"
#include "thz/core/sha256.h"
#include "thz/core/version.h"
#include "thz/io/dataset_index.h"
#include "thz/io/dataset_reader.h"
#include "thz/io/dataset_writer.h"

namespace thz::data {

namespace fs = std::filesystem;

namespace {

constexpr uint64_t kMergeRun = 256;
using Names = std::vector<std::string>;

/// Places of some names in the united list.
std::vector<std::size_t> unite(const Names& names, Names& united) {
  std::vector<std::size_t> places;
  for (const std::string& name : names) {
    const auto found = std::find(united.begin(), united.end(), name);
    places.push_back(static_cast<std::size_t>(found - united.begin()));
    if (found == united.end()) united.push_back(name);
  }
  return places;
}

/// One data set on its way into the merged one.
struct MergeSource {
  io::DatasetReader reader;
  io::DatasetColumns labels;
  int64_t identity_offset = 0;
  int32_t capture_offset = 0;
  int32_t visible_offset = 0;
  std::vector<std::size_t> fabric, soft, coefficients, nuisance;  ///< places of its names
};

/// [rows][from] spread to [rows][width]; NaN where the source has nothing.
std::vector<float> spread(const std::vector<float>& values, uint64_t rows,
                          const std::vector<std::size_t>& places, std::size_t width) {
  std::vector<float> wide(rows * width, std::numeric_limits<float>::quiet_NaN());
  for (uint64_t row = 0; row < rows; ++row) {
    for (std::size_t k = 0; k < places.size(); ++k) {
      wide[row * width + places[k]] = values[row * places.size() + k];
    }
  }
  return wide;
}

/// Keeps a text that all have in common.
void keep_common(std::string& text, const std::string& other, const char* otherwise) {
  if (text != other) text = otherwise;
}

toml::table source_record(const MergeSource& source, uint64_t first_row) {
  const io::DatasetHeader& h = source.reader.header();
  return toml::table{{"content_sha256", source.reader.content_sha256()},
                     {"first_row", static_cast<int64_t>(first_row)},
                     {"rows", static_cast<int64_t>(h.rows)},
                     {"identity_offset", source.identity_offset},
                     {"capture_offset", source.capture_offset},
                     {"seed", static_cast<int64_t>(h.seed)},
                     {"instruction_set", h.instruction_set},
                     {"thzface_version", h.thzface_version},
                     {"mapping_json", h.mapping_json},
                     {"scene_toml", h.scene_toml},
                     {"plan_toml", h.plan_toml}};
}

class Merger {
 public:
  Merger(const std::vector<fs::path>& paths, const MergeOptions& options) : options_(options) {
    for (const fs::path& path : paths) {
      io::DatasetReader reader(path);
      io::DatasetColumns labels = reader.read_labels();
      sources_.push_back({std::move(reader), std::move(labels), 0, 0, 0, {}, {}, {}, {}});
    }
    number_people();
    make_header();
  }

  MergeReport write(const fs::path& file) {
    std::vector<std::pair<std::size_t, uint64_t>> runs;  // source, number of its run
    for (std::size_t s = 0; s < sources_.size(); ++s) {
      const uint64_t longest =
          std::max(sources_[s].reader.rows(), sources_[s].reader.visible_rows());
      for (uint64_t run = 0; run * kMergeRun < longest; ++run) runs.emplace_back(s, run);
    }
    uint64_t done = 0;
    const auto source = [&](std::size_t i) {
      if (options_.cancel != nullptr) options_.cancel->throw_if_requested();
      io::DatasetColumns columns = run_of(sources_[runs[i].first], runs[i].second);
      done += columns.rows;
      if (options_.progress) options_.progress(done, header_.rows);
      return columns;
    };
    if (!options_.index) {
      io::write_dataset(file, header_, runs.size(), source);
    } else {
      std::vector<io::IndexSource> files;
      for (const MergeSource& s : sources_) {
        files.push_back(
            {s.reader.path(), s.reader.rows(), s.reader.visible_rows(), s.reader.content_sha256()});
      }
      io::write_dataset_index(file, header_, runs.size(), source, files);
    }
    return report_;
  }

 private:
  void number_people();
  void make_header();
  io::DatasetColumns run_of(const MergeSource& source, uint64_t run) const;

  const MergeOptions& options_;
  std::vector<MergeSource> sources_;
  io::DatasetHeader header_;
  MergeReport report_;
};

void Merger::number_people() {
  std::map<int64_t, std::size_t> taken;  // identity -> source
  int32_t captures = 0;
  for (std::size_t s = 0; s < sources_.size(); ++s) {
    MergeSource& source = sources_[s];
    const std::set<int32_t> own(source.labels.identity.begin(), source.labels.identity.end());
    const auto shared =
        std::find_if(own.begin(), own.end(), [&](int32_t i) { return taken.count(i) > 0; });
    if (shared != own.end()) {
      if (options_.people == MergePeople::kDifferent) {
        throw_input(
            "{}: has a person {} as {} has; say with --people whether they are the same (same) or "
            "get "
            "new numbers (renumber)",
            source.reader.path().string(), *shared,
            sources_[taken.at(*shared)].reader.path().string());
      }
      if (options_.people == MergePeople::kSame) source.capture_offset = captures;
    }
    if (options_.people == MergePeople::kRenumber && s > 0 && !own.empty()) {
      source.identity_offset = taken.rbegin()->first + 1 - *own.begin();
    }
    for (const int32_t identity : own) taken.emplace(identity + source.identity_offset, s);
    if (!taken.empty() && taken.rbegin()->first > INT32_MAX) {
      throw_input("{}: its people cannot be renumbered: too many", source.reader.path().string());
    }
    for (const int32_t capture : source.labels.capture) {
      captures = std::max(captures, capture + 1 + source.capture_offset);
    }
    report_.identity_offsets.push_back(source.identity_offset);
  }
}

void Merger::make_header() {
  header_ = sources_.front().reader.header();
  header_.rows = header_.visible_rows = 0;
  header_.fabric_names.clear();
  header_.soft_biometric_names.clear();
  header_.head_coefficient_names.clear();
  header_.nuisance_names.clear();
  bool power = header_.power_lines > 0;
  toml::array records;
  for (MergeSource& source : sources_) {
    const io::DatasetHeader& h = source.reader.header();
    source.visible_offset = static_cast<int32_t>(header_.visible_rows);
    records.push_back(source_record(source, header_.rows));
    header_.rows += h.rows;
    header_.visible_rows += h.visible_rows;
    source.fabric = unite(h.fabric_names, header_.fabric_names);
    source.soft = unite(h.soft_biometric_names, header_.soft_biometric_names);
    source.coefficients = unite(h.head_coefficient_names, header_.head_coefficient_names);
    source.nuisance = unite(h.nuisance_names, header_.nuisance_names);
    power =
        power && h.power_lines == header_.power_lines && h.power_samples == header_.power_samples;
    if (h.seed != header_.seed) header_.seed = 0;
    keep_common(header_.scene_toml, h.scene_toml, "");
    keep_common(header_.scene_sha256, h.scene_sha256, "");
    keep_common(header_.instruction_set, h.instruction_set, "mixed");
    keep_common(header_.mapping_json, h.mapping_json, "{\"kind\":\"mixed\"}");
  }
  if (!power && std::any_of(sources_.begin(), sources_.end(),
                            [](const MergeSource& s) { return s.reader.has_power(); })) {
    report_.notes.emplace_back("the power frames are left out: not all have them in one size");
  }
  if (header_.mapping_json == "{\"kind\":\"mixed\"}") {
    report_.notes.emplace_back(
        "the data sets have different grey mappings: compare them with dataset compare");
  }
  if (!power) header_.power_lines = header_.power_samples = 0;
  header_.thzface_version = version();
  std::ostringstream text;
  text << toml::table{{"schema", "thzface-merge/1"}, {"source", records}} << "\n";
  header_.plan_toml = text.str();
  header_.plan_sha256 = sha256_hex(header_.plan_toml);
}

io::DatasetColumns Merger::run_of(const MergeSource& source, uint64_t run) const {
  const uint64_t first = run * kMergeRun;
  const auto clip = [&](uint64_t rows) {
    return std::make_pair(std::min(first, rows), std::min(kMergeRun, rows - std::min(first, rows)));
  };
  const auto [row, rows] = clip(source.reader.rows());
  const auto [picture, pictures] = clip(source.reader.visible_rows());
  io::DatasetColumns columns =
      source.reader.read_run(row, rows, picture, pictures, header_.power_lines > 0);
  if (header_.power_lines == 0) columns.power.clear();
  const auto move = [&](int32_t identity) {
    return static_cast<int32_t>(identity + source.identity_offset);
  };
  std::transform(columns.identity.begin(), columns.identity.end(), columns.identity.begin(), move);
  std::transform(columns.visible_identity.begin(), columns.visible_identity.end(),
                 columns.visible_identity.begin(), move);
  for (int32_t& capture : columns.capture) capture += source.capture_offset;
  for (int32_t& index : columns.visible_index) {
    if (index >= 0) index += source.visible_offset;
  }
  for (int32_t& fabric : columns.fabric) {
    if (fabric >= 0)
      fabric = static_cast<int32_t>(source.fabric.at(static_cast<std::size_t>(fabric)));
  }
  columns.soft_biometrics =
      spread(columns.soft_biometrics, rows, source.soft, header_.soft_biometric_names.size());
  columns.head_coefficients = spread(columns.head_coefficients, rows, source.coefficients,
                                     header_.head_coefficient_names.size());
  columns.nuisance = spread(columns.nuisance, rows, source.nuisance, header_.nuisance_names.size());
  return columns;
}

/// The fewest captures of any (identity, posture, condition) that a data set has.
int fewest_captures(const io::DatasetColumns& labels) {
  std::map<std::tuple<int32_t, int32_t, uint8_t>, int> cells;
  for (uint64_t i = 0; i < labels.rows; ++i) {
    ++cells[{labels.identity[i], labels.posture[i], labels.concealed[i]}];
  }
  int fewest = cells.empty() ? 0 : INT32_MAX;
  for (const auto& [cell, count] : cells) fewest = std::min(fewest, count);
  return fewest;
}

}  // namespace

MergeReport merge_datasets(const std::vector<fs::path>& sources, const fs::path& file,
                           const MergeOptions& options) {
  THZ_REQUIRE(!sources.empty(), "nothing to merge");
  const auto shards = std::count_if(sources.begin(), sources.end(), io::is_dataset_in_the_making);
  MergeReport report;
  if (shards > 0 && shards < static_cast<std::ptrdiff_t>(sources.size())) {
    throw_input("{} of the {} data sets are unfinished shards; merge the shards of each first",
                shards, sources.size());
  }
  if (shards > 0) {
    io::join_shards(sources, file, options.index);
    report.identity_offsets.assign(sources.size(), 0);
  } else {
    report = Merger(sources, options).write(file);
  }
  report.fewest_captures = fewest_captures(io::DatasetReader(file).read_labels());
  return report;
}

}  // namespace thz::data
