#include "thz/model/run.h"

#include <omp.h>

#include <filesystem>

#include "checkpoint.h"
#include "predict.h"
#include "thz/core/error.h"
#include "thz/io/atomic_file.h"

namespace thz::model {

int use_threads(int threads) {
  // LibTorch starts with one thread and tells OpenMP so on its first operation: say it first.
  at::set_num_threads(threads > 0 ? threads : omp_get_num_procs());
  return at::get_num_threads();
}

std::string torch_version() { return TORCH_VERSION; }

struct Run::Impl {
  TrainConfig config;
  RunState state;
  std::string split_text;
  Network network{nullptr};
  Teacher teacher{nullptr};  // empty: trained without
};

Run::Run(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Run::Run(Run&&) noexcept = default;
Run& Run::operator=(Run&&) noexcept = default;
Run::~Run() = default;

Run Run::load(const std::string& folder, const std::string& checkpoint, int threads) {
  use_threads(threads);
  const auto path = std::filesystem::path(folder) / "checkpoints" / checkpoint;
  auto impl = std::make_unique<Impl>();
  impl->state = load_state(path);
  impl->config = parse_train_config(impl->state.config_toml, path.string() + " (config)", "");
  impl->split_text = io::read_file(std::filesystem::path(folder) / "split.json");
  impl->network = Network(impl->config.network);
  if (impl->config.teacher.in_use() && has_teacher(path)) {
    impl->teacher = Teacher(impl->config.network, impl->config.teacher);
  }
  load_tensors(path, {impl->network, &impl->teacher});
  impl->network->eval();
  return Run(std::move(impl));
}

Predictions Run::predict(const std::vector<float>& images, const PredictOptions& options) const {
  THZ_REQUIRE(images.size() % static_cast<std::size_t>(kImagePixels) == 0,
              "images are 64 x 64 pixels each");
  return predict_images(
      impl_->network, static_cast<int64_t>(images.size()) / kImagePixels,
      [&](int64_t i) { return images.data() + i * kImagePixels; }, options);
}

AlignmentFeatures Run::align(const std::vector<float>& images,
                             const std::vector<float>& visible) const {
  THZ_REQUIRE(images.size() == visible.size() &&
                  images.size() % static_cast<std::size_t>(kImagePixels) == 0,
              "pairs of images of 64 x 64 pixels each");
  if (impl_->teacher.is_empty()) {
    throw_input("the run \"{}\" was trained without a teacher; there is nothing to align",
                impl_->config.name);
  }
  return align_features(
      impl_->network, impl_->teacher, static_cast<int64_t>(images.size()) / kImagePixels,
      [&](int64_t i) { return images.data() + i * kImagePixels; },
      [&](int64_t i) { return visible.data() + i * kImagePixels; });
}

const TrainConfig& Run::config() const { return impl_->config; }
const std::vector<EpochRecord>& Run::history() const { return impl_->state.history; }
const std::string& Run::data_sha256() const { return impl_->state.data_sha256; }
const std::string& Run::split_text() const { return impl_->split_text; }
int64_t Run::parameters() const { return impl_->network->parameter_count(); }
int Run::epoch() const { return static_cast<int>(impl_->state.history.size()); }

}  // namespace thz::model
