#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "thz/io/dataset.h"
#include "thz/io/dataset_columns.h"

namespace thz::io {

/// Path of the data-set file that `path` means: the file itself or the one inside a folder.
/// @throws InputError if there is none, naming what a folder still lacks.
std::filesystem::path find_dataset(const std::filesystem::path& path);

/// A finished data set. Opening checks schema, completeness, types and shapes of every array, not
/// their content (that is `verify_dataset`); damaged chunks are found when they are read.
class DatasetReader {
 public:
  /// `path`: file, or folder with the finished file. @throws InputError if it is missing, foreign,
  /// truncated or incomplete.
  explicit DatasetReader(const std::filesystem::path& path);
  ~DatasetReader();
  DatasetReader(DatasetReader&&) noexcept;

  const DatasetHeader& header() const;
  const std::filesystem::path& path() const;
  uint64_t rows() const { return header().rows; }
  uint64_t visible_rows() const { return header().visible_rows; }
  bool has_power() const { return header().power_lines > 0; }
  /// As stored in the file; what splits and checkpoints refer to.
  const std::string& content_sha256() const;
  /// UTC, ISO 8601; outside the content.
  const std::string& created() const;

  /// Everything but pictures and power.
  DatasetColumns read_labels() const;
  /// Everything, power only if `with_power`.
  DatasetColumns read_all(bool with_power = false) const;
  /// Rows [first_row, + rows) and visible pictures [first_visible, + visible_rows) with all they
  /// have: for work that must not hold the whole set.
  DatasetColumns read_run(uint64_t first_row, uint64_t rows, uint64_t first_visible = 0,
                          uint64_t visible_rows = 0, bool with_power = true) const;
  /// Pictures of the given rows, in their order: [rows.size()][64][64].
  std::vector<float> read_images(const std::vector<uint64_t>& rows) const;
  /// All pictures: [N][64][64].
  std::vector<float> read_images() const;
  std::vector<float> read_visible_images() const;  ///< [M][64][64]
  ImageF read_power(uint64_t row) const;           ///< [lines][samples]
  /// One row with all it has.
  DatasetRow read_row(uint64_t row) const;
  VisibleRow read_visible(uint64_t index) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace thz::io
