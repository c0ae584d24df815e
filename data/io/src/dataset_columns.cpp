#include "thz/io/dataset_columns.h"

#include <algorithm>

#include "dataset_schema.h"
#include "thz/core/error.h"

namespace thz::io {
namespace {

void append(std::vector<float>& column, const std::vector<float>& values, std::size_t width,
            const char* name) {
  THZ_REQUIRE(values.size() == width,
              fmt::format("{} has {} values, the header says {}", name, values.size(), width));
  column.insert(column.end(), values.begin(), values.end());
}

void append(std::vector<float>& column, const ImageF& image, int rows, int cols, const char* name) {
  THZ_REQUIRE(image.rows == rows && image.cols == cols,
              fmt::format("{} is {} x {}, the header says {} x {}", name, image.rows, image.cols,
                          rows, cols));
  column.insert(column.end(), image.data.begin(), image.data.end());
}

std::vector<uint8_t> bytes_of_hex(const std::string& hex) {
  std::vector<uint8_t> bytes(internal::kSha256Bytes, 0);
  // A scene that has no hash (imported data) is all zeros.
  if (hex.empty()) return bytes;
  THZ_REQUIRE(hex.size() == 2 * bytes.size() &&
                  hex.find_first_not_of("0123456789abcdef") == std::string::npos,
              "scene_sha256 must be 64 hexadecimal digits, is '" + hex + "'");
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<uint8_t>(std::stoul(hex.substr(2 * i, 2), nullptr, 16));
  }
  return bytes;
}

std::vector<float> slice(const std::vector<float>& column, uint64_t n, std::size_t width) {
  const auto begin = column.begin() + static_cast<std::ptrdiff_t>(n * width);
  return std::vector<float>(begin, begin + static_cast<std::ptrdiff_t>(width));
}

}  // namespace

DatasetColumns to_columns(const DatasetHeader& header, const std::vector<DatasetRow>& rows,
                          const std::vector<VisibleRow>& visible) {
  DatasetColumns columns;
  columns.rows = rows.size();
  columns.visible_rows = visible.size();
  const auto scene = bytes_of_hex(header.scene_sha256);
  for (const DatasetRow& row : rows) {
    append(columns.image, row.image, kDatasetImageSize, kDatasetImageSize, "image");
    append(columns.power, header.power_lines > 0 ? row.power : ImageF{}, header.power_lines,
           header.power_lines > 0 ? header.power_samples : 0, "power");
    columns.identity.push_back(row.identity);
    columns.posture.push_back(row.posture);
    columns.concealed.push_back(row.concealed);
    columns.capture.push_back(row.capture);
    columns.visible_index.push_back(row.visible_index);
    columns.fabric.push_back(row.fabric);
    columns.seed.push_back(row.seed);
    append(columns.soft_biometrics, row.soft_biometrics, header.soft_biometric_names.size(),
           "soft_biometrics");
    append(columns.head_coefficients, row.head_coefficients, header.head_coefficient_names.size(),
           "head_coefficients");
    append(columns.pose, row.pose, internal::kPoseNames.size(), "pose");
    append(columns.nuisance, row.nuisance, header.nuisance_names.size(), "nuisance");
    columns.scene_sha256.insert(columns.scene_sha256.end(), scene.begin(), scene.end());
  }
  for (const VisibleRow& row : visible) {
    append(columns.visible_image, row.image, kDatasetImageSize, kDatasetImageSize, "visible image");
    columns.visible_identity.push_back(row.identity);
    columns.visible_posture.push_back(row.posture);
    columns.visible_concealed.push_back(row.concealed);
  }
  return columns;
}

std::vector<ImageF> images_of(const std::vector<float>& pixels) {
  constexpr std::size_t kPixels = std::size_t{kDatasetImageSize} * kDatasetImageSize;
  std::vector<ImageF> images;
  for (std::size_t n = 0; n < pixels.size() / kPixels; ++n) {
    ImageF image(kDatasetImageSize, kDatasetImageSize);
    image.data = slice(pixels, n, kPixels);
    images.push_back(std::move(image));
  }
  return images;
}

DatasetRow row_of(const DatasetHeader& header, const DatasetColumns& columns, uint64_t n) {
  THZ_REQUIRE(n < columns.rows, fmt::format("row {} of {}", n, columns.rows));
  DatasetRow row;
  const int side = kDatasetImageSize;
  row.image = ImageF(side, side);
  row.image.data = slice(columns.image, n, row.image.size());
  if (!columns.power.empty()) {
    row.power = ImageF(header.power_lines, header.power_samples);
    row.power.data = slice(columns.power, n, row.power.size());
  }
  row.identity = columns.identity[n];
  row.posture = columns.posture[n];
  row.concealed = columns.concealed[n];
  row.capture = columns.capture[n];
  row.visible_index = columns.visible_index[n];
  row.fabric = columns.fabric[n];
  row.seed = columns.seed[n];
  row.soft_biometrics = slice(columns.soft_biometrics, n, header.soft_biometric_names.size());
  row.head_coefficients = slice(columns.head_coefficients, n, header.head_coefficient_names.size());
  row.pose = slice(columns.pose, n, internal::kPoseNames.size());
  row.nuisance = slice(columns.nuisance, n, header.nuisance_names.size());
  return row;
}

std::string content_sha256(const DatasetHeader& header, const DatasetColumns& columns) {
  internal::ContentHash hash(header);
  hash.add(columns);
  return hash.hex();
}

}  // namespace thz::io
