#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "thz/io/dataset.h"
#include "thz/io/dataset_columns.h"

namespace thz::io {

/// A file whose pictures are rows of an index: a finished data set or a part.
struct IndexSource {
  std::filesystem::path file;
  uint64_t rows = 0;
  uint64_t visible_rows = 0;
  std::string content_sha256;  ///< as the file says it
};

/// Writes a data set whose pictures and power stay in `sources`, one after the other, and whose
/// labels and provenance are its own: a small file that reads as the whole one does and has the
/// same content hash. Its sources are named relative to its folder. Readers refuse it when a source
/// is missing or has become another.
/// @param source  run i with all its columns, as for `write_dataset`: labels are stored, pictures
/// are hashed
void write_dataset_index(const std::filesystem::path& path, const DatasetHeader& header,
                         std::size_t runs,
                         const std::function<DatasetColumns(std::size_t run)>& source,
                         const std::vector<IndexSource>& sources);

/// Where a data set in the making stands: its folder holds parts and no finished file.
bool is_dataset_in_the_making(const std::filesystem::path& folder);

/// Joins the parts of one data set that lie in several folders (one a shard) into one file, or into
/// an index of the parts. The parts stay.
/// @throws InputError if a folder is of another plan, scene, seed or version, or rows are missing:
/// which.
void join_shards(const std::vector<std::filesystem::path>& folders,
                 const std::filesystem::path& path, bool index);

}  // namespace thz::io
