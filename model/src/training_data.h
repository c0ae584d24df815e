#pragma once

#include "thz/model/run.h"

namespace thz::model {

/// Throws InputError, naming row and value, for arrays that do not fit together, labels out of
/// range, grey values that are not finite or not in [0, 1], and rows that are listed twice or do
/// not exist.
void check_training_data(const TrainingData& data);

/// Whether two rows share a draw of pose and nuisances.
bool are_twins(const TrainingData& data, int64_t a, int64_t b);

}  // namespace thz::model
