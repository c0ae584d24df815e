#define CATCH_CONFIG_PREFIX_ALL
#include "thz/model/network.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <string>

#include "model/toy_data.h"
#include "thz/core/error.h"
#include "thz/model/losses.h"
#include "trainer.h"

using namespace thz::model;

namespace {

Network small_network(int experts = 5) {
  NetworkOptions options;
  options.base_channels = 8;
  options.experts = experts;
  Network network(options);
  initialise(*network, 3);
  return network;
}

torch::Tensor toy_images(int64_t count) {
  const TrainingData data = test::toy_data();
  auto images = torch::empty({count, 1, kImageSide, kImageSide});
  std::copy(data.images.begin(), data.images.begin() + count * kImagePixels,
            images.data_ptr<float>());
  return images;
}

}  // namespace

CATCH_TEST_CASE("at width 64 the network has the published 23.5 million parameters",
                "[model][network]") {
  NetworkOptions options;
  options.base_channels = 64;
  const Network network(options);
  CATCH_CHECK(std::abs(static_cast<double>(network->parameter_count()) - 23.5e6) < 0.05e6);
}

CATCH_TEST_CASE("the work of an image is what a count by hand gives", "[model][network]") {
  NetworkOptions options;
  options.base_channels = 64;
  const NetworkWork work = network_work(options);
  // Millions: stem 2.36, stages 75.5 + 3 x 58.7 (two 3x3 and a 1x1 each), reduction 4.19, heads
  // 0.17.
  CATCH_CHECK(work.encode == Approx(258.4e6).epsilon(2e-3));
  // 2.1 + dense 7.4 + 1.7 + (18.9 + 28.3) x 3 + 18.9 + 0.6
  CATCH_CHECK(work.decode == Approx(172.2e6).epsilon(2e-3));
}

namespace {

// Gradients of a loss that every map has a part in, by the names of the weights.
std::map<std::string, torch::Tensor> encoder_gradients(torch::ScalarType type,
                                                       bool layer_by_layer) {
  NetworkOptions options;
  options.base_channels = 8;
  options.dropout = 0.0;
  Network network(options);
  initialise(*network, 3);
  network->to(type);
  network->encoder->layer_by_layer = layer_by_layer;
  const auto images = toy_images(7).to(type);  // the last part is of three
  const auto out = network->forward(images);
  auto loss = (out.embedding * torch::linspace(-1, 1, out.embedding.size(1), type)).sum();
  for (const auto& skip : out.encoded.skips) {
    loss = loss + (skip * torch::linspace(-1, 1, skip.size(3), type)).mean();
  }
  loss.backward();
  std::map<std::string, torch::Tensor> found = {{"embedding", out.embedding.detach()}};
  for (const auto& item : network->encoder->named_parameters()) {
    found[item.key()] = item.value().grad().to(torch::kDouble);
  }
  return found;
}

double relative_error(const torch::Tensor& found, const torch::Tensor& exact) {
  return ((found - exact).norm() / exact.norm()).item<double>();
}

}  // namespace

CATCH_TEST_CASE("the encoder's first layers as one operation are those layers",
                "[model][network]") {
  const auto exact = encoder_gradients(torch::kDouble, true);
  const auto layers = encoder_gradients(torch::kFloat, true);
  const auto joined = encoder_gradients(torch::kFloat, false);
  CATCH_REQUIRE(joined.size() == exact.size());
  for (const auto& [name, value] : exact) {
    CATCH_CAPTURE(name);
    // Float32 through some ten normalised layers; as good as the layers one by one, a factor of
    // three for luck.
    const double error = relative_error(joined.at(name), value);
    CATCH_CHECK(error < 3.0 * relative_error(layers.at(name), value) + 1e-6);
    CATCH_CHECK(error < 1e-4);
  }
  // A sign or a shift of one parity would show here alone.
  CATCH_CHECK(exact.at("stem.weight").norm().item<double>() > 1e-3);
}

CATCH_TEST_CASE("shapes follow the table of the documentation", "[model][network]") {
  Network network = small_network();
  network->eval();
  const auto out = network->forward(toy_images(3));
  CATCH_CHECK(out.encoded.skips[0].sizes() == torch::IntArrayRef({3, 8, 32, 32}));
  CATCH_CHECK(out.encoded.skips[1].sizes() == torch::IntArrayRef({3, 16, 16, 16}));
  CATCH_CHECK(out.encoded.skips[2].sizes() == torch::IntArrayRef({3, 32, 8, 8}));
  CATCH_CHECK(out.encoded.map.sizes() == torch::IntArrayRef({3, 64, 4, 4}));
  CATCH_CHECK(out.encoded.latent.sizes() == torch::IntArrayRef({3, 64}));
  CATCH_CHECK(out.embedding.sizes() == torch::IntArrayRef({3, 128}));
  CATCH_CHECK(out.posture_logits.sizes() == torch::IntArrayRef({3, 5}));
  CATCH_CHECK((out.embedding.norm(2, 1) - 1).abs().max().item<double>() < 1e-5);
}

