#pragma once

#include <torch/torch.h>

namespace thz::model {

/// softmax(Q K^T / sqrt(d)) V in several heads of d = C / heads channels (equations 8 and 9), as
/// one operation.
///
/// The same numbers as by LibTorch's products, but for the order of sums. Sixteen tokens make
/// matrices of 16 x 16, of which a batch has hundreds, and LibTorch takes them one by one. First
/// derivatives only; `keep` is a constant.
/// @param query       [B, T, C]; @param key, value [B, S, C]
/// @param keep        [B, heads, T, S], factors on the weights after softmax (dropout); or
/// undefined
/// @return            [B, T, C]
torch::Tensor attend(const torch::Tensor& query, const torch::Tensor& key,
                     const torch::Tensor& value, int64_t heads, const torch::Tensor& keep);

/// The same by LibTorch's functions: slow and obvious, on every device and in every precision.
torch::Tensor attend_by_products(const torch::Tensor& query, const torch::Tensor& key,
                                 const torch::Tensor& value, int64_t heads,
                                 const torch::Tensor& keep);

/// Can attend() do it? On a processor, in float32.
bool has_attend(const torch::Tensor& query, const torch::Tensor& key, const torch::Tensor& value);

}  // namespace thz::model
