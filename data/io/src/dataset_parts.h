#pragma once

// Part files of a data set in the making, and the finished file: writing, finding, checking.

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "thz/core/error.h"
#include "thz/io/dataset_columns.h"
#include "thz/io/dataset_reader.h"
#include "thz/io/dataset_writer.h"

namespace thz::io::internal {

inline constexpr char kPartsFolder[] = "parts";
inline constexpr char kLockName[] = ".writer.lock";

std::filesystem::path part_path(const std::filesystem::path& folder, std::size_t index);

/// A part as its file describes itself.
struct StoredPart {
  DatasetHeader header;
  DatasetPart range;
  DatasetColumns columns;
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

/// Writes the finished file atomically out of runs in ascending order.
void write_finished(const std::filesystem::path& path, const DatasetHeader& header,
                    std::size_t runs, const RunSource& source);

/// Content hash computed from all that the finished file holds, read run by run.
std::string computed_sha256(const DatasetReader& reader);

/// "YYYY-MM-DDThh:mm:ssZ"
std::string utc_now();

}  // namespace thz::io::internal
