#pragma once

// A finished data set as it is read: one file, or an index and the files its pictures lie in.

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "dataset_schema.h"
#include "thz/io/dataset_columns.h"
#include "thz/io/hdf5_file.h"

namespace thz::io::internal {

/// Of an index the files behind it are opened by its own list of them and their rows laid one after
/// the other here. The virtual arrays in it are for other programs and never touched: HDF5 reads
/// their lists from a heap without a checksum.
class DatasetFile {
 public:
  /// Rows [first, first + count) of the index are rows 0 ... count - 1 of the file behind it.
  struct Rows {
    uint64_t first = 0, count = 0;
  };
  struct Source {
    std::filesystem::path path;
    std::string content_sha256;
    Rows captures, visible;
  };

  /// @throws InputError if the file is foreign or incomplete, or an array is not what it must be;
  /// of an index, if a file behind it is missing or no longer what it was made of.
  explicit DatasetFile(const std::filesystem::path& path);

  const Hdf5File& file() const { return file_; }
  const DatasetHeader& header() const { return header_; }
  /// The files behind an index; none of a whole data set.
  const std::vector<Source>& sources() const { return sources_; }
  DatasetColumns read_run(uint64_t first_row, uint64_t rows, uint64_t first_visible,
                          uint64_t visible_rows, const ColumnChoice& wanted = {}) const;
  /// Rows of `/thz/image`, `/thz/power` or `/visible/image`.
  void read_pictures(const std::string& array, uint64_t first, uint64_t count, float* values) const;

 private:
  void find_sources();
  Hdf5File open_source(const Source& source) const;
  void check_source(const Hdf5File& file, const Source& source) const;
  void read_pictures(const ColumnInfo& info, uint64_t first, uint64_t count, float* values) const;
  const Hdf5File& opened(std::size_t source) const;

  std::filesystem::path path_;
  Hdf5File file_;
  DatasetHeader header_;
  bool index_ = false;
  std::vector<Source> sources_;
  mutable std::mutex mutex_;
  mutable std::vector<std::pair<std::size_t, Hdf5File>> opened_;  ///< the latest last
};

}  // namespace thz::io::internal