CATCH_TEST_CASE("rows are routed to the expert of their posture and come back in order",
                "[model][network]") {
  Network network = small_network();
  network->eval();
  const torch::NoGradGuard no_grad;
  const auto out = network->forward(toy_images(12));
  const std::vector<int64_t> rows = {7, 1, 10, 3, 0, 11, 5};
  const std::vector<int> posture = {4, 0, 2, 0, 4, 2, 0};
  const auto together = network->reconstruct(out.encoded, rows, posture);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::array<torch::Tensor, 3> skips;
    for (std::size_t s = 0; s < 3; ++s) skips[s] = out.encoded.skips[s].narrow(0, rows[i], 1);
    const auto expert = static_cast<std::size_t>(posture[i]);
    const auto alone = network->decoders->at<DecoderImpl>(expert).forward(
        out.encoded.map.narrow(0, rows[i], 1), skips);
    // Another blocking of the same float sums.
    CATCH_CHECK((together[static_cast<int64_t>(i)] - alone[0]).abs().max().item<double>() < 1e-5);
  }
  // The experts differ, or the check above would not see the routing.
  const auto other = network->reconstruct(out.encoded, {7}, {0});
  CATCH_CHECK((together[0] - other[0]).abs().max().item<double>() > 1e-3);
}

CATCH_TEST_CASE("an expert without rows gets no gradient", "[model][network]") {
  Network network = small_network();
  const auto out = network->forward(toy_images(8));
  network->reconstruct(out.encoded, {0, 1, 2}, {3, 1, 3}).mean().backward();
  for (std::size_t e = 0; e < 5; ++e) {
    const auto grad = network->decoders->at<DecoderImpl>(e).leave->weight.grad();
    CATCH_CHECK(grad.defined() == (e == 1 || e == 3));
  }
}

CATCH_TEST_CASE("the whole network's gradient agrees with central differences in double",
                "[model][network]") {
  Network network = small_network();
  network->to(torch::kDouble);
  for (auto& module : network->modules()) {
    if (auto* dropout = module->as<torch::nn::Dropout>()) dropout->options.p(0.0);
  }
  const auto images = toy_images(8).to(torch::kDouble);
  const auto identity = torch::tensor({0, 0, 1, 1, 2, 2, 3, 3}, torch::kLong);
  const auto posture = torch::tensor({0, 1, 2, 3, 4, 0, 1, 2}, torch::kLong);
  const auto loss = [&] {
    const auto out = network->forward(images);
    const auto made = network->reconstruct(out.encoded, {0, 2, 5}, {0, 2, 0});
    return supervised_contrastive(out.embedding, identity, 0.5) +
           smoothed_cross_entropy(out.posture_logits, posture, 0.1) +
           charbonnier(made, images.narrow(0, 0, 3), 0.1) + 1.0 -
           structural_similarity(made, images.narrow(0, 0, 3));
  };
  loss().backward();
  thz::Rng rng(4, thz::RngPurpose::kTest);
  double worst = 0.0;
  double largest = 0.0;
  for (auto& item : network->named_parameters()) {
    auto& p = item.value();
    if (!p.grad().defined()) continue;
    CATCH_CAPTURE(item.key());
    const auto i = static_cast<int64_t>(rng.index(static_cast<uint64_t>(p.numel())));
    const double analytic = p.grad().contiguous().view(-1)[i].item<double>();
    const torch::NoGradGuard no_grad;
    const double h = 1e-7;
    p.view(-1)[i] += h;
    const double up = loss().item<double>();
    p.view(-1)[i] -= 2 * h;
    const double down = loss().item<double>();
    p.view(-1)[i] += h;
    worst = std::max(worst, std::abs((up - down) / (2 * h) - analytic));
    largest = std::max(largest, std::abs(analytic));
  }
  // Kinks of the rectifiers within h of a pixel add a little to h^2 and rounding.
  CATCH_CHECK(worst < 1e-4 * largest);
}

CATCH_TEST_CASE("initial weights depend on the seed alone", "[model][network]") {
  torch::manual_seed(1);
  Network a = small_network();
  torch::manual_seed(2);
  Network b = small_network();
  CATCH_CHECK(torch::equal(a->encoder->reduce->weight, b->encoder->reduce->weight));
  initialise(*b, 4);
  CATCH_CHECK_FALSE(torch::equal(a->encoder->reduce->weight, b->encoder->reduce->weight));
}

CATCH_TEST_CASE("a loss that is not finite stops the training and names step and rows",
                "[model][trainer]") {
  const TrainingData data = test::toy_data();
  Trainer trainer(test::toy_config(), data, std::nullopt);
  trainer.step(1e-3);
  {
    const torch::NoGradGuard no_grad;
    trainer.network()->posture->weight.fill_(NAN);
  }
  CATCH_CHECK_THROWS_WITH(trainer.step(1e-3), Catch::Contains("step 1") &&
                                                  Catch::Contains("'posture'") &&
                                                  Catch::Contains("rows"));
}
