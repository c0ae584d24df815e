#include "thz/model/teacher.h"

#include <cmath>

#include "attention.h"
#include "thz/model/run.h"

namespace thz::model {

torch::Tensor to_tokens(const torch::Tensor& map) { return map.flatten(2).transpose(1, 2); }

torch::Tensor to_map(const torch::Tensor& tokens) {
  const auto side = std::llround(std::sqrt(static_cast<double>(tokens.size(1))));
  return tokens.transpose(1, 2).reshape({tokens.size(0), tokens.size(2), side, side});
}

CrossAttentionImpl::CrossAttentionImpl(int64_t channels, int64_t heads, double dropout_share)
    : heads_(heads) {
  TORCH_CHECK(channels % heads == 0, "heads must divide the channels");
  query = register_module("query", torch::nn::Linear(channels, channels));
  // A bias on the keys adds the same to all of a query's scores: softmax takes it out again.
  key = register_module(
      "key", torch::nn::Linear(torch::nn::LinearOptions(channels, channels).bias(false)));
  value = register_module("value", torch::nn::Linear(channels, channels));
  leave = register_module("merge", torch::nn::Linear(channels, channels));
  dropout = register_module("dropout", torch::nn::Dropout(dropout_share));
}

torch::Tensor CrossAttentionImpl::forward(const torch::Tensor& asking,
                                          const torch::Tensor& answering) {
  TORCH_CHECK(asking.dim() == 3 && answering.dim() == 3 && asking.size(2) == answering.size(2),
              "cross-attention expects [B, T, C] and [B, S, C], got ", asking.sizes(), " and ",
              answering.sizes());
  const auto q = query(asking), k = key(answering), v = value(answering);
  torch::Tensor keep;
  if (is_training() && dropout->options.p() > 0.0) {
    keep = dropout(
        torch::ones({q.size(0), heads_, q.size(1), k.size(1)}, at_least_float(q).options()));
  }
  return leave(has_attend(q, k, v) ? attend(q, k, v, heads_, keep)
                                   : attend_by_products(q, k, v, heads_, keep));
}

FusionImpl::FusionImpl(const NetworkOptions& network, const TeacherOptions& options)
    : attention_(options.fusion != "none") {
  const int64_t c = 8 * network.base_channels;
  const auto attention = [&](const char* name) {
    return register_module(name, CrossAttention(c, options.attention_heads, options.dropout));
  };
  if (options.fusion == "visible-guided" || options.fusion == "dual") {
    visible_asks = attention("visible_asks");
  }
  if (options.fusion == "thz-guided" || options.fusion == "dual") thz_asks = attention("thz_asks");
  const bool both = visible_asks.is_empty() == thz_asks.is_empty();
  join = register_module("join", torch::nn::Linear(both ? 2 * c : c, c));
  norm = register_module("norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({c})));
}

torch::Tensor FusionImpl::forward(const torch::Tensor& visible, const torch::Tensor& thz) {
  std::vector<torch::Tensor> parts;
  if (!attention_) parts = {visible, thz};
  if (!visible_asks.is_empty()) parts.push_back(visible_asks(visible, thz));
  if (!thz_asks.is_empty()) parts.push_back(thz_asks(thz, visible));
  const auto joined = join(parts.size() == 1 ? parts[0] : torch::cat(parts, 2));
  // LayerNorm with weights refuses bfloat16 on the processor.
  const bool half = joined.scalar_type() == torch::kBFloat16;
  return torch::relu(norm(half ? joined.to(torch::kFloat) : joined));
}

TeacherImpl::TeacherImpl(const NetworkOptions& network, const TeacherOptions& options) {
  const int64_t c = 8 * network.base_channels;
  visible = register_module("visible", Encoder(network));
  fusion = register_module("fusion", Fusion(network, options));
  verification = register_module("verification", VerificationHead(network));
  posture = register_module("posture", torch::nn::Linear(c, kPostureCount));
  teacher_projection =
      register_module("teacher_projection", torch::nn::Linear(c, options.projection_size));
  student_projection =
      register_module("student_projection", torch::nn::Linear(c, options.projection_size));
}

TeacherOutput TeacherImpl::forward(const torch::Tensor& pictures, const torch::Tensor& thz_map) {
  const auto thz = to_tokens(thz_map);
  const auto joined = fusion(to_tokens(visible->maps(pictures).map), thz);
  TeacherOutput out;
  out.latent = visible->reduction(to_map(joined));
  out.embedding = verification(out.latent);
  out.posture_logits = at_least_float(posture(out.latent));
  out.projection = at_least_float(teacher_projection(joined.mean(1)));
  out.student_projection = at_least_float(student_projection(thz.mean(1)));
  return out;
}

void TeacherImpl::freeze() {
  for (auto& item : named_parameters()) {
    item.value().set_requires_grad(item.key().rfind("student_projection.", 0) == 0);
  }
}

}  // namespace thz::model
