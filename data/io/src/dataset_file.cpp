#include "dataset_file.h"

#include <algorithm>

#include "thz/core/error.h"
#include "thz/core/one_line.h"

namespace thz::io::internal {

namespace fs = std::filesystem;

namespace {

// One for captures and one for visible pictures: each keeps chunks in memory.
constexpr std::size_t kMostOpenSources = 2;

void require_finished(const Hdf5File& file) {
  if (!file.has_attribute("/", "schema")) {
    throw_input("{}: HDF5, but no data set: its root has no attribute 'schema'; {} is expected",
                file.name(), kDatasetSchema);
  }
  const std::string schema = file.text("/", "schema");
  if (schema != kDatasetSchema) {
    throw_input("{}: its schema is '{}', but {} is expected", file.name(), one_line(schema, 80),
                kDatasetSchema);
  }
  if (!file.has_attribute("/", "complete") || file.unsigned_number("/", "complete") != 1) {
    throw_input("{}: the data set is not complete; continue with dataset generate", file.name());
  }
}

}  // namespace

DatasetFile::DatasetFile(const fs::path& path) : path_(path), file_(Hdf5File::open(path)) {
  require_finished(file_);
  header_ = read_header(file_);
  index_ = file_.has_attribute("/", kIndexFilesKey);
  check_arrays(file_, header_, header_.rows, header_.visible_rows,
               [this](const ColumnInfo& info) { return !index_ || !is_picture(info); });
  if (index_) find_sources();
}

void DatasetFile::find_sources() {
  const std::vector<std::string> files = file_.texts("/", kIndexFilesKey);
  const std::vector<std::string> hashes = file_.texts("/", kIndexHashesKey);
  if (files.size() != hashes.size()) {
    throw_input("{}: is an index of {} files, but has {} hashes of them", path_.string(),
                files.size(), hashes.size());
  }
  Rows captures, visible;
  for (std::size_t i = 0; i < files.size(); ++i) {
    Source source{fs::absolute(path_).parent_path() / files[i], hashes[i], captures, visible};
    const Hdf5File file = open_source(source);
    const bool part = file.text("/", "schema") == kPartSchema;
    source.captures.count = file.unsigned_number("/", part ? "part_rows" : "rows");
    source.visible.count = file.unsigned_number("/", part ? "part_visible_rows" : "visible_rows");
    check_source(file, source);
    captures.first += source.captures.count;
    visible.first += source.visible.count;
    sources_.push_back(std::move(source));
  }
  if (captures.first != header_.rows || visible.first != header_.visible_rows) {
    throw_input(
        "{}: is an index of {} rows and {} visible pictures, but the files behind it have {} and "
        "{}",
        path_.string(), header_.rows, header_.visible_rows, captures.first, visible.first);
  }
}

Hdf5File DatasetFile::open_source(const Source& source) const {
  const std::string shown = one_line(source.path.lexically_normal().string());
  std::error_code error;
  // Of a pipe or a device one could read for ever.
  if (!fs::is_regular_file(source.path, error)) {
    throw_input("{}: is an index, and the file {} with some of its rows is missing", path_.string(),
                shown);
  }
  Hdf5File file = Hdf5File::open(source.path, shown);
  if (!file.has_attribute("/", "schema") || !file.has_attribute("/", kHashKey) ||
      file.text("/", kHashKey) != source.content_sha256) {
    throw_input("{}: is an index, and the file {} is no longer the one it was made of",
                path_.string(), shown);
  }
  return file;
}

void DatasetFile::check_source(const Hdf5File& file, const Source& source) const {
  const std::string schema = file.text("/", "schema");
  if ((schema != kDatasetSchema && schema != kPartSchema) ||
      file.has_attribute("/", kIndexFilesKey)) {
    throw_input("{}: is an index, and the file {} is neither a whole data set nor a part of one",
                path_.string(), file.name());
  }
  check_arrays(file, header_, source.captures.count, source.visible.count,
               [&](const ColumnInfo& info) {
                 const Rows& rows = info.visible ? source.visible : source.captures;
                 return is_picture(info) && rows.count > 0;
               });
}

const Hdf5File& DatasetFile::opened(std::size_t source) const {
  const auto found = std::find_if(opened_.begin(), opened_.end(),
                                  [&](const auto& entry) { return entry.first == source; });
  if (found != opened_.end()) {
    std::rotate(found, found + 1, opened_.end());
    return opened_.back().second;
  }
  Hdf5File file = open_source(sources_[source]);
  check_source(file, sources_[source]);
  if (opened_.size() == kMostOpenSources) opened_.erase(opened_.begin());
  opened_.emplace_back(source, std::move(file));
  return opened_.back().second;
}

void DatasetFile::read_pictures(const ColumnInfo& info, uint64_t first, uint64_t count,
                                float* values) const {
  if (!index_) return file_.read_rows(info.path, first, count, values);
  const uint64_t rows = info.visible ? header_.visible_rows : header_.rows;
  if (first > rows || count > rows - first) {
    throw_input("{}: {} has no rows {} to {}", path_.string(), info.path, first, first + count);
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  for (std::size_t i = 0; count > 0; ++i) {
    const Rows& there = info.visible ? sources_[i].visible : sources_[i].captures;
    if (first >= there.first + there.count) continue;
    const uint64_t taken = std::min(count, there.first + there.count - first);
    opened(i).read_rows(info.path, first - there.first, taken, values);
    values += taken * info.row_size();
    first += taken;
    count -= taken;
  }
}

void DatasetFile::read_pictures(const std::string& array, uint64_t first, uint64_t count,
                                float* values) const {
  const DatasetColumns none;
  for_each_column(header_, none, [&](const ColumnInfo& info, const auto&) {
    if (array == info.path) read_pictures(info, first, count, values);
  });
}

DatasetColumns DatasetFile::read_run(uint64_t first_row, uint64_t rows, uint64_t first_visible,
                                     uint64_t visible_rows, const ColumnChoice& wanted) const {
  const auto elsewhere = [this](const ColumnInfo& info) { return index_ && is_picture(info); };
  DatasetColumns run = internal::read_run(
      file_, header_, first_row, rows, first_visible, visible_rows,
      [&](const ColumnInfo& info) { return !elsewhere(info) && (!wanted || wanted(info)); });
  for_each_column(header_, run, [&](const ColumnInfo& info, auto& values) {
    if constexpr (std::is_same_v<ElementOf<decltype(values)>, float>) {
      if (!elsewhere(info) || (wanted && !wanted(info))) return;
      const uint64_t count = info.visible ? visible_rows : rows;
      values.resize(count * info.row_size());
      read_pictures(info, info.visible ? first_visible : first_row, count, values.data());
    }
  });
  return run;
}

}  // namespace thz::io::internal
