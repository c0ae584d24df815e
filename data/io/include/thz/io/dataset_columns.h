#pragma once

#include <cstdint>
#include <vector>

#include "thz/io/dataset.h"

namespace thz::io {

/// Rows and columns of a stored picture.
inline constexpr int kDatasetImageSize = 64;

/// Many rows as contiguous arrays, one vector a column of the file; axes in brackets.
struct DatasetColumns {
  uint64_t rows = 0;          ///< N
  uint64_t visible_rows = 0;  ///< M
  std::vector<float> image;   ///< [N][64][64]
  std::vector<float> power;   ///< [N][lines][samples], empty when the header has none
  std::vector<int32_t> identity, posture, capture, visible_index, fabric;  ///< [N]
  std::vector<uint8_t> concealed;                                          ///< [N], 0 or 1
  std::vector<float> soft_biometrics;                                      ///< [N][K]
  std::vector<uint64_t> seed;                                              ///< [N]
  std::vector<uint8_t> scene_sha256;                                       ///< [N][32]
  std::vector<float> head_coefficients;                                    ///< [N][C]
  std::vector<float> pose;                                                 ///< [N][6]
  std::vector<float> nuisance;                                             ///< [N][Q]
  std::vector<float> visible_image;                                        ///< [M][64][64]
  std::vector<int32_t> visible_identity, visible_posture;                  ///< [M]
  std::vector<uint8_t> visible_concealed;                                  ///< [M]
};

/// Rows of `header`'s layout as columns. @throws ContractError if a row does not fit the header
/// (image size, power size, lengths of its vectors).
DatasetColumns to_columns(const DatasetHeader& header, const std::vector<DatasetRow>& rows,
                          const std::vector<VisibleRow>& visible);

/// Stored pictures one by one, as many as there are. @param pixels  [n][64][64]
std::vector<ImageF> images_of(const std::vector<float>& pixels);

/// Row n of the columns (power included when present).
DatasetRow row_of(const DatasetHeader& header, const DatasetColumns& columns, uint64_t n);

/// SHA-256 of the content: header (without row counts and anything about time) and, for every array
/// in the order of docs/formats/dataset.md, path, type, shape and the bytes. The same for one file,
/// for parts put together and for a resumed run. `columns` may be the whole set or one part.
std::string content_sha256(const DatasetHeader& header, const DatasetColumns& columns);

}  // namespace thz::io
