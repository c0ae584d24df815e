#define CATCH_CONFIG_PREFIX_ALL
#include <catch2/catch.hpp>
#include <cmath>

#include "model/golden_values.h"
#include "thz/model/losses.h"
#include "thz/model/teacher.h"

// Values by plain Python loops (golden_values.py): a second implementation that shares nothing.

using namespace thz::model;

namespace {

torch::Tensor wave(int64_t rows, int64_t cols, double phase) {
  auto tensor = torch::empty({rows, cols}, torch::kDouble);
  auto* v = tensor.data_ptr<double>();
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < cols; ++j) {
      v[i * cols + j] =
          std::sin(0.7 * static_cast<double>(i) + 1.3 * static_cast<double>(j) + phase);
    }
  }
  return tensor;
}

// Both sides compute in double: a few hundred roundings.
Approx golden(double value) { return Approx(value).epsilon(1e-12); }

}  // namespace

CATCH_TEST_CASE("losses have the values of another program", "[model][losses]") {
  const auto x = wave(6, 5, 0.3);
  const auto y = wave(6, 5, 0.9).square();
  const auto z = torch::nn::functional::normalize(x);
  const auto identity = torch::tensor({0, 1, 0, 2, 1, 0}, torch::kLong);
  const auto posture = torch::tensor({4, 0, 2, 2, 1, 3}, torch::kLong);
  CATCH_CHECK(supervised_contrastive(z, identity, 0.2).item<double>() ==
              golden(test::kGoldenContrastive));
  CATCH_CHECK(smoothed_cross_entropy(x, posture, 0.1).item<double>() ==
              golden(test::kGoldenCrossEntropy));
  CATCH_CHECK(charbonnier(x, y, 1e-3).item<double>() == golden(test::kGoldenCharbonnier));
  CATCH_CHECK(feature_distillation(x, y, false).item<double>() == golden(test::kGoldenFeature));
  CATCH_CHECK(feature_distillation(x, y, true).item<double>() == golden(test::kGoldenFeature / 5));
  CATCH_CHECK(logit_distillation(x, y, 3.0).item<double>() == golden(test::kGoldenLogit));
  const auto grey = [](double phase) {
    return (0.5 + 0.4 * wave(15, 13, phase)).view({1, 1, 15, 13});
  };
  // The program subtracts squared means, the script sums squared differences.
  CATCH_CHECK(structural_similarity(grey(0.3), grey(0.9)).item<double>() ==
              Approx(test::kGoldenSsim).epsilon(1e-10));
}

CATCH_TEST_CASE("cross-attention has the values of another program", "[model][teacher]") {
  CrossAttention attention(4, 2, 0.0);
  attention->to(torch::kDouble);
  {
    const torch::NoGradGuard no_grad;
    const auto fill = [](torch::nn::Linear& layer, double phase) {
      layer->weight.copy_(wave(4, 4, phase));
      if (layer->bias.defined()) layer->bias.copy_(wave(1, 4, phase + 1).view({4}));
    };
    fill(attention->query, 0.1);
    fill(attention->key, 0.2);  // without a bias: the script's has none that matters
    fill(attention->value, 0.3);
    fill(attention->leave, 0.4);
  }
  const auto out = attention(wave(2, 4, 0.5).unsqueeze(0), wave(3, 4, 0.6).unsqueeze(0));
  CATCH_REQUIRE(out.sizes() == torch::IntArrayRef({1, 2, 4}));
  for (int64_t i = 0; i < 8; ++i) {
    CATCH_CHECK(out.view({8})[i].item<double>() == golden(test::kGoldenAttention[i]));
  }
}
