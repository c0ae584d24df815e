#include "run_log.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <set>
#include <sstream>

#include "thz/core/error.h"
#include "thz/core/json_number.h"
#include "thz/io/atomic_file.h"

namespace thz::model {
namespace {

using nlohmann::json;

double number_or_nan(const json& value) {
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

json to_json(const std::map<std::string, double>& values) {
  json object = json::object();
  for (const auto& [key, value] : values) object[key] = value;  // NaN is dumped as null
  return object;
}

std::map<std::string, double> map_from_json(const json& object) {
  std::map<std::string, double> values;
  for (const auto& [key, value] : object.items()) values[key] = number_or_nan(value);
  return values;
}

std::string csv(const std::vector<EpochRecord>& history) {
  std::set<std::string> losses;
  std::set<std::string> figures;
  for (const auto& record : history) {
    for (const auto& item : record.train_loss) losses.insert(item.first);
    for (const auto& item : record.validation) figures.insert(item.first);
  }
  std::string text = "epoch,step,image_exposures,seconds,images_per_s,learning_rate";
  for (const auto& name : losses) text += ",train_" + name;
  for (const auto& name : figures) text += ",validation_" + name;
  text += ",validation_triplets,score,best\n";
  // An empty field where there is no number.
  const auto field = [](const std::map<std::string, double>& values, const std::string& name) {
    const auto found = values.find(name);
    if (found == values.end() || std::isnan(found->second)) return std::string(",");
    return fmt::format(",{}", found->second);
  };
  for (const auto& r : history) {
    text += fmt::format("{},{},{},{},{},{}", r.epoch, r.step, r.image_exposures, r.seconds,
                        r.images_per_s, r.learning_rate);
    for (const auto& name : losses) text += field(r.train_loss, name);
    for (const auto& name : figures) text += field(r.validation, name);
    text += fmt::format(",{},{},{}\n", r.validation_triplets, r.score, r.best ? 1 : 0);
  }
  return text;
}

}  // namespace

json to_json(const EpochRecord& r) {
  return {{"epoch", r.epoch},
          {"step", r.step},
          {"image_exposures", r.image_exposures},
          {"seconds", r.seconds},
          {"images_per_s", r.images_per_s},
          {"learning_rate", r.learning_rate},
          {"train_loss", to_json(r.train_loss)},
          {"validation", to_json(r.validation)},
          {"validation_triplets", r.validation_triplets},
          {"score", r.score},
          {"best", r.best}};
}

EpochRecord epoch_from_json(const json& j) {
  EpochRecord r;
  r.epoch = whole_number<int>(j.at("epoch"));
  r.step = whole_number<int64_t>(j.at("step"));
  r.image_exposures = whole_number<int64_t>(j.at("image_exposures"));
  r.seconds = j.at("seconds").get<double>();
  r.images_per_s = j.at("images_per_s").get<double>();
  r.learning_rate = j.at("learning_rate").get<double>();
  r.train_loss = map_from_json(j.at("train_loss"));
  r.validation = map_from_json(j.at("validation"));
  r.validation_triplets = whole_number<int64_t>(j.at("validation_triplets"));
  r.score = number_or_nan(j.at("score"));
  r.best = j.at("best").get<bool>();
  return r;
}

void write_logs(const std::filesystem::path& run, const std::vector<EpochRecord>& history) {
  std::string lines;
  for (const auto& record : history) lines += to_json(record).dump() + "\n";
  io::write_file(run / "log.jsonl", lines);
  io::write_file(run / "log.csv", csv(history));
}

std::vector<EpochRecord> training_log(const std::string& folder) {
  const auto path = std::filesystem::path(folder) / "log.jsonl";
  std::istringstream lines(io::read_file(path));
  std::vector<EpochRecord> history;
  std::string line;
  try {
    while (std::getline(lines, line)) history.push_back(epoch_from_json(json::parse(line)));
  } catch (const std::exception& e) {
    throw_input("{}, line {}: not the log of a training run: {}", path.string(), history.size() + 1,
                e.what());
  }
  return history;
}

TrainingTotals training_totals(const std::string& folder) {
  TrainingTotals totals;
  for (const EpochRecord& epoch : training_log(folder)) {
    ++totals.epochs;
    totals.image_exposures = epoch.image_exposures;
    totals.seconds += epoch.seconds;
  }
  return totals;
}

}  // namespace thz::model
