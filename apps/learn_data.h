#pragma once

#include <string>

#include "thz/io/dataset_columns.h"
#include "thz/io/dataset_reader.h"
#include "thz/io/split_file.h"
#include "thz/model/run.h"

namespace thz::apps {

/// A data set with a split, as the trainer and the evaluation take it.
struct LearnData {
  io::DatasetHeader header;
  io::DatasetColumns columns;
  io::Split split;
  model::TrainingData training;
};

/// @param split_path  empty: split-image-disjoint.json beside the data set.
LearnData load_learn_data(const std::string& data_path, const std::string& split_path);

/// With the split that a run was trained on.
LearnData load_learn_data_of_run(const std::string& data_path, const std::string& run);

/// @throws thz::InputError if the folder holds no run.
void require_run(const std::string& run);

/// Where a run's data lay, so that `--resume RUN` alone is enough.
void remember_data_path(const std::string& run, const std::string& data_path);
std::string remembered_data_path(const std::string& run);

}  // namespace thz::apps
