#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "thz/core/error.h"
#include "thz/core/one_line.h"
#include "thz/eval/evaluation_result.h"

// Each struct is described once, by visit(archive, struct); the archive writes or reads.
namespace thz::eval {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSchema = "thzface-evaluation/1";

class Writer {
 public:
  template <typename T>
  void operator()(const char* key, const T& value) {
    json[key] = encode(value);
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

 private:
  static void decode(const Json& json, double& value) {
    value = json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
  }
  static void decode(const Json& json, bool& value) { value = json.get<bool>(); }
  static void decode(const Json& json, int& value) { value = json.get<int>(); }
  static void decode(const Json& json, uint64_t& value) { value = json.get<uint64_t>(); }
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

// `S` is the struct, const when written.
template <typename Archive, typename S>
void visit_interval(Archive& a, S& i) {
  a("value", i.value);
  a("low", i.low);
  a("high", i.high);
}

template <typename Archive, typename S>
void visit_roc_point(Archive& a, S& p) {
  a("threshold", p.threshold);
  a("fmr", p.fmr);
  a("fnmr", p.fnmr);
}

template <typename Archive, typename S>
void visit_operating_point(Archive& a, S& p) {
  a("far", p.far);
  a("tar", p.tar);
  a("false_matches", p.false_matches);
  a("false_non_matches", p.false_non_matches);
  a("refused", p.refused);
}

template <typename Archive, typename S>
void visit_histogram(Archive& a, S& h) {
  a("low", h.low);
  a("high", h.high);
  a("share", h.share);
}

template <typename Archive, typename S>
void visit_margins(Archive& a, S& m) {
  a("cosine_positive", m.cosine_positive);
  a("cosine_negative", m.cosine_negative);
  a("l2_margin", m.l2_margin);
  a("normalised_margin", m.normalised_margin);
}

template <typename Archive, typename S>
void visit_verification(Archive& a, S& v) {
  a("system", v.system);
  a("title", v.title);
  a("posture_known", v.posture_known);
  a("triplet_accuracy", v.triplet_accuracy);
  a("triplets", v.triplets);
  a("eer", v.eer);
  a("rank_1", v.rank_1);
  a("rank_5", v.rank_5);
  a("rank_1_chance", v.rank_1_chance);
  a("rank_5_chance", v.rank_5_chance);
  a("genuine_pairs", v.genuine_pairs);
  a("impostor_pairs", v.impostor_pairs);
  a("tar_at_far", v.tar_at_far);
  a("roc", v.roc);
  a("band_fmr", v.band_fmr);
  a("band_tar", v.band_tar);
  a("genuine", v.genuine);
  a("impostor", v.impostor);
  a("cmc", v.cmc);
  a("margins", v.margins);
  a("centroid_retrieval_at_5", v.centroid_retrieval_at_5);
}

template <typename Archive, typename S>
void visit_posture(Archive& a, S& p) {
  a("names", p.names);
  a("accuracy", p.accuracy);
  a("accuracy_unconcealed", p.accuracy_unconcealed);
  a("macro_f1", p.macro_f1);
  a("ece", p.ece);
  a("chance", p.chance);
  a("images", p.images);
  a("confusion", p.confusion);
}

template <typename Archive, typename S>
void visit_region(Archive& a, S& r) {
  a("name", r.name);
  a("ssim", r.ssim);
  a("psnr_db", r.psnr_db);
}

template <typename Archive, typename S>
void visit_reconstruction(Archive& a, S& r) {
  a("system", r.system);
  a("title", r.title);
  a("ssim", r.ssim);
  a("psnr_db", r.psnr_db);
  a("edge_ssim", r.edge_ssim);
  a("edge_mae", r.edge_mae);
  a("regions", r.regions);
  a("pairs", r.pairs);
}

template <typename Archive, typename S>
void visit_example(Archive& a, S& e) {
  a("kind", e.kind);
  a("input_row", e.input_row);
  a("target_row", e.target_row);
  a("identity", e.identity);
  a("posture", e.posture);
  a("ssim", e.ssim);
  a("psnr_db", e.psnr_db);
}

template <typename Archive, typename S>
void visit_group(Archive& a, S& g) {
  a("kind", g.kind);
  a("name", g.name);
  a("triplet_accuracy", g.triplet_accuracy);
  a("posture_accuracy", g.posture_accuracy);
  a("ssim", g.ssim);
  a("probes", g.probes);
}

template <typename Archive, typename S>
void visit_run(Archive& a, S& r) {
  a("name", r.name);
  a("dataset_sha256", r.dataset_sha256);
  a("scene_sha256", r.scene_sha256);
  a("split_name", r.split_name);
  a("split_sha256", r.split_sha256);
  a("checkpoint_sha256", r.checkpoint_sha256);
  a("version", r.version);
  a("machine", r.machine);
  a("command", r.command);
  a("seed", r.seed);
  a("image_exposures", r.image_exposures);
  a("width", r.width);
  a("epochs", r.epochs);
  a("train_seconds", r.train_seconds);
  a("evaluate_seconds", r.evaluate_seconds);
  a("extra", r.extra);
}

template <typename Archive, typename S>
void visit_result(Archive& a, S& r) {
  a("run", r.run);
  a("test_images", r.test_images);
  a("test_concealed", r.test_concealed);
  a("test_identities", r.test_identities);
  a("train_images", r.train_images);
  a("resamples", r.resamples);
  a("verification_chance", r.verification_chance);
  a("verification", r.verification);
  a("posture", r.posture);
  a("reconstruction", r.reconstruction);
  a("examples", r.examples);
  a("groups", r.groups);
  a("notes", r.notes);
}

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
    visit(reader, result);
    return result;
  } catch (const Json::exception& error) {
    throw_input("{} is not an evaluation result ({})", source, one_line(error.what()));
  }
}

}  // namespace thz::eval
