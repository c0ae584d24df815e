#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "thz/model/run.h"

namespace thz::model {

constexpr const char* kRunSchema = "thzface-run/1";  // of run.json

/// One line of log.jsonl; NaN becomes null and back.
nlohmann::json to_json(const EpochRecord& record);
EpochRecord epoch_from_json(const nlohmann::json& json);

/// Writes log.csv and log.jsonl of the run folder, whole files, each replaced at once.
void write_logs(const std::filesystem::path& run, const std::vector<EpochRecord>& history);

}  // namespace thz::model
