#pragma once

#include <string>
#include <vector>

#include "thz/eval/evaluate.h"
#include "thz/io/dataset_columns.h"
#include "thz/io/dataset_reader.h"
#include "thz/io/split_file.h"
#include "thz/model/run.h"

namespace thz::model {

/// A data set with a split, as the trainer and the evaluation take it.
struct LearningData {
  io::DatasetHeader header;
  io::DatasetColumns columns;  ///< without pictures: those are in `training`
  io::Split split;
  TrainingData training;
};

/// The whole data set, without a split. @throws InputError.
LearningData load_learning_data(const std::string& path);

/// Lays a split over it: the rows that train and validate, and the text that a run keeps. Shared
/// rows (the published, leaky rule) train and validate both.
/// @throws InputError if the split is of other data.
void use_split(LearningData& data, const io::Split& split, const std::string& text);

/// Two data sets one after the other: identities, visible pictures and rows of the second are
/// numbered on. Its content hash is that of both hashes.
LearningData joined(LearningData first, const LearningData& second);

/// Rows that the split tests; shared ones (the gallery of the published rule) are among them.
std::vector<int64_t> test_rows(const io::Split& split);

/// Images, labels and face regions of all rows, for the evaluation; no predictions yet.
eval::Predictions evaluation_arrays(const LearningData& data);

/// Encodes each of `rows` once and fills in what the network says of them, and which rows tested
/// and trained.
/// @param reconstruct  decode, too: by the predicted and by the true posture
void predict_into(eval::Predictions& arrays, const Run& run, const LearningData& data,
                  const std::vector<int64_t>& rows, bool reconstruct, const CancelToken* cancel);

}  // namespace thz::model
