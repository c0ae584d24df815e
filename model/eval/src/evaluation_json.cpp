#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "evaluation_fields.h"
#include "thz/core/error.h"
#include "thz/core/json_number.h"
#include "thz/core/one_line.h"

// Each struct is described once, by visit(archive, struct); the archive writes or reads.
namespace thz::eval {
namespace {

using namespace fields;

using Json = nlohmann::ordered_json;

constexpr const char* kSchema = "thzface-evaluation/1";

class Writer {
 public:
  template <typename T>
  void operator()(const char* key, const T& value) {
    json[key] = encode(value);
  }

  /// A part that older results lack.
  template <typename T>
  void later(const char* key, const T& value) {
    (*this)(key, value);
  }

  Json json = Json::object();

 private:
  static Json encode(double value) { return std::isfinite(value) ? Json(value) : Json(); }
  static Json encode(bool value) { return value; }
  static Json encode(int value) { return value; }
  static Json encode(uint64_t value) { return value; }
  static Json encode(const std::string& value) { return value; }
  static Json encode(const std::pair<std::string, std::string>& value) {
    return Json::array({value.first, value.second});
  }
  template <typename T>
  static Json encode(const std::optional<T>& value) {
    return value ? encode(*value) : Json();
  }
  template <typename T>
  static Json encode(const std::vector<T>& values) {
    Json array = Json::array();
    for (const T& value : values) array.push_back(encode(value));
    return array;
  }
  template <typename T>
  static Json encode(const T& value);
};

class Reader {
 public:
  explicit Reader(const Json& json) : json_(json) {}

  template <typename T>
  void operator()(const char* key, T& value) {
    decode(json_.at(key), value);
  }

  template <typename T>
  void later(const char* key, T& value) {
    if (json_.contains(key)) decode(json_.at(key), value);
  }

 private:
  static void decode(const Json& json, double& value) {
    value = json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
  }
  static void decode(const Json& json, bool& value) { value = json.get<bool>(); }
  static void decode(const Json& json, int& value) { value = whole_number<int>(json); }
  static void decode(const Json& json, uint64_t& value) { value = whole_number<uint64_t>(json); }
  static void decode(const Json& json, std::string& value) { value = json.get<std::string>(); }
  static void decode(const Json& json, std::pair<std::string, std::string>& value) {
    value = {json.at(0).get<std::string>(), json.at(1).get<std::string>()};
  }
  template <typename T>
  static void decode(const Json& json, std::optional<T>& value) {
    value.reset();
    if (!json.is_null()) decode(json, value.emplace());
  }
  template <typename T>
  static void decode(const Json& json, std::vector<T>& values) {
    if (!json.is_array()) throw_input("an array is expected, found {}", json.type_name());
    values.clear();
    for (const Json& element : json) decode(element, values.emplace_back());
  }
  template <typename T>
  static void decode(const Json& json, T& value);

  const Json& json_;
};

// Picks the description by the type, const or not.
template <typename Archive, typename S>
void visit(Archive& a, S& s) {
  using T = std::remove_const_t<S>;
  if constexpr (std::is_same_v<T, Interval>)
    visit_interval(a, s);
  else if constexpr (std::is_same_v<T, RocPoint>)
    visit_roc_point(a, s);
  else if constexpr (std::is_same_v<T, OperatingPoint>)
    visit_operating_point(a, s);
  else if constexpr (std::is_same_v<T, Histogram>)
    visit_histogram(a, s);
  else if constexpr (std::is_same_v<T, MarginStatistics>)
    visit_margins(a, s);
  else if constexpr (std::is_same_v<T, VerificationSummary>)
    visit_verification(a, s);
  else if constexpr (std::is_same_v<T, PostureSummary>)
    visit_posture(a, s);
  else if constexpr (std::is_same_v<T, RegionalScore>)
    visit_region(a, s);
  else if constexpr (std::is_same_v<T, ReconstructionSummary>)
    visit_reconstruction(a, s);
  else if constexpr (std::is_same_v<T, ReconstructionExample>)
    visit_example(a, s);
  else if constexpr (std::is_same_v<T, GroupScore>)
    visit_group(a, s);
  else if constexpr (std::is_same_v<T, RunRecord>)
    visit_run(a, s);
  else if constexpr (std::is_same_v<T, OpenSetPoint>)
    visit_open_set_point(a, s);
  else if constexpr (std::is_same_v<T, OpenSetSummary>)
    visit_open_set(a, s);
  else if constexpr (std::is_same_v<T, CalibrationSummary>)
    visit_calibration(a, s);
  else if constexpr (std::is_same_v<T, HardPair>)
    visit_hard_pair(a, s);
  else if constexpr (std::is_same_v<T, EmbeddingMap::Point>)
    visit_map_point(a, s);
  else if constexpr (std::is_same_v<T, EmbeddingMap>)
    visit_map(a, s);
  else if constexpr (std::is_same_v<T, AlignmentSpace>)
    visit_alignment_space(a, s);
  else if constexpr (std::is_same_v<T, AlignmentSummary>)
    visit_alignment(a, s);
  else
    visit_result(a, s);
}

template <typename T>
Json Writer::encode(const T& value) {
  Writer inner;
  visit(inner, value);
  return inner.json;
}

template <typename T>
void Reader::decode(const Json& json, T& value) {
  Reader inner(json);
  visit(inner, value);
}

}  // namespace

std::string to_json(const EvaluationResult& result) {
  Writer writer;
  writer("schema", std::string(kSchema));
  visit(writer, result);
  return writer.json.dump(1);
}

EvaluationResult evaluation_from_json(const std::string& text, const std::string& source) {
  try {
    const Json json = Json::parse(text);
    const std::string schema = json.value("schema", "");
    if (schema != kSchema) {
      throw_input("{} has the schema '{}'; '{}' is needed", source, one_line(schema, 80), kSchema);
    }
    EvaluationResult result;
    Reader reader(json);
    try {
      visit(reader, result);
    } catch (const InputError& error) {
      throw_input("{} is not an evaluation result ({})", source, error.what());
    }
    return result;
  } catch (const Json::exception& error) {
    throw_input("{} is not an evaluation result ({})", source, one_line(error.what()));
  }
}

}  // namespace thz::eval
