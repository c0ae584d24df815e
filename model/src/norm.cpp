#include "thz/model/norm.h"

#include "thz/model/collective.h"

namespace thz::model {
namespace {

constexpr double kNormEpsilon = 1e-5;
constexpr double kNormMomentum = 0.1;  // share of the new batch in the running statistics

// What LibTorch's function does in training, with sums over all processes. Two passes, since a
// variance from the mean square loses the digits that two processes and one shall agree in.
torch::Tensor normalise_together(NormImpl& m, Collective& collective, const torch::Tensor& input) {
  const auto x = input.to(torch::kFloat);
  std::vector<int64_t> others = {0};
  std::vector<int64_t> shape = {1, x.size(1)};
  for (int64_t d = 2; d < x.dim(); ++d) {
    others.push_back(d);
    shape.push_back(1);
  }
  auto count = torch::full({1}, static_cast<double>(x.numel() / x.size(1)), torch::kDouble);
  collective.sum_in_place(count);
  const double n = count.item<double>();
  const auto mean = collective.sum(x.sum(others)) / n;
  const auto centred = x - mean.view(shape);
  const auto variance = collective.sum(centred.square().sum(others)) / n;
  {
    const torch::NoGradGuard no_grad;
    m.running_mean.mul_(1.0 - kNormMomentum).add_(mean, kNormMomentum);
    m.running_var.mul_(1.0 - kNormMomentum).add_(variance, kNormMomentum * n / (n - 1.0));
  }
  const auto scale = m.weight * torch::rsqrt(variance + kNormEpsilon);
  return (centred * scale.view(shape) + m.bias.view(shape)).to(input.scalar_type());
}

}  // namespace

NormImpl::NormImpl(int64_t channels) {
  weight = register_parameter("weight", torch::ones({channels}));
  bias = register_parameter("bias", torch::zeros({channels}));
  running_mean = register_buffer("running_mean", torch::zeros({channels}));
  running_var = register_buffer("running_var", torch::ones({channels}));
  num_batches_tracked = register_buffer("num_batches_tracked", torch::zeros({}, torch::kLong));
}

torch::Tensor NormImpl::forward(const torch::Tensor& x) {
  TORCH_CHECK((x.dim() == 2 || x.dim() == 4) && x.size(1) == weight.size(0), "normalisation of ",
              weight.size(0), " channels got ", x.sizes());
  if (is_training()) num_batches_tracked += 1;
  if (is_training() && collective != nullptr) return normalise_together(*this, *collective, x);
  return torch::batch_norm(x, weight, bias, running_mean, running_var, is_training(), kNormMomentum,
                           kNormEpsilon, at::globalContext().userEnabledCuDNN());
}

void synchronise_norms(torch::nn::Module& module, Collective* collective) {
  for (const auto& part : module.modules()) {
    if (auto* norm = part->as<NormImpl>()) norm->collective = collective;
  }
}

}  // namespace thz::model
