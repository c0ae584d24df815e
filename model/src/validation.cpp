#include "validation.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "thz/core/image.h"
#include "thz/eval/image_metrics.h"
#include "thz/eval/verification.h"
#include "training_data.h"

namespace thz::model {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

eval::Labels labels_of(const TrainingData& data, const std::vector<int64_t>& rows) {
  eval::Labels labels;
  for (const int64_t row : rows) {
    const auto r = static_cast<std::size_t>(row);
    labels.identity.push_back(data.identity[r]);
    labels.posture.push_back(data.posture[r]);
    labels.concealed.push_back(static_cast<uint8_t>(data.concealed[r]));
    if (!data.twin_group.empty()) labels.twin_group.push_back(data.twin_group[r]);
  }
  return labels;
}

ImageF image_of(const float* pixels) {
  ImageF image(kImageSide, kImageSide);
  std::copy(pixels, pixels + kImagePixels, image.data.begin());
  return image;
}

double mean_similarity(const TrainingData& data, const Predictions& predictions) {
  const auto& rows = data.validation_rows;
  double sum = 0.0;
  int64_t pairs = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto a = static_cast<std::size_t>(rows[i]);
    if (data.concealed[a] == 0) continue;
    const ImageF made =
        image_of(predictions.reconstructions.data() + static_cast<int64_t>(i) * kImagePixels);
    for (const int64_t other : rows) {
      const auto b = static_cast<std::size_t>(other);
      if (data.concealed[b] != 0 || data.identity[a] != data.identity[b] ||
          data.posture[a] != data.posture[b] || are_twins(data, rows[i], other)) {
        continue;
      }
      sum += eval::ssim(made, image_of(data.image(other)));
      ++pairs;
    }
  }
  return pairs == 0 ? kNone : sum / static_cast<double>(pairs);
}

}  // namespace

ValidationFigures validate(const TrainingData& data, const Predictions& predictions) {
  const auto& rows = data.validation_rows;
  ValidationFigures figures;
  figures.values = {
      {"verification_accuracy", kNone}, {"posture_accuracy", kNone}, {"w_ssim", kNone}};
  if (rows.empty()) return figures;
  const eval::Labels labels = labels_of(data, rows);
  const auto concealed = std::count(labels.concealed.begin(), labels.concealed.end(), 1);
  if (concealed > 0 && concealed < static_cast<std::ptrdiff_t>(rows.size())) {
    const eval::MatrixF embeddings = Eigen::Map<const eval::MatrixF>(
        predictions.embeddings.data(), predictions.count, predictions.embedding_size);
    const auto counts =
        eval::count_triplets(eval::score_embeddings(embeddings, labels), eval::PostureRule::kSame);
    figures.values["verification_accuracy"] = counts.accuracy;
    figures.triplets = static_cast<int64_t>(counts.triplets);
    if (!predictions.reconstructions.empty()) {
      figures.values["w_ssim"] = mean_similarity(data, predictions);
    }
  }
  int64_t right = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (predictions.predicted_posture[i] == labels.posture[i]) ++right;
  }
  figures.values["posture_accuracy"] =
      static_cast<double>(right) / static_cast<double>(rows.size());
  return figures;
}

double validation_score(const ValidationFigures& figures, const LossOptions& loss,
                        double train_loss) {
  double sum = 0.0;
  int count = 0;
  const auto add = [&](const char* name, double weight) {
    const double value = figures.values.at(name);
    if (weight <= 0.0 || std::isnan(value)) return;
    sum += value;
    ++count;
  };
  add("verification_accuracy", loss.verification);
  add("posture_accuracy", loss.posture);
  add("w_ssim", loss.reconstruction);
  return count == 0 ? -train_loss : sum / count;
}

}  // namespace thz::model
