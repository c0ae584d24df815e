#include "thz/model/learning_data.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>

#include "thz/core/config.h"
#include "thz/core/error.h"
#include "thz/core/sha256.h"
#include "thz/eval/face_regions.h"

namespace thz::model {
namespace {

std::vector<int64_t> with_shared(const std::vector<uint64_t>& rows, const io::Split& split) {
  std::vector<int64_t> out(rows.begin(), rows.end());
  out.insert(out.end(), split.shared.begin(), split.shared.end());
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<ImageF> pictures_of(const std::vector<float>& pixels) {
  std::vector<ImageF> images;
  const auto count = static_cast<int64_t>(pixels.size()) / kImagePixels;
  for (int64_t i = 0; i < count; ++i) {
    ImageF image(kImageSide, kImageSide);
    std::memcpy(image.data.data(), pixels.data() + i * kImagePixels,
                sizeof(float) * static_cast<std::size_t>(kImagePixels));
    images.push_back(std::move(image));
  }
  return images;
}

/// Side of what the data set's pictures show, m; the usual one where no scene says it.
double roi_side_m(const io::DatasetHeader& header) {
  if (header.scene_toml.empty()) return eval::kFaceRoi_m;
  ConfigTable scene = ConfigTable::parse(header.scene_toml, "the data set's scene");
  return scene.table("image")
      .numbers("roi_size_m", {eval::kFaceRoi_m, eval::kFaceRoi_m}, 2, {0.01, 2.0})
      .front();
}

/// First year beyond each age band but the last, and the bands' names (those of thz::sim's heads).
constexpr double kAgeBandEnds[] = {30.0, 45.0, 60.0};
constexpr const char* kAgeBands[] = {"0 to 29", "30 to 44", "45 to 59", "60 and over"};

std::string age_band(double years) {
  std::size_t band = 0;
  while (band < std::size(kAgeBandEnds) && years >= kAgeBandEnds[band]) ++band;
  return kAgeBands[band];
}

/// Sex and age band of every person of whom the data set tells them.
std::vector<eval::PersonGrouping> groupings_of(const LearningData& data) {
  const auto& names = data.header.soft_biometric_names;
  const auto& values = data.columns.soft_biometrics;
  std::vector<eval::PersonGrouping> out;
  if (values.size() != names.size() * data.columns.rows) return out;
  const auto add = [&](const char* kind, const char* column, const auto& name_of) {
    const auto found = std::find(names.begin(), names.end(), column);
    if (found == names.end()) return;
    eval::PersonGrouping grouping{kind, {}};
    for (std::size_t row = 0; row < data.columns.rows; ++row) {
      const auto at = static_cast<std::size_t>(found - names.begin());
      const auto value = static_cast<double>(values[row * names.size() + at]);
      // Nobody knows: imported pictures.
      if (std::isfinite(value)) grouping.of_person[data.columns.identity[row]] = name_of(value);
    }
    if (!grouping.of_person.empty()) out.push_back(std::move(grouping));
  };
  add("sex", "sex_female", [](double v) { return std::string(v > 0.5 ? "female" : "male"); });
  add("age", "age_years", age_band);
  return out;
}

template <typename T>
void append(std::vector<T>& to, const std::vector<T>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

}  // namespace

LearningData load_learning_data(const std::string& path) {
  const io::DatasetReader reader(path);
  LearningData data;
  data.header = reader.header();
  data.columns = reader.read_all();
  TrainingData& t = data.training;
  t.images = std::move(data.columns.image);
  data.columns.image.clear();
  t.visible_images = std::move(data.columns.visible_image);
  data.columns.visible_image.clear();
  t.identity.assign(data.columns.identity.begin(), data.columns.identity.end());
  t.posture.assign(data.columns.posture.begin(), data.columns.posture.end());
  t.concealed.assign(data.columns.concealed.begin(), data.columns.concealed.end());
  t.visible_index.assign(data.columns.visible_index.begin(), data.columns.visible_index.end());
  t.data_sha256 = reader.content_sha256();
  return data;
}

void use_split(LearningData& data, const io::Split& split, const std::string& text) {
  if (split.dataset_sha256 != data.training.data_sha256) {
    throw_input(
        "the split {} was made for the data set with content hash {}, not for this one ({})",
        split.rule, split.dataset_sha256, data.training.data_sha256);
  }
  data.split = split;
  data.training.train_rows = with_shared(split.train, split);
  data.training.validation_rows = with_shared(split.validation, split);
  data.training.shared_gallery = !split.shared.empty();
  data.training.split_text = text;
}

LearningData joined(LearningData first, const LearningData& second) {
  TrainingData& t = first.training;
  const TrainingData& more = second.training;
  const int identities =
      t.identity.empty() ? 0 : *std::max_element(t.identity.begin(), t.identity.end()) + 1;
  const int64_t pictures = t.visible_rows();
  append(t.images, more.images);
  append(t.visible_images, more.visible_images);
  append(t.posture, more.posture);
  append(t.concealed, more.concealed);
  for (const int identity : more.identity) t.identity.push_back(identities + identity);
  for (const int64_t index : more.visible_index) {
    t.visible_index.push_back(index < 0 ? index : pictures + index);
  }
  t.data_sha256 = sha256_hex(t.data_sha256 + "\n" + more.data_sha256);
  io::DatasetColumns labels;
  labels.rows = first.columns.rows + second.columns.rows;
  labels.identity.assign(t.identity.begin(), t.identity.end());
  labels.posture.assign(t.posture.begin(), t.posture.end());
  labels.concealed.assign(t.concealed.begin(), t.concealed.end());
  first.columns = std::move(labels);
  return first;
}

std::vector<int64_t> test_rows(const io::Split& split) { return with_shared(split.test, split); }

eval::Predictions evaluation_arrays(const LearningData& data) {
  eval::Predictions p;
  p.images = pictures_of(data.training.images);
  p.labels.identity = data.columns.identity;
  p.labels.posture = data.columns.posture;
  p.labels.concealed = data.columns.concealed;
  p.posture_names = io::kPostureNames;
  p.groupings = groupings_of(data);
  p.regions = eval::face_regions(io::kDatasetImageSize, roi_side_m(data.header));
  return p;
}

void predict_into(eval::Predictions& p, const Run& run, const LearningData& data,
                  const std::vector<int64_t>& rows, bool reconstruct, const CancelToken* cancel) {
  if (rows.empty()) throw_input("the split {} has no test rows", data.split.rule);
  std::vector<float> pixels;
  PredictOptions options;
  options.cancel = cancel;
  options.reconstruct = reconstruct;
  options.routes_itself = picks_decoder(run.config());
  for (const int64_t row : rows) {
    const float* image = data.training.image(row);
    pixels.insert(pixels.end(), image, image + kImagePixels);
    options.oracle_posture.push_back(data.training.posture[static_cast<std::size_t>(row)]);
  }
  const Predictions said = run.predict(pixels, options);
  p.test_rows.assign(rows.begin(), rows.end());
  p.train_rows.assign(data.training.train_rows.begin(), data.training.train_rows.end());
  p.embeddings =
      Eigen::Map<const eval::MatrixF>(said.embeddings.data(), said.count, said.embedding_size);
  p.posture_logits =
      Eigen::Map<const eval::MatrixF>(said.posture_logits.data(), said.count, kPostureCount);
  p.reconstructions = pictures_of(said.reconstructions);
  p.oracle_reconstructions = pictures_of(said.oracle_reconstructions);
}

}  // namespace thz::model
