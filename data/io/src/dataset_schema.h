#pragma once

// The arrays and attributes of schema thzface-dataset/1, listed once for writing, reading, hashing
// and checking (docs/formats/dataset.md).

#include <functional>
#include <map>
#include <string>
#include <type_traits>

#include "thz/core/sha256.h"
#include "thz/io/dataset_columns.h"
#include "thz/io/hdf5_file.h"

namespace thz::io::internal {

inline constexpr char kDatasetSchema[] = "thzface-dataset/1";
inline constexpr char kPartSchema[] = "thzface-dataset-part/1";
inline constexpr char kHashKey[] = "content_sha256";
inline const std::vector<std::string> kPoseNames = {"yaw_deg", "pitch_deg", "roll_deg",
                                                    "x_m",     "y_m",       "z_m"};
inline constexpr uint64_t kSha256Bytes = 32;
/// Root attributes of an index: files the pictures lie in, and their content hashes.
inline constexpr char kIndexFilesKey[] = "index_files";
inline constexpr char kIndexHashesKey[] = "index_content_sha256";

/// What is known of an array before a value is seen.
struct ColumnInfo {
  const char* path;
  Shape row_shape;  ///< shape of one row; empty: a number a row
  bool visible;     ///< one row a visible picture instead of one a capture

  uint64_t row_size() const {
    uint64_t size = 1;
    for (const uint64_t extent : row_shape) size *= extent;
    return size;
  }
};

/// True for the arrays that an index leaves where they are.
inline bool is_picture(const ColumnInfo& info) { return info.row_shape.size() == 2; }

/// Calls visit(ColumnInfo, vector) for every array of the file in ascending order of paths; arrays
/// of width 0 (no power, no names, no visible pictures) are not in the file.
template <typename Columns, typename Visit>
void for_each_column(const DatasetHeader& header, Columns& columns, Visit&& visit) {
  constexpr uint64_t side = kDatasetImageSize;
  const auto capture = [&](const char* path, Shape row_shape, auto& values) {
    const ColumnInfo info{path, std::move(row_shape), false};
    if (info.row_size() > 0) visit(info, values);
  };
  const auto visible = [&](const char* path, Shape row_shape, auto& values) {
    if (header.visible_rows > 0) visit(ColumnInfo{path, std::move(row_shape), true}, values);
  };
  capture("/label/capture", {}, columns.capture);
  capture("/label/concealed", {}, columns.concealed);
  capture("/label/fabric", {}, columns.fabric);
  capture("/label/identity", {}, columns.identity);
  capture("/label/posture", {}, columns.posture);
  capture("/label/soft_biometrics", {header.soft_biometric_names.size()}, columns.soft_biometrics);
  capture("/label/visible_index", {}, columns.visible_index);
  capture("/provenance/head_coefficients", {header.head_coefficient_names.size()},
          columns.head_coefficients);
  capture("/provenance/nuisance", {header.nuisance_names.size()}, columns.nuisance);
  capture("/provenance/pose", {kPoseNames.size()}, columns.pose);
  capture("/provenance/scene_sha256", {kSha256Bytes}, columns.scene_sha256);
  capture("/provenance/seed", {}, columns.seed);
  capture("/thz/image", {side, side}, columns.image);
  capture("/thz/power",
          {static_cast<uint64_t>(header.power_lines), static_cast<uint64_t>(header.power_samples)},
          columns.power);
  visible("/visible/concealed", {}, columns.visible_concealed);
  visible("/visible/identity", {}, columns.visible_identity);
  visible("/visible/image", {side, side}, columns.visible_image);
  visible("/visible/posture", {}, columns.visible_posture);
}

template <typename Vector>
using ElementOf = typename std::decay_t<Vector>::value_type;

template <typename T>
const char* element_name() {
  if constexpr (std::is_same_v<T, float>) return "float32";
  if constexpr (std::is_same_v<T, int32_t>) return "int32";
  if constexpr (std::is_same_v<T, uint8_t>) return "uint8";
  if constexpr (std::is_same_v<T, uint64_t>) return "uint64";
}

inline Shape with_rows(uint64_t rows, const Shape& row_shape) {
  Shape shape = {rows};
  shape.insert(shape.end(), row_shape.begin(), row_shape.end());
  return shape;
}

/// Rows a chunk: whole images, some 4 MiB, at most 256 pictures' worth.
uint64_t chunk_rows(const ColumnInfo& info, std::size_t element_bytes);

/// The header as JSON with sorted keys: what has to be equal for two runs to make the same data
/// set.
std::string header_json(const DatasetHeader& header);

/// Throws InputError that says in which field two headers differ, if they do. `what` names the
/// holder of `found`.
void require_same_header(const DatasetHeader& found, const DatasetHeader& wanted,
                         const std::string& what);

/// Root attributes and the names beside arrays; the arrays must exist for the latter.
void write_header(Hdf5File& file, const DatasetHeader& header);
void write_names(Hdf5File& file, const DatasetHeader& header);
DatasetHeader read_header(const Hdf5File& file);

/// The whole file's hash, fed with runs of rows in ascending order.
class ContentHash {
 public:
  explicit ContentHash(const DatasetHeader& header) : header_(header) {}
  void add(const DatasetColumns& run);
  std::string hex();

 private:
  const DatasetHeader& header_;
  std::map<std::string, Sha256> arrays_;
  std::map<std::string, std::string> labels_;  ///< type and row shape
  uint64_t rows_ = 0;
  uint64_t visible_rows_ = 0;
};

/// Makes the arrays for `rows` and `visible_rows`; of an index those of labels only.
void make_arrays(Hdf5File& file, const DatasetHeader& header, uint64_t rows, uint64_t visible_rows,
                 bool index = false);
void write_run(Hdf5File& file, const DatasetHeader& header, const DatasetColumns& run,
               uint64_t first_row, uint64_t first_visible, bool index = false);
/// Chooses arrays; none: all of them.
using ColumnChoice = std::function<bool(const ColumnInfo& info)>;
/// Throws InputError unless every wanted array is there with its type and the given number of rows.
void check_arrays(const Hdf5File& file, const DatasetHeader& header, uint64_t rows,
                  uint64_t visible_rows, const ColumnChoice& wanted_columns = {});
/// Reads the rows of every wanted array.
DatasetColumns read_run(const Hdf5File& file, const DatasetHeader& header, uint64_t first_row,
                        uint64_t rows, uint64_t first_visible, uint64_t visible_rows,
                        const ColumnChoice& wanted = {});

}  // namespace thz::io::internal
