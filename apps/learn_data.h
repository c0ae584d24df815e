#pragma once

#include <string>

#include "thz/model/learning_data.h"

namespace thz::apps {

/// @param split_path  empty: split-image-disjoint.json beside the data set.
model::LearningData load_learn_data(const std::string& data_path, const std::string& split_path);

/// With the split that a run was trained on.
model::LearningData load_learn_data_of_run(const std::string& data_path, const std::string& run);

/// @throws thz::InputError if the folder holds no run.
void require_run(const std::string& run);

/// Where a run's data lay, so that `--resume RUN` alone is enough.
void remember_data_path(const std::string& run, const std::string& data_path);
std::string remembered_data_path(const std::string& run);

}  // namespace thz::apps
