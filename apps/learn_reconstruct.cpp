#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
#include <set>

#include "commands.h"
#include "learn_data.h"
#include "program.h"
#include "thz/core/error.h"
#include "thz/io/atomic_file.h"
#include "thz/io/png.h"
#include "thz/model/run.h"

namespace thz::apps {
namespace {

namespace fs = std::filesystem;

struct ReconstructArguments {
  CommonOptions common;
  std::string run;
  std::vector<std::string> images;
  std::string data;
  std::string checkpoint = "best";
  int nearest = 5;
};

/// The middle square as 64 x 64: the mean over each pixel's own area, and at least one pixel wide,
/// so that a large picture is smoothed and a small one interpolated.
ImageF fit_square(const ImageF& image) {
  const int side = std::min(image.rows, image.cols);
  const double first_row = 0.5 * (image.rows - side), first_col = 0.5 * (image.cols - side);
  const double step = static_cast<double>(side) / model::kImageSide;
  const double reach = std::max(step, 1.0);  // half the width of the triangle
  const auto weights = [&](double first, int i, int count) {
    std::map<int, double> found;  // pixel: weight
    const double centre = first + (i + 0.5) * step - 0.5;
    double sum = 0.0;
    for (int p = static_cast<int>(std::floor(centre - reach)); p <= centre + reach; ++p) {
      const double weight = std::max(0.0, 1.0 - std::abs(p - centre) / reach);
      found[std::clamp(p, 0, count - 1)] += weight;
      sum += weight;
    }
    for (auto& item : found) item.second /= sum;
    return found;
  };
  ImageF out(model::kImageSide, model::kImageSide);
  for (int row = 0; row < out.rows; ++row) {
    const auto down = weights(first_row, row, image.rows);
    for (int col = 0; col < out.cols; ++col) {
      double value = 0.0;
      for (const auto& [c, across] : weights(first_col, col, image.cols)) {
        for (const auto& [r, weight] : down) value += across * weight * image(r, c);
      }
      out(row, col) = static_cast<float>(std::clamp(value, 0.0, 1.0));
    }
  }
  return out;
}

std::vector<float> load_pictures(const std::vector<std::string>& paths) {
  std::vector<float> pixels;
  for (const std::string& path : paths) {
    const ImageF image = io::read_png(path);
    const bool fits = image.rows == model::kImageSide && image.cols == model::kImageSide;
    const ImageF square = fits ? image : fit_square(image);
    pixels.insert(pixels.end(), square.data.begin(), square.data.end());
  }
  return pixels;
}

/// The unconcealed images of a data set: whom a picture can be found among.
struct Gallery {
  model::Predictions predicted;
  std::vector<int> identity;
};

Gallery load_gallery(const ReconstructArguments& a, const model::Run& run) {
  Gallery gallery;
  const std::string path = a.data.empty() ? remembered_data_path(a.run) : a.data;
  const io::DatasetColumns columns = io::DatasetReader(path).read_all();
  std::vector<float> pixels;
  for (std::size_t row = 0; row < columns.identity.size(); ++row) {
    if (columns.concealed[row] != 0) continue;
    const float* image = columns.image.data() + row * static_cast<std::size_t>(model::kImagePixels);
    pixels.insert(pixels.end(), image, image + model::kImagePixels);
    gallery.identity.push_back(columns.identity[row]);
  }
  if (gallery.identity.empty()) throw_input("{}: holds no unconcealed image to compare with", path);
  model::PredictOptions options;
  options.reconstruct = false;
  options.cancel = &cancel_token();
  gallery.predicted = run.predict(pixels, options);
  return gallery;
}

struct Candidate {
  int identity = 0;
  double distance = 0.0;  ///< L2 of unit embeddings, 0 to 2, to the identity's nearest image
};

std::vector<Candidate> nearest_identities(const float* embedding, const Gallery& gallery,
                                          int count) {
  std::map<int, double> nearest;
  const int size = gallery.predicted.embedding_size;
  for (std::size_t i = 0; i < gallery.identity.size(); ++i) {
    const float* other = gallery.predicted.embeddings.data() + i * static_cast<std::size_t>(size);
    double square = 0.0;
    for (int d = 0; d < size; ++d) square += std::pow(embedding[d] - other[d], 2);
    const auto found = nearest.emplace(gallery.identity[i], std::sqrt(square)).first;
    found->second = std::min(found->second, std::sqrt(square));
  }
  std::vector<Candidate> candidates;
  for (const auto& [identity, distance] : nearest) candidates.push_back({identity, distance});
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const auto& p, const auto& q) { return p.distance < q.distance; });
  candidates.resize(std::min(candidates.size(), static_cast<std::size_t>(count)));
  return candidates;
}

std::vector<double> probabilities(const float* logits) {
  const float most = *std::max_element(logits, logits + model::kPostureCount);
  std::vector<double> p;
  double sum = 0.0;
  for (int c = 0; c < model::kPostureCount; ++c) {
    p.push_back(std::exp(static_cast<double>(logits[c] - most)));
    sum += p.back();
  }
  for (double& value : p) value /= sum;
  return p;
}

