#include "predict.h"

#include <algorithm>
#include <numeric>

#include "thz/core/error.h"

namespace thz::model {
namespace {

void append(std::vector<float>& out, const torch::Tensor& tensor) {
  const auto flat = tensor.cpu().contiguous();
  const auto* values = flat.data_ptr<float>();
  out.insert(out.end(), values, values + flat.numel());
}

// Puts the training mode back, whatever happens.
class EvaluationMode {
 public:
  explicit EvaluationMode(torch::nn::Module& module)
      : module_(module), training_(module.is_training()) {
    module_.eval();
  }
  ~EvaluationMode() { module_.train(training_); }
  EvaluationMode(const EvaluationMode&) = delete;
  EvaluationMode& operator=(const EvaluationMode&) = delete;

 private:
  torch::nn::Module& module_;
  bool training_;
};

torch::Tensor image_tensor(int64_t first, int64_t size,
                           const std::function<const float*(int64_t)>& image_of,
                           const Network& network) {
  auto images = torch::empty({size, 1, kImageSide, kImageSide});
  for (int64_t i = 0; i < size; ++i) {
    const float* pixels = image_of(first + i);
    std::copy(pixels, pixels + kImagePixels, images.data_ptr<float>() + i * kImagePixels);
  }
  return images.to(network->posture->weight.device());
}

}  // namespace

Predictions predict_images(Network& network, int64_t count,
                           const std::function<const float*(int64_t)>& image_of,
                           const PredictOptions& options) {
  const bool truth = options.reconstruct && !options.oracle_posture.empty();
  const bool oracle = truth && options.routes_itself;
  THZ_REQUIRE(options.batch > 0, "a batch holds images");
  THZ_REQUIRE(!truth || static_cast<int64_t>(options.oracle_posture.size()) == count,
              "one oracle posture an image");
  THZ_REQUIRE(truth || !options.reconstruct || options.routes_itself,
              "a network that cannot pick its decoder needs the postures");
  const torch::NoGradGuard no_grad;
  const EvaluationMode mode(*network);
  Predictions out;
  out.count = count;
  for (int64_t first = 0; first < count; first += options.batch) {
    if (options.cancel != nullptr) options.cancel->throw_if_requested();
    const int64_t size = std::min<int64_t>(options.batch, count - first);
    const NetworkOutput said = network->forward(image_tensor(first, size, image_of, network));
    out.embedding_size = static_cast<int>(said.embedding.size(1));
    append(out.embeddings, said.embedding);
    append(out.posture_logits, said.posture_logits);
    const auto best = said.posture_logits.argmax(1).cpu().contiguous();
    const auto* best_values = best.data_ptr<int64_t>();
    const std::vector<int> predicted(best_values, best_values + size);
    out.predicted_posture.insert(out.predicted_posture.end(), predicted.begin(), predicted.end());
    if (!options.reconstruct) continue;
    std::vector<int64_t> all(static_cast<std::size_t>(size));
    std::iota(all.begin(), all.end(), int64_t{0});
    std::vector<int> given;
    if (truth) {
      const auto begin = options.oracle_posture.begin() + first;
      given.assign(begin, begin + size);
    }
    append(out.reconstructions,
           network->reconstruct(said.encoded, all, options.routes_itself ? predicted : given));
    if (oracle) {
      append(out.oracle_reconstructions, network->reconstruct(said.encoded, all, given));
    }
  }
  return out;
}

AlignmentFeatures align_features(Network& network, Teacher& teacher, int64_t count,
                                 const std::function<const float*(int64_t)>& image_of,
                                 const std::function<const float*(int64_t)>& visible_of) {
  constexpr int64_t kBatch = 64;
  const torch::NoGradGuard no_grad;
  const EvaluationMode student_mode(*network);
  const EvaluationMode teacher_mode(*teacher);
  AlignmentFeatures out;
  out.count = count;
  for (int64_t first = 0; first < count; first += kBatch) {
    const int64_t size = std::min(kBatch, count - first);
    const NetworkOutput said = network->forward(image_tensor(first, size, image_of, network));
    const TeacherOutput taught =
        teacher->forward(image_tensor(first, size, visible_of, network), said.encoded.map);
    out.projection_size = static_cast<int>(taught.projection.size(1));
    out.latent_size = static_cast<int>(taught.latent.size(1));
    append(out.student_projection, taught.student_projection);
    append(out.teacher_projection, taught.projection);
    append(out.student_latent, said.encoded.latent);
    append(out.teacher_latent, taught.latent);
  }
  return out;
}

}  // namespace thz::model
