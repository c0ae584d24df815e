#include "adamw.h"

#include <ATen/Parallel.h>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

namespace thz::model {
namespace {

constexpr double kBeta1 = 0.9;
constexpr double kBeta2 = 0.999;
constexpr double kEpsilon = 1e-8;
constexpr int64_t kBlock = 1024;   // elements: four arrays of it stay in the first-level cache
constexpr int64_t kGrain = 16384;  // elements; below that a thread costs more than it does

struct AdamFactors {
  float decay;       // 1 - learning rate * weight decay
  float gradient;    // clipping
  float step;        // learning rate / (1 - beta1^t)
  float correction;  // 1 / sqrt(1 - beta2^t)
};

// Eigen's arrays, since a plain loop with a square root that may set errno is not vectorised.
void adam_range(float* weights, const float* gradients, float* means, float* squares, int64_t count,
                const AdamFactors& f) {
  constexpr auto b1 = static_cast<float>(kBeta1), b2 = static_cast<float>(kBeta2);
  for (int64_t first = 0; first < count; first += kBlock) {
    const int64_t size = std::min(kBlock, count - first);
    using Values = Eigen::Map<Eigen::ArrayXf>;
    Values w(weights + first, size), m(means + first, size), v(squares + first, size);
    const Eigen::Map<const Eigen::ArrayXf> g(gradients + first, size);
    m = b1 * m + ((1.0f - b1) * f.gradient) * g;
    v = b2 * v + ((1.0f - b2) * f.gradient * f.gradient) * g * g;
    w = f.decay * w - f.step * m / (f.correction * v.sqrt() + static_cast<float>(kEpsilon));
  }
}

// The same by tensors, where the memory is not ours to walk through.
void adam_tensors(torch::Tensor& w, const torch::Tensor& g, AdamW::Moments& moments,
                  const AdamFactors& f) {
  const auto gradient = g * f.gradient;
  moments.mean.mul_(kBeta1).add_(gradient, 1.0 - kBeta1);
  moments.square.mul_(kBeta2).addcmul_(gradient, gradient, 1.0 - kBeta2);
  w.mul_(f.decay).addcdiv_(moments.mean, moments.square.sqrt().mul_(f.correction).add_(kEpsilon),
                           -f.step);
}

}  // namespace

void AdamW::add(const std::string& name, const torch::Tensor& weight) {
  weights_.push_back({name, weight, {}});
}

double AdamW::gradient_length() const {
  double sum = 0.0;
  for (const Weight& weight : weights_) {
    const auto& gradient = weight.value.grad();
    if (!gradient.defined()) continue;
    const double length = gradient.norm().item<double>();
    sum += length * length;
  }
  return std::sqrt(sum);
}

void AdamW::step(double learning_rate, double factor) {
  const torch::NoGradGuard no_grad;
  for (Weight& weight : weights_) {
    if (!weight.value.grad().defined()) continue;
    Moments& moments = weight.moments;
    if (!moments.mean.defined()) {
      moments.mean = torch::zeros_like(weight.value);
      moments.square = torch::zeros_like(weight.value);
    }
    const auto t = static_cast<double>(++moments.steps);
    const AdamFactors f = {static_cast<float>(1.0 - learning_rate * weight_decay_),
                           static_cast<float>(factor),
                           static_cast<float>(learning_rate / (1.0 - std::pow(kBeta1, t))),
                           static_cast<float>(1.0 / std::sqrt(1.0 - std::pow(kBeta2, t)))};
    torch::Tensor& w = weight.value;
    const torch::Tensor& g = w.grad();
    // Element i of all four must be the same weight, whatever the layout.
    const bool walk = w.is_cpu() && w.scalar_type() == torch::kFloat &&
                      w.is_non_overlapping_and_dense() && g.strides() == w.strides() &&
                      moments.mean.strides() == w.strides() &&
                      moments.square.strides() == w.strides();
    if (!walk) {
      adam_tensors(w, w.grad(), moments, f);
      continue;
    }
    float* values = w.data_ptr<float>();
    const float* gradients = g.data_ptr<float>();
    float* means = moments.mean.data_ptr<float>();
    float* squares = moments.square.data_ptr<float>();
    at::parallel_for(0, w.numel(), kGrain, [&](int64_t first, int64_t last) {
      adam_range(values + first, gradients + first, means + first, squares + first, last - first,
                 f);
    });
  }
}

void AdamW::clear_gradients() {
  // No gradient rather than a zero one: an expert without rows is then left alone.
  for (Weight& weight : weights_) weight.value.mutable_grad() = torch::Tensor();
}

}  // namespace thz::model
