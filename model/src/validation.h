#pragma once

#include <map>
#include <string>

#include "thz/model/run.h"

namespace thz::model {

struct ValidationFigures {
  /// verification_accuracy, posture_accuracy, w_ssim; NaN where the rows cannot give one.
  std::map<std::string, double> values;
  int64_t triplets = 0;
};

/// Figures of predictions on the validation rows, by the definitions of thz::eval: triplets of one
/// posture; W-SSIM of the reconstruction (routed by the predicted posture) of each concealed row
/// against every independent unconcealed validation image of its identity and posture.
/// @param predictions  of data.validation_rows, in that order
ValidationFigures validate(const TrainingData& data, const Predictions& predictions);

/// Mean of the figures of the tasks that carry weight, in [0, 1] for useful networks; minus the
/// training loss if there is no such figure. Higher is better.
double validation_score(const ValidationFigures& figures, const LossOptions& loss,
                        double train_loss);

}  // namespace thz::model
