#define CATCH_CONFIG_PREFIX_ALL
#include "adamw.h"

#include <catch2/catch.hpp>

#include "precision.h"
#include "thz/core/error.h"
#include "thz/core/rng.h"
#include "thz/model/network.h"

using namespace thz::model;

namespace {

torch::Tensor random_float(const std::vector<int64_t>& shape, uint64_t stream) {
  auto tensor = torch::empty(shape);
  thz::Rng rng(6, thz::RngPurpose::kTest, stream);
  auto* v = tensor.data_ptr<float>();
  for (int64_t i = 0; i < tensor.numel(); ++i) v[i] = static_cast<float>(rng.normal());
  return tensor;
}

}  // namespace

CATCH_TEST_CASE("AdamW in one pass takes the steps of LibTorch's", "[model][optimiser]") {
  // Large enough for several threads, and channels-last, where the walk is not allowed.
  auto a = random_float({40, 30, 5, 5}, 1).requires_grad_(true);
  auto b = random_float({7}, 2).requires_grad_(true);
  auto c = random_float({4, 3, 2, 2}, 3)
               .contiguous(at::MemoryFormat::ChannelsLast)
               .detach()
               .requires_grad_(true);
  auto idle = random_float({3}, 4).requires_grad_(true);
  const std::vector<torch::Tensor> ours = {a, b, c, idle};
  std::vector<torch::Tensor> theirs;
  for (const auto& w : ours) theirs.push_back(w.detach().clone().requires_grad_(true));
  OptimiserOptions options;
  options.weight_decay = 0.05;
  AdamW optimiser(options);
  for (const auto& w : ours) optimiser.add("w", w);
  torch::optim::AdamW reference(theirs,
                                torch::optim::AdamWOptions(1e-2).weight_decay(0.05).eps(1e-8));
  for (uint64_t step = 0; step < 5; ++step) {
    for (std::size_t i = 0; i < 3; ++i) {
      const auto gradient = random_float(ours[i].sizes().vec(), 10 + 3 * step + i);
      ours[i].mutable_grad() = gradient;
      theirs[i].mutable_grad() = 0.25 * gradient;
    }
    optimiser.step(1e-2, 0.25);
    reference.step();
  }
  for (std::size_t i = 0; i < 4; ++i) {
    CATCH_CAPTURE(i);
    // Five steps of 1e-2 in float, in another order of the same products.
    CATCH_CHECK((ours[i] - theirs[i]).abs().max().item<double>() < 1e-6);
  }
  CATCH_CHECK(optimiser.weights()[3].moments.steps == 0);
  CATCH_CHECK(optimiser.weights()[0].moments.steps == 5);
  optimiser.clear_gradients();
  CATCH_CHECK(optimiser.gradient_length() == 0.0);
  b.mutable_grad() = torch::full({7}, 3.0f);
  idle.mutable_grad() = torch::full({3}, 4.0f);
  CATCH_CHECK(optimiser.gradient_length() == Approx(std::sqrt(7 * 9.0 + 3 * 16.0)));
}

CATCH_TEST_CASE("bfloat16 is used where the processor has it, and refused where not",
                "[model][precision]") {
  CATCH_CHECK(resolved_precision("float32", false) == "float32");
  // On another device the processor is not asked.
  CATCH_CHECK(resolved_precision("auto", true) == "float32");
  CATCH_CHECK(resolved_precision("bfloat16", true) == "bfloat16");
  if (resolved_precision("auto", false) == "float32") {
    CATCH_CHECK_THROWS_WITH(resolved_precision("bfloat16", false), Catch::Contains("AVX-512 bf16"));
    CATCH_WARN("skipped: this processor has no AVX-512 bf16 to compare gradients on");
    return;
  }
  NetworkOptions options;
  options.base_channels = 8;
  options.dropout = 0.0;
  Network network(options);
  initialise(*network, 3);
  const auto images = random_float({16, 1, 64, 64}, 5).sigmoid();
  const auto gradient = [&](const char* precision) {
    network->zero_grad();
    {
      const Autocast autocast(precision, false);
      const auto out = network->forward(images);
      CATCH_CHECK(out.embedding.scalar_type() == torch::kFloat);
      out.posture_logits.square().mean().backward();
    }
    return network->encoder->stem->weight.grad().clone();
  };
  const auto exact = gradient("float32");
  const auto rough = gradient("bfloat16");
  CATCH_CHECK(exact.scalar_type() == torch::kFloat);
  // Eight bits of mantissa through a dozen layers.
  CATCH_CHECK((rough - exact).norm().item<double>() < 0.05 * exact.norm().item<double>());
}
