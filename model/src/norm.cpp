#include "thz/model/norm.h"

#include "thz/model/collective.h"

namespace thz::model {
namespace {

// What LibTorch's module does in training, with sums over all processes. Two passes, since a
// variance from the mean square loses the digits that two processes and one shall agree in.
template <typename Module>
torch::Tensor normalise_together(Module& m, Collective& collective, const torch::Tensor& input) {
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
    const double keep = 1.0 - m.options.momentum().value();
    m.running_mean.mul_(keep).add_(mean, 1.0 - keep);
    m.running_var.mul_(keep).add_(variance, (1.0 - keep) * n / (n - 1.0));
    m.num_batches_tracked += 1;
  }
  const auto scale = m.weight * torch::rsqrt(variance + m.options.eps());
  return (centred * scale.view(shape) + m.bias.view(shape)).to(input.scalar_type());
}

}  // namespace

torch::Tensor Norm2dImpl::forward(const torch::Tensor& x) {
  if (collective == nullptr || !is_training()) return torch::nn::BatchNorm2dImpl::forward(x);
  return normalise_together(*this, *collective, x);
}

torch::Tensor Norm1dImpl::forward(const torch::Tensor& x) {
  if (collective == nullptr || !is_training()) return torch::nn::BatchNorm1dImpl::forward(x);
  return normalise_together(*this, *collective, x);
}

void synchronise_norms(torch::nn::Module& module, Collective* collective) {
  for (const auto& part : module.modules()) {
    if (auto* norm = part->as<Norm2dImpl>()) norm->collective = collective;
    if (auto* norm = part->as<Norm1dImpl>()) norm->collective = collective;
  }
}

}  // namespace thz::model
