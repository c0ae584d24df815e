#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "thz/io/dataset.h"
#include "thz/io/dataset_columns.h"

namespace thz::io {

/// Rows a part file holds unless said otherwise.
inline constexpr uint64_t kRowsPerPart = 256;

struct DatasetWriterOptions {
  uint64_t rows_per_part =
      kRowsPerPart;  ///< not part of the content; a folder keeps what it began with
  std::string file_name = "dataset.h5";  ///< of the finished file, inside the folder
  /// Row that visible picture v belongs to, ascending: its part holds the picture too. Size:
  /// header.visible_rows.
  std::vector<uint64_t> visible_owner;
  /// Several machines may fill one folder at once when each names its own shard; only an unsharded
  /// writer can `finish`.
  int shard = 0;
  int shards = 1;
};

/// Rows of one part: [first_row, first_row + rows) and the pictures that belong to them.
struct DatasetPart {
  std::size_t index = 0;
  uint64_t first_row = 0;
  uint64_t rows = 0;
  uint64_t first_visible = 0;
  uint64_t visible_rows = 0;
};

/// A data set in the making: a folder with `parts/part-NNNNNN.h5`, one writer at a time. What is
/// finished is found by reading and verifying every part, never by a counter; damaged parts and
/// temporary files are removed. See docs/formats/dataset.md.
class DatasetWriter {
 public:
  /// Begins the folder or takes it up again. @throws InputError if it cannot be written, if another
  /// writer holds it, or if it was made from another header (plan, scene, seed, version,
  /// instruction set) or with other rows_per_part.
  DatasetWriter(const std::filesystem::path& folder, const DatasetHeader& header,
                const DatasetWriterOptions& options = {});
  ~DatasetWriter();
  DatasetWriter(const DatasetWriter&) = delete;
  DatasetWriter& operator=(const DatasetWriter&) = delete;

  /// True when the finished file is already there and sound: nothing to do.
  bool is_finished() const;
  std::size_t num_parts() const;
  DatasetPart part(std::size_t index) const;
  /// Parts still to be made (of this shard), ascending.
  std::vector<std::size_t> missing_parts() const;
  /// Sentences about parts that were found damaged and removed.
  const std::vector<std::string>& repairs() const;

  /// Stores one part; written, fsynced and renamed when this returns.
  void write_part(std::size_t index, const std::vector<DatasetRow>& rows,
                  const std::vector<VisibleRow>& visible);

  /// Joins all parts into the finished file, then removes them; the file's path.
  /// @throws InputError if a part is missing or the disk is full: the parts stay.
  std::filesystem::path finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Writes a whole data set at once to one file (imports, tests, small sets).
void write_dataset(const std::filesystem::path& path, const DatasetHeader& header,
                   const std::vector<DatasetRow>& rows, const std::vector<VisibleRow>& visible);

/// The same a run of rows at a time, so that memory holds one run: `source(i)` gives run i, which
/// is stored after those before it. What it throws passes through, and nothing is left behind.
void write_dataset(const std::filesystem::path& path, const DatasetHeader& header, std::size_t runs,
                   const std::function<DatasetColumns(std::size_t run)>& source);

/// Bytes the finished file takes at most: whole chunks, texts, the library's own structures.
uint64_t dataset_bytes(const DatasetHeader& header);

}  // namespace thz::io
