#include "batch_tensors.h"

#include "thz/core/parallel.h"
#include "thz/model/augmentation.h"

namespace thz::model {
namespace {

// Slots of visible pictures: beyond those of any batch.
constexpr int64_t kFirstVisibleSlot = int64_t{1} << 32;

torch::Tensor pixel_tensor(std::size_t count) {
  return torch::empty({static_cast<int64_t>(count), 1, kImageSide, kImageSide});
}

float* slot_of(torch::Tensor& tensor, int64_t index) {
  return tensor.data_ptr<float>() + index * kImagePixels;
}

}  // namespace

BatchTensors load_batch(const TrainingData& data, const Batch& batch, const TrainConfig& config,
                        int64_t step, const BatchShare& share, torch::Device device) {
  BatchTensors out;
  out.total = static_cast<int64_t>(batch.rows.size());
  std::vector<int64_t> own;              // positions in the whole batch
  std::vector<int64_t> target, visible;  // of each own image: its place there, or -1
  std::vector<int64_t> posture, visible_label;
  for (int64_t i = 0; i < out.total; ++i) {
    const auto p = static_cast<std::size_t>(i);
    const auto row = static_cast<std::size_t>(batch.rows[p]);
    const bool sought = batch.target[p] >= 0;
    const bool seen = config.teacher.in_use() && data.visible(batch.rows[p]) != nullptr;
    out.total_reconstructed += sought ? 1 : 0;
    out.total_visible += seen ? 1 : 0;
    if (seen) visible_label.push_back(batch.label[p]);
    if (i % share.size != share.rank) continue;
    const auto local = static_cast<int64_t>(own.size());
    own.push_back(i);
    posture.push_back(data.posture[row]);
    target.push_back(sought ? static_cast<int64_t>(out.reconstructed.size()) : -1);
    visible.push_back(seen ? static_cast<int64_t>(out.with_visible.size()) : -1);
    if (sought) out.reconstructed.push_back(local);
    if (sought) out.expert.push_back(data.posture[row]);
    if (seen) out.with_visible.push_back(local);
  }
  out.images = pixel_tensor(own.size());
  out.targets = pixel_tensor(out.reconstructed.size());
  out.visible = pixel_tensor(out.with_visible.size());
  parallel_for(own.size(), 0, [&](std::size_t k) {
    const int64_t slot = own[k];
    const auto p = static_cast<std::size_t>(slot);
    const auto draw = [&](int64_t number) {
      return draw_augmentation(config.augmentation, config.seed, step, number);
    };
    const Augmentation a = draw(slot);
    augment(a, config.seed, data.image(batch.rows[p]),
            slot_of(out.images, static_cast<int64_t>(k)));
    if (target[k] >= 0)
      move_pixels(a, data.image(batch.target[p]), slot_of(out.targets, target[k]));
    // Another camera, another frame: nothing ties its pixels to the scan's.
    if (visible[k] >= 0) {
      augment(draw(kFirstVisibleSlot + slot), config.seed, data.visible(batch.rows[p]),
              slot_of(out.visible, visible[k]));
    }
  });
  out.images = out.images.to(device);
  out.targets = out.targets.to(device);
  out.visible = out.visible.to(device);
  out.posture = torch::tensor(posture, torch::kLong).to(device);
  out.all_label = torch::tensor(batch.label, torch::kLong).to(device);
  out.visible_label = torch::tensor(visible_label, torch::kLong).to(device);
  return out;
}

}  // namespace thz::model
