#include "training_data.h"

#include <cmath>
#include <vector>

#include "thz/core/error.h"

namespace thz::model {
namespace {

// Grey mapping may round a little over the ends.
constexpr float kGreySlack = 1e-5f;

void check_labels(const TrainingData& data, std::size_t row) {
  if (data.identity[row] < 0) {
    throw_input("row {}: identity is {}, but must not be negative", row, data.identity[row]);
  }
  if (data.posture[row] < 0 || data.posture[row] >= kPostureCount) {
    throw_input("row {}: posture is {}, but must lie between 0 and {}", row, data.posture[row],
                kPostureCount - 1);
  }
  if (data.concealed[row] != 0 && data.concealed[row] != 1) {
    throw_input("row {}: concealed is {}, but must be 0 or 1", row, data.concealed[row]);
  }
}

void check_image(const float* pixels, int64_t row, const char* what) {
  for (int64_t i = 0; i < kImagePixels; ++i) {
    // Written so that NaN fails, too.
    if (pixels[i] >= -kGreySlack && pixels[i] <= 1.0f + kGreySlack) continue;
    throw_input("row {}: pixel ({}, {}) of the {} is {}, but grey must lie between 0 and 1", row,
                i / kImageSide, i % kImageSide, what, pixels[i]);
  }
}

}  // namespace

void check_training_data(const TrainingData& data) {
  const auto n = static_cast<std::size_t>(data.rows());
  THZ_REQUIRE(data.posture.size() == n && data.concealed.size() == n, "one label an image");
  THZ_REQUIRE(data.images.size() == n * static_cast<std::size_t>(kImagePixels),
              "one 64 x 64 image a row");
  THZ_REQUIRE(data.twin_group.empty() || data.twin_group.size() == n, "one twin group a row");
  THZ_REQUIRE(data.visible_index.empty() || data.visible_index.size() == n,
              "one visible index a row");
  for (std::size_t row = 0; row < data.visible_index.size(); ++row) {
    if (data.visible_index[row] >= -1 && data.visible_index[row] < data.visible_rows()) continue;
    throw_input("row {}: visible_index is {}, but there are {} visible pictures", row,
                data.visible_index[row], data.visible_rows());
  }
  if (data.train_rows.empty())
    throw_input("the split holds no training rows; at least 2 are needed");
  std::vector<char> seen(n, 0);
  for (const auto* rows : {&data.train_rows, &data.validation_rows}) {
    for (const int64_t row : *rows) {
      if (row < 0 || row >= data.rows()) {
        throw_input("the split names row {}, but the data set has rows 0 to {}", row,
                    data.rows() - 1);
      }
      const auto r = static_cast<std::size_t>(row);
      const bool may_share =
          data.shared_gallery && rows == &data.validation_rows && data.concealed[r] == 0;
      if (seen[r]++ != 0 && !(may_share && seen[r] == 2))
        throw_input("the split names row {} twice; every row belongs to one part", row);
      check_labels(data, r);
      check_image(data.image(row), row, "image");
      if (data.visible(row) != nullptr) check_image(data.visible(row), row, "visible picture");
    }
  }
}

bool are_twins(const TrainingData& data, int64_t a, int64_t b) {
  if (data.twin_group.empty()) return false;
  const int64_t group = data.twin_group[static_cast<std::size_t>(a)];
  return group >= 0 && group == data.twin_group[static_cast<std::size_t>(b)];
}

}  // namespace thz::model
