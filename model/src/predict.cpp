#include "predict.h"

#include <algorithm>
#include <numeric>

#include "thz/core/error.h"

namespace thz::model {
namespace {

void append(std::vector<float>& out, const torch::Tensor& tensor) {
  const auto flat = tensor.contiguous();
  const auto* values = flat.data_ptr<float>();
  out.insert(out.end(), values, values + flat.numel());
}

// Puts the training mode back, whatever happens.
class EvaluationMode {
 public:
  explicit EvaluationMode(Network& network) : network_(network), training_(network->is_training()) {
    network_->eval();
  }
  ~EvaluationMode() { network_->train(training_); }
  EvaluationMode(const EvaluationMode&) = delete;
  EvaluationMode& operator=(const EvaluationMode&) = delete;

 private:
  Network& network_;
  bool training_;
};

}  // namespace

Predictions predict_images(Network& network, int64_t count,
                           const std::function<const float*(int64_t)>& image_of,
                           const PredictOptions& options) {
  const bool oracle = options.reconstruct && !options.oracle_posture.empty();
  THZ_REQUIRE(options.batch > 0, "a batch holds images");
  THZ_REQUIRE(!oracle || static_cast<int64_t>(options.oracle_posture.size()) == count,
              "one oracle posture an image");
  const torch::NoGradGuard no_grad;
  const EvaluationMode mode(network);
  Predictions out;
  out.count = count;
  for (int64_t first = 0; first < count; first += options.batch) {
    if (options.cancel != nullptr) options.cancel->throw_if_requested();
    const int64_t size = std::min<int64_t>(options.batch, count - first);
    auto images = torch::empty({size, 1, kImageSide, kImageSide});
    for (int64_t i = 0; i < size; ++i) {
      const float* pixels = image_of(first + i);
      std::copy(pixels, pixels + kImagePixels, images.data_ptr<float>() + i * kImagePixels);
    }
    const NetworkOutput said = network->forward(images);
    out.embedding_size = static_cast<int>(said.embedding.size(1));
    append(out.embeddings, said.embedding);
    append(out.posture_logits, said.posture_logits);
    const auto best = said.posture_logits.argmax(1).contiguous();
    const auto* best_values = best.data_ptr<int64_t>();
    const std::vector<int> predicted(best_values, best_values + size);
    out.predicted_posture.insert(out.predicted_posture.end(), predicted.begin(), predicted.end());
    if (!options.reconstruct) continue;
    std::vector<int64_t> all(static_cast<std::size_t>(size));
    std::iota(all.begin(), all.end(), int64_t{0});
    append(out.reconstructions, network->reconstruct(said.encoded, all, predicted));
    if (oracle) {
      const auto begin = options.oracle_posture.begin() + first;
      append(out.oracle_reconstructions,
             network->reconstruct(said.encoded, all, std::vector<int>(begin, begin + size)));
    }
  }
  return out;
}

}  // namespace thz::model
