#define CATCH_CONFIG_PREFIX_ALL
#include "thz/model/losses.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <functional>

#include "thz/core/rng.h"
#include "thz/model/lpips.h"

// Each loss is held against loops in double that share nothing with the tensor code, and its
// gradient against central differences in double.

using namespace thz::model;

namespace {

torch::Tensor random_tensor(const std::vector<int64_t>& shape, uint64_t stream, double low = 0.0,
                            double high = 1.0) {
  auto tensor = torch::empty(shape, torch::kDouble);
  thz::Rng rng(1, thz::RngPurpose::kTest, stream);
  auto* v = tensor.data_ptr<double>();
  for (int64_t i = 0; i < tensor.numel(); ++i) v[i] = rng.uniform(low, high);
  return tensor;
}

// Largest difference between the gradient and central differences of step h at up to `probes`
// elements, relative to the largest element of the gradient.
double gradient_error(const std::function<torch::Tensor(const torch::Tensor&)>& f, torch::Tensor x,
                      int probes, double h = 1e-6) {
  auto leaf = x.clone().requires_grad_(true);
  f(leaf).backward();
  const auto gradient = leaf.grad().contiguous().view(-1);
  thz::Rng rng(2, thz::RngPurpose::kTest);
  double worst = 0.0;
  for (int k = 0; k < probes; ++k) {
    const auto i = static_cast<int64_t>(rng.index(static_cast<uint64_t>(x.numel())));
    const auto at = [&](double shift) {
      auto moved = x.clone();
      moved.view(-1)[i] += shift;
      return f(moved).item<double>();
    };
    const double numeric = (at(h) - at(-h)) / (2 * h);
    worst = std::max(worst, std::abs(numeric - gradient[i].item<double>()));
  }
  return worst / gradient.abs().max().item<double>();
}

// Truncation h^2 and rounding 1e-16 / h both stay below 1e-9 of a value of order one.
constexpr double kDifferences = 1e-6;

double contrastive_by_loops(const torch::Tensor& z, const std::vector<int64_t>& y, double tau) {
  const auto a = z.accessor<double, 2>();
  const auto n = static_cast<std::size_t>(z.size(0));
  const auto similarity = [&](std::size_t i, std::size_t k) {
    double dot = 0.0;
    for (int64_t d = 0; d < z.size(1); ++d) {
      dot += a[static_cast<int64_t>(i)][d] * a[static_cast<int64_t>(k)][d];
    }
    return dot / tau;
  };
  double sum = 0.0;
  int anchors = 0;
  for (std::size_t i = 0; i < n; ++i) {
    double denominator = 0.0;
    for (std::size_t k = 0; k < n; ++k) {
      if (k != i) denominator += std::exp(similarity(i, k));
    }
    double own = 0.0;
    int positives = 0;
    for (std::size_t p = 0; p < n; ++p) {
      if (p == i || y[p] != y[i]) continue;
      own -= std::log(std::exp(similarity(i, p)) / denominator);
      ++positives;
    }
    if (positives == 0) continue;
    sum += own / positives;
    ++anchors;
  }
  return sum / anchors;
}

double similarity_by_loops(const torch::Tensor& x, const torch::Tensor& y) {
  const auto a = x.accessor<double, 4>();
  const auto b = y.accessor<double, 4>();
  double weight[11][11];
  double weight_sum = 0.0;
  for (int i = 0; i < 11; ++i) {
    for (int j = 0; j < 11; ++j) {
      weight[i][j] = std::exp(-((i - 5) * (i - 5) + (j - 5) * (j - 5)) / (2.0 * 1.5 * 1.5));
      weight_sum += weight[i][j];
    }
  }
  double total = 0.0;
  int windows = 0;
  for (int64_t n = 0; n < x.size(0); ++n) {
    for (int64_t r = 0; r + 11 <= x.size(2); ++r) {
      for (int64_t c = 0; c + 11 <= x.size(3); ++c) {
        double ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;
        for (int i = 0; i < 11; ++i) {
          for (int j = 0; j < 11; ++j) {
            const double w = weight[i][j] / weight_sum;
            const double p = a[n][0][r + i][c + j];
            const double q = b[n][0][r + i][c + j];
            ma += w * p, mb += w * q, aa += w * p * p, bb += w * q * q, ab += w * p * q;
          }
        }
        const double va = aa - ma * ma, vb = bb - mb * mb, cov = ab - ma * mb;
        total += (2 * ma * mb + 1e-4) * (2 * cov + 9e-4) /
                 ((ma * ma + mb * mb + 1e-4) * (va + vb + 9e-4));
        ++windows;
      }
    }
  }
  return total / windows;
}

}  // namespace

// LibTorch brings glog's CHECK: were it taken for Catch2's, nothing here could fail.
CATCH_TEST_CASE("a false assertion beside LibTorch fails", "[model][losses][!shouldfail]") {
  CATCH_CHECK(1 + 1 == 3);
}

