#include "thz/model/alignment_of.h"

#include <set>

#include "thz/core/error.h"

namespace thz::model {
namespace {

eval::MatrixF feature_table(const std::vector<float>& values, int64_t rows, int columns) {
  return Eigen::Map<const eval::MatrixF>(values.data(), rows, columns);
}

}  // namespace

TeacherAlignment alignment_of(const Run& run, const TrainingData& data,
                              const std::vector<int64_t>& rows,
                              const eval::BootstrapOptions* resample) {
  std::vector<float> images, visible;
  std::vector<int32_t> identity;
  for (const int64_t row : rows) {
    if (row < 0 || row >= data.rows()) {
      throw_input("row {} is asked for, but the data set has {} rows", row, data.rows());
    }
    const float* picture = data.visible(row);
    if (picture == nullptr) continue;
    images.insert(images.end(), data.image(row), data.image(row) + kImagePixels);
    visible.insert(visible.end(), picture, picture + kImagePixels);
    identity.push_back(data.identity[static_cast<std::size_t>(row)]);
  }
  constexpr std::size_t kLeastRows = 3;  // the rank correlation needs two distances at least
  if (identity.size() < kLeastRows) {
    throw_input("{} of {} rows have a visible picture; student and teacher need at least {}",
                identity.size(), rows.size(), kLeastRows);
  }
  const AlignmentFeatures f = run.align(images, visible);
  TeacherAlignment out;
  const auto measure = [&](const char* space, const std::vector<float>& student,
                           const std::vector<float>& teacher, int columns) {
    const eval::MatrixF x = feature_table(student, f.count, columns);
    const eval::MatrixF y = feature_table(teacher, f.count, columns);
    if (resample != nullptr) {
      const auto draws =
          eval::draw_alignment(space, eval::WeightedAlignment(x, y, identity), *resample);
      out.draws.insert(draws.begin(), draws.end());
    }
    return eval::measure_alignment(x, y, identity);
  };
  out.rows = f.count;
  out.identities = static_cast<int64_t>(std::set<int32_t>(identity.begin(), identity.end()).size());
  out.projection =
      measure("projection", f.student_projection, f.teacher_projection, f.projection_size);
  out.latent = measure("latent", f.student_latent, f.teacher_latent, f.latent_size);
  return out;
}

}  // namespace thz::model
