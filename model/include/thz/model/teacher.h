#pragma once

#include <torch/torch.h>

#include "thz/model/config.h"
#include "thz/model/network.h"

namespace thz::model {

/// [B, C, H, W] -> [B, H W, C]: each pixel of a map is a token.
torch::Tensor to_tokens(const torch::Tensor& map);
/// [B, side^2, C] -> [B, C, side, side]
torch::Tensor to_map(const torch::Tensor& tokens);

/// Scaled dot-product attention in several heads (equations 8 and 9): queries from one sequence,
/// keys and values from the other, softmax(Q K^T / sqrt(d)) V, and a linear layer. No residual.
class CrossAttentionImpl : public torch::nn::Module {
 public:
  CrossAttentionImpl(int64_t channels, int64_t heads, double dropout);
  /// @param asking  [B, T, C]  @param answering  [B, S, C]  @return [B, T, C]
  torch::Tensor forward(const torch::Tensor& asking, const torch::Tensor& answering);

  torch::nn::Linear query{nullptr}, key{nullptr}, value{nullptr}, leave{nullptr};
  torch::nn::Dropout dropout{nullptr};

 private:
  int64_t heads_;
};
TORCH_MODULE(CrossAttention);

/// Joins the tokens of both encoders: attention by `TeacherOptions::fusion`, side by side, linear
/// layer, LayerNorm, ReLU (equation 10).
class FusionImpl : public torch::nn::Module {
 public:
  FusionImpl(const NetworkOptions& network, const TeacherOptions& options);
  /// @param visible, thz  [B, 16, 8w]  @return [B, 16, 8w]
  torch::Tensor forward(const torch::Tensor& visible, const torch::Tensor& thz);

  CrossAttention visible_asks{nullptr}, thz_asks{nullptr};
  torch::nn::Linear join{nullptr};
  torch::nn::LayerNorm norm{nullptr};

 private:
  bool attention_;
};
TORCH_MODULE(Fusion);

/// What the teacher says of a batch, and what the student is held against.
struct TeacherOutput {
  torch::Tensor embedding;           ///< [B, embedding_size], unit length
  torch::Tensor posture_logits;      ///< [B, 5]
  torch::Tensor latent;              ///< [B, 8w], what the heads take
  torch::Tensor projection;          ///< [B, projection_size], of the mean token
  torch::Tensor student_projection;  ///< [B, projection_size], of the student's mean token
};

/// Encoder for visible pictures, fusion with the maps of the student's encoder, heads of its own,
/// and the two projections. Not part of the network at inference.
class TeacherImpl : public torch::nn::Module {
 public:
  TeacherImpl(const NetworkOptions& network, const TeacherOptions& options);
  /// @param visible  [B, 1, 64, 64]  @param thz_map  [B, 8w, 4, 4], of the student's encoder
  TeacherOutput forward(const torch::Tensor& visible, const torch::Tensor& thz_map);
  /// Everything but the student's projection stays as it is from now on.
  void freeze();

  Encoder visible{nullptr};  ///< its reduction takes the joined map
  Fusion fusion{nullptr};
  VerificationHead verification{nullptr};
  torch::nn::Linear posture{nullptr};
  torch::nn::Linear teacher_projection{nullptr}, student_projection{nullptr};
};
TORCH_MODULE(Teacher);

}  // namespace thz::model
