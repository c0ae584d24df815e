#include "thz/io/dataset_writer.h"

#include <algorithm>
#include <optional>
#include <set>

#include "dataset_parts.h"
#include "dataset_schema.h"
#include "thz/core/error.h"
#include "thz/io/atomic_file.h"
#include "thz/io/dataset_reader.h"

namespace thz::io {

namespace fs = std::filesystem;
using internal::part_path;

struct DatasetWriter::State {
  fs::path folder;
  DatasetHeader header;
  DatasetWriterOptions options;
  std::vector<FileLock> locks;
  std::set<std::size_t> done;
  std::vector<std::string> repairs;
  bool finished = false;

  fs::path final_path() const { return folder / options.file_name; }
  fs::path parts_folder() const { return folder / internal::kPartsFolder; }
  std::size_t num_parts() const {
    return (header.rows + options.rows_per_part - 1) / options.rows_per_part;
  }
  bool sharded() const { return options.shards > 1; }
  bool mine(std::size_t index) const {
    return static_cast<int>(index % static_cast<std::size_t>(options.shards)) == options.shard;
  }
  DatasetPart range(std::size_t index) const;
  void lock();
  void take_up_finished();
  void remove_parts();
  void remove_temporaries();
  void take_up_parts();
  void take_up_part(const fs::path& path, std::size_t index);
};

DatasetPart DatasetWriter::State::range(std::size_t index) const {
  DatasetPart part;
  part.index = index;
  part.first_row = index * options.rows_per_part;
  part.rows = std::min(options.rows_per_part, header.rows - part.first_row);
  const auto& owner = options.visible_owner;
  const auto first = std::lower_bound(owner.begin(), owner.end(), part.first_row);
  const auto last = std::lower_bound(first, owner.end(), part.first_row + part.rows);
  part.first_visible = static_cast<uint64_t>(first - owner.begin());
  part.visible_rows = static_cast<uint64_t>(last - first);
  return part;
}

// Shards share the folder's lock and own one each; a lone writer keeps everybody out.
void DatasetWriter::State::lock() {
  const std::string holder = "the data set " + folder.string();
  locks.emplace_back(folder / internal::kLockName,
                     sharded() ? FileLock::Kind::kShared : FileLock::Kind::kExclusive, holder);
  if (!sharded()) return;
  locks.emplace_back(
      folder / fmt::format("{}-{}-of-{}", internal::kLockName, options.shard, options.shards),
      FileLock::Kind::kExclusive, fmt::format("shard {} of {}", options.shard, holder));
}

void DatasetWriter::State::take_up_finished() {
  const DatasetReader reader(final_path());
  internal::require_same_header(reader.header(), header, final_path().string());
  if (internal::computed_sha256(reader) != reader.content_sha256()) {
    throw_input("{}: its content does not match its content hash; remove it to have it made again",
                final_path().string());
  }
  finished = true;
  // A process killed right after the last rename leaves its parts behind.
  remove_parts();
}

void DatasetWriter::State::remove_parts() {
  std::error_code ignored;
  for (std::size_t i = 0; i < num_parts(); ++i) fs::remove(part_path(folder, i), ignored);
  fs::remove(parts_folder(), ignored);  // only if empty
}

void DatasetWriter::State::take_up_part(const fs::path& path, std::size_t index) {
  std::optional<internal::StoredPart> part;
  try {
    part = internal::read_part_file(path);
  } catch (const internal::NotAPart&) {
    throw;
  } catch (const InputError& e) {
    repairs.push_back(std::string(e.what()) + "; removed, to be made again");
    fs::remove(path);
    return;
  }
  internal::require_same_header(part->header, header, folder.string());
  const DatasetPart wanted = range(index);
  const DatasetPart& found = part->range;
  if (found.index != index || found.first_row != wanted.first_row || found.rows != wanted.rows ||
      found.first_visible != wanted.first_visible || found.visible_rows != wanted.visible_rows) {
    throw_input(
        "{}: holds rows {} to {}, but parts of {} rows are asked for; finish the data set "
        "as it was begun or choose another folder",
        path.string(), found.first_row, found.first_row + found.rows, options.rows_per_part);
  }
  done.insert(index);
}

// Of a killed program: its parts, its finished file, the splits beside it.
void DatasetWriter::State::remove_temporaries() {
  if (sharded()) return;  // another shard's temporary file may be alive
  std::error_code absent;
  for (const fs::path& place : {folder, parts_folder()}) {
    for (const auto& entry : fs::directory_iterator(place, absent)) {
      if (is_temporary_name(entry.path())) fs::remove(entry.path());
    }
  }
}

void DatasetWriter::State::take_up_parts() {
  make_folder(parts_folder());
  for (std::size_t i = 0; i < num_parts(); ++i) {
    if (fs::exists(part_path(folder, i))) take_up_part(part_path(folder, i), i);
  }
}

DatasetWriter::DatasetWriter(const fs::path& folder, const DatasetHeader& header,
                             const DatasetWriterOptions& options)
    : state_(std::make_unique<State>()) {
  THZ_REQUIRE(options.rows_per_part > 0 && options.shards > 0 && options.shard >= 0 &&
                  options.shard < options.shards,
              "rows_per_part and shards must be positive, shard in [0, shards)");
  THZ_REQUIRE(options.visible_owner.size() == header.visible_rows &&
                  std::is_sorted(options.visible_owner.begin(), options.visible_owner.end()),
              "visible_owner must be ascending, one entry a visible row");
  state_->folder = folder;
  state_->header = header;
  state_->options = options;
  make_folder(folder);
  state_->lock();
  state_->remove_temporaries();
  if (fs::exists(state_->final_path())) {
    state_->take_up_finished();
  } else {
    state_->take_up_parts();
  }
}

DatasetWriter::~DatasetWriter() = default;

bool DatasetWriter::is_finished() const { return state_->finished; }
std::size_t DatasetWriter::num_parts() const { return state_->num_parts(); }
DatasetPart DatasetWriter::part(std::size_t index) const { return state_->range(index); }
const std::vector<std::string>& DatasetWriter::repairs() const { return state_->repairs; }

std::vector<std::size_t> DatasetWriter::missing_parts() const {
  std::vector<std::size_t> missing;
  if (state_->finished) return missing;
  for (std::size_t i = 0; i < num_parts(); ++i) {
    if (state_->mine(i) && state_->done.count(i) == 0) missing.push_back(i);
  }
  return missing;
}

void DatasetWriter::write_part(std::size_t index, const std::vector<DatasetRow>& rows,
                               const std::vector<VisibleRow>& visible) {
  THZ_REQUIRE(!state_->finished && index < num_parts() && state_->mine(index),
              "only a missing part of this writer can be written");
  const DatasetPart range = part(index);
  THZ_REQUIRE(rows.size() == range.rows && visible.size() == range.visible_rows,
              "a part is written with all its rows");
  internal::write_part_file(part_path(state_->folder, index), state_->header, range,
                            to_columns(state_->header, rows, visible));
  state_->done.insert(index);
}

fs::path DatasetWriter::finish() {
  if (state_->finished) return state_->final_path();
  THZ_REQUIRE(!state_->sharded(), "a shard cannot finish the data set");
  const auto missing = missing_parts();
  if (!missing.empty()) {
    throw_input(
        "{}: {} of {} parts are missing, the first at row {}; continue with dataset "
        "generate",
        state_->folder.string(), missing.size(), num_parts(), part(missing.front()).first_row);
  }
  internal::write_finished(
      state_->final_path(), state_->header, num_parts(), [&](std::size_t index) {
        return internal::read_part_file(part_path(state_->folder, index)).columns;
      });
  state_->finished = true;
  state_->remove_parts();
  return state_->final_path();
}

void write_dataset(const fs::path& path, const DatasetHeader& header,
                   const std::vector<DatasetRow>& rows, const std::vector<VisibleRow>& visible) {
  THZ_REQUIRE(rows.size() == header.rows && visible.size() == header.visible_rows,
              "the header's row counts must fit the rows");
  internal::write_finished(path, header, 1,
                           [&](std::size_t) { return to_columns(header, rows, visible); });
}

void write_dataset(const fs::path& path, const DatasetHeader& header, std::size_t runs,
                   const std::function<DatasetColumns(std::size_t run)>& source) {
  internal::write_finished(path, header, runs, source);
}

}  // namespace thz::io
