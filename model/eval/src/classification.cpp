#include "thz/eval/classification.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "thz/core/error.h"

namespace thz::eval {
namespace {

double macro_f1_of(const std::vector<std::vector<uint64_t>>& confusion) {
  double sum = 0.0;
  int present = 0;
  for (std::size_t k = 0; k < confusion.size(); ++k) {
    uint64_t truth = 0, predicted = 0;
    for (std::size_t other = 0; other < confusion.size(); ++other) {
      truth += confusion[k][other];
      predicted += confusion[other][k];
    }
    // tp + fn = truth and tp + fp = predicted, so 2 tp / (2 tp + fp + fn) = 2 tp / (truth +
    // predicted).
    if (truth + predicted == 0) continue;
    sum += 2.0 * static_cast<double>(confusion[k][k]) / static_cast<double>(truth + predicted);
    ++present;
  }
  return sum / present;
}

struct CalibrationBin {
  double confidence = 0.0;
  double correct = 0.0;
};

double calibration_error(const std::array<CalibrationBin, kCalibrationBins>& bins, double rows) {
  double error = 0.0;
  // n_b / n * |correct_b / n_b - confidence_b / n_b|: the bin's own count cancels.
  for (const CalibrationBin& bin : bins) error += std::abs(bin.correct - bin.confidence) / rows;
  return error;
}

}  // namespace

ClassificationResult classify(const MatrixF& logits, const std::vector<int32_t>& truth) {
  const Eigen::Index rows = logits.rows(), classes = logits.cols();
  if (rows == 0 || classes == 0 || static_cast<std::size_t>(rows) != truth.size()) {
    throw_input("{} x {} class scores do not fit {} true classes; both must be equal and not empty",
                rows, classes, truth.size());
  }
  if (!logits.allFinite()) throw_input("the class scores hold NaN or infinity");
  ClassificationResult out;
  const auto k = static_cast<std::size_t>(classes);
  out.confusion.assign(k, std::vector<uint64_t>(k, 0));
  std::array<CalibrationBin, kCalibrationBins> bins{};
  double correct = 0.0;
  for (Eigen::Index r = 0; r < rows; ++r) {
    const int32_t label = truth[static_cast<std::size_t>(r)];
    if (label < 0 || label >= classes) {
      throw_input("row {} has the class {}, but there are {} classes from 0", r, label, classes);
    }
    Eigen::Index best = 0;
    const double largest = static_cast<double>(logits.row(r).maxCoeff(&best));
    const double confidence = 1.0 / (logits.row(r).cast<double>().array() - largest).exp().sum();
    const double hit = best == label ? 1.0 : 0.0;
    correct += hit;
    const int bin =
        std::clamp(static_cast<int>(confidence * kCalibrationBins), 0, kCalibrationBins - 1);
    bins[static_cast<std::size_t>(bin)].confidence += confidence;
    bins[static_cast<std::size_t>(bin)].correct += hit;
    ++out.confusion[static_cast<std::size_t>(label)][static_cast<std::size_t>(best)];
    out.predicted.push_back(static_cast<int>(best));
  }
  out.accuracy = correct / static_cast<double>(rows);
  out.macro_f1 = macro_f1_of(out.confusion);
  out.ece = calibration_error(bins, static_cast<double>(rows));
  return out;
}

}  // namespace thz::eval
