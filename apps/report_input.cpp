#include "report_input.h"

#include <fmt/core.h>

#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "report_data.h"
#include "thz/core/error.h"
#include "thz/io/atomic_file.h"
#include "thz/io/dataset.h"
#include "thz/io/stage_dump.h"

namespace thz::apps {
namespace {

namespace fs = std::filesystem;
using report::ReportInput;

report::TrainingHistory parse_history(const fs::path& log) {
  report::TrainingHistory history;
  std::istringstream lines(io::read_file(log));
  std::vector<std::pair<std::string, std::string>> keys;  // group, name
  for (std::string line; std::getline(lines, line);) {
    const auto record = nlohmann::json::parse(line, nullptr, false);
    if (record.is_discarded())
      throw_input("{}: a line is not JSON; the log is damaged", log.string());
    if (keys.empty()) {
      for (const auto& [group, table] :
           {std::pair{"training loss", "train_loss"}, std::pair{"validation", "validation"}}) {
        for (const auto& [name, value] : record.at(table).items()) {
          keys.emplace_back(table, name);
          history.columns.push_back(name);
          history.groups.emplace_back(group);
        }
      }
    }
    report::HistoryRow row;
    row.epoch = record.at("epoch").get<double>();
    for (const auto& [table, name] : keys) {
      const auto& values = record.at(table);
      row.values.push_back(values.contains(name) && values[name].is_number()
                               ? values[name].get<double>()
                               : std::numeric_limits<double>::quiet_NaN());
    }
    if (record.value("best", false)) history.best_epoch = row.epoch;
    history.rows.push_back(std::move(row));
  }
  return history;
}

report::TrainingHistory read_history(const fs::path& log) {
  try {
    return parse_history(log);
  } catch (const nlohmann::json::exception& e) {
    throw_input("{}: not the log of a training run: {}", log.string(), e.what());
  }
}

std::vector<report::ReconstructionRow> read_examples(const fs::path& file,
                                                     const eval::EvaluationResult& result) {
  std::vector<report::ReconstructionRow> rows;
  if (!fs::exists(file)) return rows;
  for (std::size_t i = 0; i < result.examples.size(); ++i) {
    const auto& example = result.examples[i];
    const std::string name = fmt::format("example{}/", i);
    report::ReconstructionRow row;
    row.kind = example.kind;
    row.label = fmt::format("identity {}, {}", example.identity,
                            io::kPostureNames[static_cast<std::size_t>(example.posture)]);
    row.input = io::read_stage_image(file, name + "input");
    row.reconstruction = io::read_stage_image(file, name + "reconstruction");
    row.truth = io::read_stage_image(file, name + "truth");
    row.ssim = example.ssim;
    row.psnr_db = example.psnr_db;
    row.input_row = example.input_row;
    row.target_row = example.target_row;
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<report::HardPairRow> read_hard_pairs(const fs::path& file,
                                                 const eval::EvaluationResult& result) {
  std::vector<report::HardPairRow> rows;
  if (!fs::exists(file)) return rows;
  for (std::size_t i = 0; i < result.hard_pairs.size(); ++i) {
    const eval::HardPair& pair = result.hard_pairs[i];
    const auto& posture = io::kPostureNames[static_cast<std::size_t>(pair.posture)];
    report::HardPairRow row;
    row.genuine = pair.genuine;
    row.label = pair.genuine ? fmt::format("identity {}, {}", pair.probe_identity, posture)
                             : fmt::format("identities {}, {}, {}", pair.probe_identity,
                                           pair.gallery_identity, posture);
    row.probe = io::read_stage_image(file, fmt::format("hard{}/probe", i));
    row.gallery = io::read_stage_image(file, fmt::format("hard{}/gallery", i));
    row.distance = pair.distance;
    rows.push_back(std::move(row));
  }
  return rows;
}

/// @throws InputError if the training was on other data than the evaluation.
void require_one_data_set(const fs::path& summary, const eval::EvaluationResult& result) {
  const auto json = nlohmann::json::parse(io::read_file(summary), nullptr, false);
  if (!json.is_object()) throw_input("{}: not the summary of a training run", summary.string());
  const auto at = json.find("data_sha256");
  if (at == json.end() || *at == result.run.dataset_sha256) return;
  throw_input("{}: the run was trained on other data than it was evaluated on; evaluate it again",
              summary.parent_path().string());
}

report::ReportRun read_run(const std::string& folder, std::vector<report::MissingPart>& not_shown) {
  const fs::path run(folder);
  const fs::path evaluation = run / "evaluation" / "evaluation.json";
  if (!fs::exists(run / "run.json"))
    throw_input("{}: not a run folder (no run.json in it)", folder);
  if (!fs::exists(evaluation)) {
    throw_input("{}: not evaluated yet; run thzface evaluate {} DATA first", folder, folder);
  }
  report::ReportRun result;
  result.result = eval::evaluation_from_json(io::read_file(evaluation), evaluation.string());
  require_one_data_set(run / "run.json", result.result);
  result.name = result.result.run.name;
  result.history = read_history(run / "log.jsonl");
  const fs::path examples = run / "evaluation" / "examples.h5";
  result.reconstructions = read_examples(examples, result.result);
  result.hard_pairs = read_hard_pairs(examples, result.result);
  const bool named = !result.result.examples.empty() || !result.result.hard_pairs.empty();
  if (named && !fs::exists(examples)) {
    not_shown.push_back({"pictures of reconstructions and of the hardest pairs",
                         examples.string() + " is missing; evaluate writes it"});
  }
  return result;
}

/// The last part of a path, however it is written.
std::string last_name(const std::string& path) {
  const fs::path whole = fs::absolute(path).lexically_normal();
  return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

/// How the run could be made and judged again.
void add_commands(const std::string& folder, const report::ReportRun& run, const std::string& data,
                  std::vector<std::string>& commands) {
  const std::string name = last_name(folder);
  // train takes the split beside the data set unless told; protocols have others.
  const bool own_split =
      run.result.run.split_name != "image-disjoint" && fs::exists(fs::path(folder) / "split.json");
  commands.push_back(fmt::format("thzface train {0}/config.toml --data {1}{2} --output NEW", name,
                                 data, own_split ? " --split " + name + "/split.json" : ""));
  commands.push_back(fmt::format("thzface evaluate {} {}", name, data));
}

}  // namespace

report::ReportInput gather_report(const std::vector<std::string>& runs, const std::string& data) {
  ReportInput input;
  for (const auto& run : runs) input.runs.push_back(read_run(run, input.not_shown));
  add_data(runs.front(), data, input);
  const std::string& first = input.runs.front().result.run.dataset_sha256;
  for (std::size_t r = 0; r < runs.size(); ++r) {
    const bool same = !data.empty() && input.runs[r].result.run.dataset_sha256 == first;
    const std::string path = same ? data : noted_data(runs[r]);
    add_commands(runs[r], input.runs[r], path.empty() ? "DATA" : last_name(path), input.commands);
  }
  return input;
}

}  // namespace thz::apps
