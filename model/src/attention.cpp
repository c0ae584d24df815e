#include "attention.h"

#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>

#include <Eigen/Core>
#include <cmath>

namespace thz::model {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;
using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Strided = Eigen::Map<Matrix, Eigen::Unaligned, Eigen::OuterStride<>>;

/// Head `head` of image `image` in [B, T, C]: T x d, its rows C apart.
Strided head_of(const Tensor& x, int64_t image, int64_t head, int64_t heads) {
  const int64_t tokens = x.size(1), channels = x.size(2), d = channels / heads;
  return {x.data_ptr<float>() + image * tokens * channels + head * d, tokens, d,
          Eigen::OuterStride<>(channels)};
}

/// The T x S weights of head number `item` of all images' heads.
Eigen::Map<Matrix> weights_of(const Tensor& x, int64_t item) {
  const int64_t rows = x.size(2), cols = x.size(3);
  return {x.data_ptr<float>() + item * rows * cols, rows, cols};
}

float score_scale(int64_t channels, int64_t heads) {
  return 1.0f / std::sqrt(static_cast<float>(channels / heads));
}

class Attend : public torch::autograd::Function<Attend> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& query, const Tensor& key,
                        const Tensor& value, int64_t heads,
                        const c10::optional<Tensor>& kept_share) {
    const Tensor keep = kept_share.value_or(Tensor());
    const int64_t batch = query.size(0);
    auto weights = torch::empty({batch, heads, query.size(1), key.size(1)}, query.options());
    auto out = torch::empty_like(query);
    const float scale = score_scale(query.size(2), heads);
    at::parallel_for(0, batch * heads, 1, [&](int64_t begin, int64_t end) {
      Matrix kept;
      for (int64_t item = begin; item < end; ++item) {
        const int64_t image = item / heads, head = item % heads;
        auto p = weights_of(weights, item);
        p.noalias() = scale * head_of(query, image, head, heads) *
                      head_of(key, image, head, heads).transpose();
        p.colwise() -= p.rowwise().maxCoeff().eval();
        p = p.array().exp();
        p.array().colwise() /= p.rowwise().sum().array().eval();
        kept = p;
        if (keep.defined()) kept.array() *= weights_of(keep, item).array();
        head_of(out, image, head, heads).noalias() = kept * head_of(value, image, head, heads);
      }
    });
    context->save_for_backward({query, key, value, weights, keep});
    context->saved_data["heads"] = heads;
    return out;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    TORCH_CHECK(!torch::GradMode::is_enabled(), "attention has first derivatives only");
    const auto saved = context->get_saved_variables();
    const Tensor &query = saved[0], &key = saved[1], &value = saved[2], &weights = saved[3],
                 &keep = saved[4];
    const int64_t heads = context->saved_data["heads"].toInt();
    const auto grad = gradients[0].contiguous();
    auto to_query = torch::empty_like(query), to_key = torch::empty_like(key),
         to_value = torch::empty_like(value);
    const float scale = score_scale(query.size(2), heads);
    at::parallel_for(0, query.size(0) * heads, 1, [&](int64_t begin, int64_t end) {
      Matrix kept, change;
      for (int64_t item = begin; item < end; ++item) {
        const int64_t image = item / heads, head = item % heads;
        const auto of = [&](const Tensor& x) { return head_of(x, image, head, heads); };
        const auto p = weights_of(weights, item);
        kept = p;
        change.noalias() = of(grad) * of(value).transpose();
        if (keep.defined()) {
          kept.array() *= weights_of(keep, item).array();
          change.array() *= weights_of(keep, item).array();
        }
        of(to_value).noalias() = kept.transpose() * of(grad);
        // Of softmax: dS = P (dP - sum of a row of P dP).
        change.array().colwise() -= (p.array() * change.array()).rowwise().sum().eval();
        change.array() *= scale * p.array();
        of(to_query).noalias() = change * of(key);
        of(to_key).noalias() = change.transpose() * of(query);
      }
    });
    return {to_query, to_key, to_value, Variable(), Variable()};
  }
};

}  // namespace

Tensor attend(const Tensor& query, const Tensor& key, const Tensor& value, int64_t heads,
              const Tensor& keep) {
  TORCH_CHECK(query.dim() == 3 && key.dim() == 3 && key.sizes() == value.sizes() &&
                  query.size(0) == key.size(0) && query.size(2) == key.size(2) &&
                  query.size(2) % heads == 0,
              "attention of ", heads, " heads expects [B, T, C] and twice [B, S, C], got ",
              query.sizes(), ", ", key.sizes(), " and ", value.sizes());
  TORCH_CHECK(
      !keep.defined() ||
          (keep.is_cpu() && keep.scalar_type() == torch::kFloat &&
           keep.sizes() == torch::IntArrayRef({query.size(0), heads, query.size(1), key.size(1)})),
      "attention's factors on the weights are float [B, heads, T, S] on the processor");
  return Attend::apply(query.contiguous(), key.contiguous(), value.contiguous(), heads,
                       keep.defined() ? c10::make_optional(keep.contiguous()) : c10::nullopt);
}

Tensor attend_by_products(const Tensor& query, const Tensor& key, const Tensor& value,
                          int64_t heads, const Tensor& keep) {
  const auto split = [&](const Tensor& x) {  // [B, T, C] -> [B, heads, T, C / heads]
    return x.reshape({x.size(0), x.size(1), heads, -1}).transpose(1, 2);
  };
  const auto q = split(query), k = split(key), v = split(value);
  const double scale = 1.0 / std::sqrt(static_cast<double>(q.size(3)));
  const auto weights = torch::softmax(q.matmul(k.transpose(2, 3)) * scale, -1);
  const auto kept = keep.defined() ? weights * keep : weights;
  return kept.matmul(v).transpose(1, 2).reshape(query.sizes());
}

bool has_attend(const Tensor& query, const Tensor& key, const Tensor& value) {
  const auto is_float = [](const Tensor& t) {
    return t.is_cpu() && t.scalar_type() == torch::kFloat;
  };
  return !at::autocast::is_cpu_enabled() && is_float(query) && is_float(key) && is_float(value);
}

}  // namespace thz::model
