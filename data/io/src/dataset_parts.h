#pragma once

// Part files of a data set in the making, and the finished file: writing, finding, checking.

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "thz/core/error.h"
#include "thz/io/dataset_columns.h"
#include "thz/io/dataset_index.h"
#include "thz/io/dataset_reader.h"
#include "thz/io/dataset_writer.h"
#include "thz/io/hdf5_file.h"

namespace thz::io::internal {

inline constexpr char kPartsFolder[] = "parts";
inline constexpr char kLockName[] = ".writer.lock";

std::filesystem::path part_path(const std::filesystem::path& folder, std::size_t index);

/// A part as its file describes itself.
struct StoredPart {
  DatasetHeader header;
  DatasetPart range;
  std::string content_sha256;
  DatasetColumns columns;  ///< empty where only the header was read
};

void write_part_file(const std::filesystem::path& path, const DatasetHeader& header,
                     const DatasetPart& range, const DatasetColumns& columns);

/// A readable HDF5 file that is something else than a part: never removed.
class NotAPart : public InputError {
 public:
  using InputError::InputError;
};

/// Reads a part and checks its content hash. @throws NotAPart, InputError if it is damaged.
StoredPart read_part_file(const std::filesystem::path& path);

/// Gives the run of rows number `run`, to be stored after those before it.
using RunSource = std::function<DatasetColumns(std::size_t run)>;

/// Writes the finished file atomically out of runs in ascending order. With `sources` pictures and
/// power stay where they are and the file is an index of them.
void write_finished(const std::filesystem::path& path, const DatasetHeader& header,
                    std::size_t runs, const RunSource& source,
                    const std::vector<IndexSource>& sources = {});

/// What a part says of itself, without its content.
StoredPart read_part_header(const std::filesystem::path& path);

/// Content hash computed from all that the finished file holds, read run by run.
std::string computed_sha256(const DatasetReader& reader);

/// Part files of a folder in the making, in order of their names.
std::vector<std::filesystem::path> part_files(const std::filesystem::path& folder);

/// Rows that no part holds, "A to B, C to D"; `parts` in ascending order.
std::string missing_rows(const std::vector<DatasetPart>& parts, uint64_t rows);

/// "YYYY-MM-DDThh:mm:ssZ"
std::string utc_now();

}  // namespace thz::io::internal