/// Where the reconstruction of each picture goes: its name, numbered where names come twice.
std::vector<fs::path> output_paths(const ReconstructArguments& a) {
  std::set<std::string> taken;
  std::vector<fs::path> paths;
  for (const std::string& image : a.images) {
    const std::string stem = fs::path(image).stem().string();
    std::string name = stem;
    for (int i = 2; !taken.insert(name).second; ++i) name = fmt::format("{}-{}", stem, i);
    paths.push_back(fs::path(a.common.output) / (name + "-reconstruction.png"));
  }
  return paths;
}

/// Null stands for what the network was not trained to say.
nlohmann::json describe(const ReconstructArguments& a, const model::LossOptions& loss,
                        std::size_t i, const fs::path& written, const model::Predictions& p,
                        const Gallery& gallery) {
  nlohmann::json said = {{"image", a.images[i]},
                         {"reconstruction", written.string()},
                         {"posture", nullptr},
                         {"posture_probability", nullptr},
                         {"nearest", nullptr}};
  const auto posture = static_cast<std::size_t>(p.predicted_posture[i]);
  const auto probability =
      probabilities(p.posture_logits.data() + i * static_cast<std::size_t>(model::kPostureCount));
  if (loss.posture > 0.0) {
    said["posture"] = io::kPostureNames[posture];
    said["posture_probability"] = probability[posture];
  }
  if (loss.verification <= 0.0) return said;
  nlohmann::json nearest = nlohmann::json::array();
  const float* embedding = p.embeddings.data() + i * static_cast<std::size_t>(p.embedding_size);
  for (const Candidate& c : nearest_identities(embedding, gallery, a.nearest)) {
    nearest.push_back({{"identity", c.identity}, {"distance", c.distance}});
  }
  said["nearest"] = nearest;
  return said;
}

std::string to_line(const nlohmann::json& j) {
  const std::string posture = j["posture"].is_null()
                                  ? "posture not learned"
                                  : fmt::format("{} ({:.0f} %)", j["posture"].get<std::string>(),
                                                100 * j["posture_probability"].get<double>());
  std::string text = fmt::format("{}: {}, reconstruction {}\n", j["image"].get<std::string>(),
                                 posture, j["reconstruction"].get<std::string>());
  if (j["nearest"].is_null()) return text + "  nearest: identities were not learned\n";
  text += "  nearest:";
  for (const auto& c : j["nearest"]) {
    text += fmt::format("  identity {} at {:.3f}", c["identity"].get<int>(),
                        c["distance"].get<double>());
  }
  return text + "\n";
}

void reconstruct(ReconstructArguments& a) {
  model::use_threads(a.common.threads);
  require_run(a.run);
  if (a.common.output.empty()) a.common.output = (fs::path(a.run) / "reconstructions").string();
  const std::vector<float> pixels = load_pictures(a.images);
  const model::Run run = model::Run::load(a.run, a.checkpoint, a.common.threads);
  if (run.config().loss.reconstruction <= 0.0) {
    throw_input("{}: was trained without reconstruction (loss.reconstruction is 0)", a.run);
  }
  if (!model::picks_decoder(run.config())) {
    throw_input("{}: was trained without postures (loss.posture is 0), which pick the decoder",
                a.run);
  }
  const bool identifies = run.config().loss.verification > 0.0;
  const Gallery gallery = identifies ? load_gallery(a, run) : Gallery{};
  model::PredictOptions options;
  options.cancel = &cancel_token();
  const model::Predictions p = run.predict(pixels, options);
  io::make_folder(a.common.output);
  nlohmann::json results = nlohmann::json::array();
  std::string text;
  const std::vector<fs::path> paths = output_paths(a);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    ImageF made(model::kImageSide, model::kImageSide);
    const float* first =
        p.reconstructions.data() + i * static_cast<std::size_t>(model::kImagePixels);
    std::copy(first, first + model::kImagePixels, made.data.begin());
    io::write_png(paths[i], made);
    results.push_back(describe(a, run.config().loss, i, paths[i], p, gallery));
    text += to_line(results.back());
  }
  if (!text.empty()) text.pop_back();
  print_result(a.common, results, text);
}

}  // namespace

void add_reconstruct(CLI::App& app) {
  auto a = std::make_shared<ReconstructArguments>();
  CLI::App* command = app.add_subcommand(
      "reconstruct", "Pictures of concealed faces: reconstruction, posture, nearest identities");
  command->add_option("run", a->run, "Run folder")->required();
  command->add_option("images", a->images, "PNG files of any size; the middle square is used")
      ->required();
  command->add_option("--data", a->data,
                      "Data set whose unconcealed images are the gallery [the run's own]");
  command->add_option("--checkpoint", a->checkpoint, "best or last [best]")
      ->check(CLI::IsMember({"best", "last"}));
  command->add_option("--nearest", a->nearest, "Identities to list [5]")
      ->check(CLI::Range(1, 1000));
  add_common(*command, a->common, false, true);
  command->callback([a] { reconstruct(*a); });
}

}  // namespace thz::apps
