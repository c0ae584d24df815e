#include "thz/model/losses.h"

#include <cmath>

#include "thz/core/error.h"

namespace thz::model {
namespace {

constexpr int64_t kWindow = 11;  // pixels
constexpr double kSigma = 1.5;   // pixels
constexpr double kC1 = 0.01 * 0.01;
constexpr double kC2 = 0.03 * 0.03;

torch::Tensor gaussian(const torch::TensorOptions& options) {
  auto weights = torch::empty({kWindow}, torch::kDouble);
  auto* w = weights.data_ptr<double>();
  for (int64_t i = 0; i < kWindow; ++i) {
    const auto offset = static_cast<double>(i - kWindow / 2);
    w[i] = std::exp(-0.5 * offset * offset / (kSigma * kSigma));
  }
  return (weights / weights.sum()).to(options);
}

/// [n - 10, n]: row i averages elements i to i + 10.
torch::Tensor averaging(int64_t n, const torch::TensorOptions& options) {
  const auto window = gaussian(torch::kDouble);
  auto rows = torch::zeros({n - kWindow + 1, n}, torch::kDouble);
  for (int64_t i = 0; i + kWindow <= n; ++i) rows[i].narrow(0, i, kWindow).copy_(window);
  return rows.to(options);
}

// The Gaussian is separable: R x C^t for each image x. Two products with banded matrices of 64 cost
// less than convolutions of one channel, whose kernels are made for many.
class Blur {
 public:
  Blur(int64_t rows, int64_t cols, const torch::TensorOptions& options)
      : rows_(averaging(rows, options).t()),
        cols_(rows == cols ? rows_ : averaging(cols, options).t()) {}
  /// [N, H, W] -> [N, W - 10, H - 10]: turned, which no mean over pixels minds, so that either
  /// product is one of whole batches.
  torch::Tensor operator()(const torch::Tensor& x) const {
    return x.matmul(cols_).transpose(1, 2).contiguous().matmul(rows_);
  }

 private:
  torch::Tensor rows_, cols_;
};

struct Moments {
  torch::Tensor x, y, xx, yy, xy;  // windowed means; squares and products not yet central
};

torch::Tensor similarity_of(const Moments& m) {
  const auto& [mx, my, mxx, myy, mxy] = m;
  const auto xx = mxx - mx * mx;
  const auto yy = myy - my * my;
  const auto xy = mxy - mx * my;
  return ((2 * mx * my + kC1) * (2 * xy + kC2) / ((mx * mx + my * my + kC1) * (xx + yy + kC2)))
      .mean();
}

void require_pictures(const torch::Tensor& x, const torch::Tensor& y) {
  TORCH_CHECK(x.dim() == 4 && x.size(1) == 1 && x.sizes() == y.sizes() && x.size(2) >= kWindow &&
                  x.size(3) >= kWindow,
              "structural_similarity expects two [B, 1, H, W] of at least 11 x 11, got ", x.sizes(),
              " and ", y.sizes());
}

}  // namespace

torch::Tensor supervised_contrastive(const torch::Tensor& embedding, const torch::Tensor& identity,
                                     double temperature) {
  TORCH_CHECK(embedding.dim() == 2 && identity.dim() == 1 && embedding.size(0) == identity.size(0),
              "supervised_contrastive expects [B, D] and [B], got ", embedding.sizes(), " and ",
              identity.sizes());
  const int64_t batch = embedding.size(0);
  const auto similarity = embedding.matmul(embedding.t()) / temperature;
  const auto self = torch::eye(batch, embedding.options().dtype(torch::kBool).requires_grad(false));
  const auto log_probability =
      similarity - torch::logsumexp(similarity.masked_fill(self, -INFINITY), 1, true);
  const auto same = identity.unsqueeze(0).eq(identity.unsqueeze(1)).logical_and(self.logical_not());
  const auto positives = same.sum(1);
  const auto anchors = positives.gt(0).nonzero().squeeze(1);
  if (anchors.numel() == 0) return similarity.sum() * 0.0;
  // masked_fill, not a product with the mask: the diagonal may be -inf, and 0 * inf is NaN.
  const auto sum = log_probability.masked_fill(same.logical_not(), 0.0).sum(1);
  return -(sum.index_select(0, anchors) / positives.index_select(0, anchors)).mean();
}

torch::Tensor smoothed_cross_entropy(const torch::Tensor& logits, const torch::Tensor& label,
                                     double smoothing) {
  return torch::nn::functional::cross_entropy(
      logits, label, torch::nn::functional::CrossEntropyFuncOptions().label_smoothing(smoothing));
}

torch::Tensor charbonnier(const torch::Tensor& x, const torch::Tensor& y, double epsilon) {
  return ((x - y).square() + epsilon * epsilon).sqrt().mean();
}

torch::Tensor structural_similarity(const torch::Tensor& x, const torch::Tensor& y) {
  require_pictures(x, y);
  const Blur blur(x.size(2), x.size(3), x.options().requires_grad(false));
  const auto p = x.squeeze(1), q = y.squeeze(1);
  // Apart, so that a target without a gradient costs no backward pass.
  const auto with_x = blur(torch::cat({p, p * p, p * q})).chunk(3);
  const auto of_y = blur(torch::cat({q, q * q})).chunk(2);
  return similarity_of({with_x[0], of_y[0], with_x[1], of_y[1], with_x[2]});
}

torch::Tensor structural_similarity_by_convolution(const torch::Tensor& x, const torch::Tensor& y) {
  require_pictures(x, y);
  const auto window = gaussian(x.options().requires_grad(false));
  const auto blur = [&](const torch::Tensor& image) {
    return torch::conv2d(torch::conv2d(image, window.view({1, 1, kWindow, 1})),
                         window.view({1, 1, 1, kWindow}));
  };
  return similarity_of({blur(x), blur(y), blur(x * x), blur(y * y), blur(x * y)});
}

torch::Tensor feature_distillation(const torch::Tensor& student, const torch::Tensor& teacher,
                                   bool mean_over_dimensions) {
  TORCH_CHECK(student.dim() == 2 && student.sizes() == teacher.sizes(),
              "feature_distillation expects two [B, D], got ", student.sizes(), " and ",
              teacher.sizes());
  const auto square = (student - teacher.detach()).square();
  return mean_over_dimensions ? square.mean() : square.sum(1).mean();
}

torch::Tensor logit_distillation(const torch::Tensor& student, const torch::Tensor& teacher,
                                 double temperature) {
  TORCH_CHECK(student.dim() == 2 && student.sizes() == teacher.sizes(),
              "logit_distillation expects two [B, C], got ", student.sizes(), " and ",
              teacher.sizes());
  const auto p = torch::log_softmax(teacher.detach() / temperature, 1);
  const auto q = torch::log_softmax(student / temperature, 1);
  return temperature * temperature * (p.exp() * (p - q)).sum(1).mean();
}

torch::Tensor total_loss(const std::vector<LossTerm>& terms) {
  THZ_REQUIRE(!terms.empty(), "a loss needs terms");
  torch::Tensor total = terms.front().weight * terms.front().value;
  for (std::size_t i = 1; i < terms.size(); ++i) total = total + terms[i].weight * terms[i].value;
  return total;
}

}  // namespace thz::model