CATCH_TEST_CASE("the contrastive loss equals its double loop", "[model][losses]") {
  const auto z = torch::nn::functional::normalize(random_tensor({9, 6}, 1, -1, 1));
  // Identity 3 comes once: it is a negative for the others and no anchor itself.
  const std::vector<int64_t> y = {0, 1, 0, 2, 1, 2, 2, 0, 3};
  const auto labels = torch::tensor(y, torch::kLong);
  const double tau = GENERATE(0.07, 0.5);
  // logsumexp against a sum of exponentials: rounding of nine terms.
  CATCH_CHECK(supervised_contrastive(z, labels, tau).item<double>() ==
              Approx(contrastive_by_loops(z, y, tau)).epsilon(1e-12));
  CATCH_CHECK(gradient_error([&](const auto& x) { return supervised_contrastive(x, labels, tau); },
                             z, 54) < kDifferences);
}

CATCH_TEST_CASE("the contrastive loss knows its limits", "[model][losses]") {
  // Two people, two images each, embeddings (1,0) and (0,1): one positive at similarity 1/tau and
  // two negatives at 0, so L = log(1 + 2 exp(-1/tau)).
  const auto z =
      torch::tensor({1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0}, torch::kDouble).view({4, 2});
  const auto labels = torch::tensor({0, 0, 1, 1}, torch::kLong);
  CATCH_CHECK(supervised_contrastive(z, labels, 0.5).item<double>() ==
              Approx(std::log(1 + 2 * std::exp(-2.0))).epsilon(1e-12));
  // Nobody twice: nothing to pull together.
  const auto alone = torch::tensor({0, 1, 2, 3}, torch::kLong);
  CATCH_CHECK(supervised_contrastive(z, alone, 0.5).item<double>() == 0.0);
}

CATCH_TEST_CASE("cross-entropy with smoothed labels equals its definition", "[model][losses]") {
  const auto logits = random_tensor({4, 5}, 2, -3, 3);
  const std::vector<int64_t> y = {4, 0, 2, 2};
  const auto labels = torch::tensor(y, torch::kLong);
  const auto a = logits.accessor<double, 2>();
  double expected = 0.0;
  for (int64_t i = 0; i < 4; ++i) {
    double z = 0.0;
    for (int64_t c = 0; c < 5; ++c) z += std::exp(a[i][c]);
    for (int64_t c = 0; c < 5; ++c) {
      const double target = (c == y[static_cast<std::size_t>(i)] ? 0.9 : 0.0) + 0.1 / 5;
      expected -= target * (a[i][c] - std::log(z)) / 4;
    }
  }
  CATCH_CHECK(smoothed_cross_entropy(logits, labels, 0.1).item<double>() ==
              Approx(expected).epsilon(1e-12));
  CATCH_CHECK(gradient_error([&](const auto& x) { return smoothed_cross_entropy(x, labels, 0.1); },
                             logits, 20) < kDifferences);
}

CATCH_TEST_CASE("the Charbonnier loss equals its definition", "[model][losses]") {
  const auto x = torch::tensor({0.2, 0.5, 0.9}, torch::kDouble);
  const auto y = torch::tensor({0.2, 0.1, 1.0}, torch::kDouble);
  const double e = 1e-3;
  const double expected = (e + std::sqrt(0.16 + e * e) + std::sqrt(0.01 + e * e)) / 3;
  CATCH_CHECK(charbonnier(x, y, e).item<double>() == Approx(expected).epsilon(1e-12));
  CATCH_CHECK(gradient_error([&](const auto& v) { return charbonnier(v, y, e); }, x, 6) < 1e-5);
}

CATCH_TEST_CASE("structural similarity equals its window by window definition", "[model][losses]") {
  const auto x = random_tensor({2, 1, 16, 14}, 3);
  const auto y = 0.6 * x + 0.3 * random_tensor({2, 1, 16, 14}, 4);
  // Second moments lose a few digits to the subtraction of squared means.
  CATCH_CHECK(structural_similarity(x, y).item<double>() ==
              Approx(similarity_by_loops(x, y)).epsilon(1e-10));
  CATCH_CHECK(structural_similarity_by_convolution(x, y).item<double>() ==
              Approx(similarity_by_loops(x, y)).epsilon(1e-10));
  CATCH_CHECK(structural_similarity(x, x).item<double>() == Approx(1.0).epsilon(1e-12));
  CATCH_CHECK(gradient_error([&](const auto& v) { return structural_similarity(v, y); }, x, 40) <
              1e-5);
  CATCH_CHECK(gradient_error([&](const auto& v) { return structural_similarity(x, v); }, y, 40) <
              1e-5);
}

CATCH_TEST_CASE("both distillations have the gradient of their differences", "[model][losses]") {
  const auto student = random_tensor({4, 6}, 21, -2.0, 2.0);
  const auto teacher = random_tensor({4, 6}, 22, -2.0, 2.0);
  for (const bool mean : {false, true}) {
    CATCH_CHECK(
        gradient_error([&](const auto& v) { return feature_distillation(v, teacher, mean); },
                       student, 24) < kDifferences);
  }
  CATCH_CHECK(gradient_error([&](const auto& v) { return logit_distillation(v, teacher, 3.0); },
                             student, 24) < kDifferences);
}

CATCH_TEST_CASE("terms are weighted outside the losses", "[model][losses]") {
  const std::vector<LossTerm> terms = {{"a", 2.0, torch::tensor(3.0)},
                                       {"b", 0.5, torch::tensor(4.0)}};
  CATCH_CHECK(total_loss(terms).item<double>() == Approx(8.0));
}
