#pragma once

#include <torch/torch.h>

#include <array>
#include <vector>

#include "thz/model/config.h"
#include "thz/model/norm.h"

namespace thz::model {

/// bfloat16 as float, anything else as it is: lengths, softmax and losses are float's or better.
torch::Tensor at_least_float(const torch::Tensor& x);

/// Feature maps of the shared encoder; w = NetworkOptions::base_channels.
struct EncoderOutput {
  std::array<torch::Tensor, 3> skips;  ///< [B, w, 32, 32], [B, 2w, 16, 16], [B, 4w, 8, 8]
  torch::Tensor map;                   ///< [B, 8w, 4, 4]
  torch::Tensor latent;                ///< [B, 8w], after dropout
};

/// Residual down-sampling by two: conv3x3/2 + BN + act, conv3x3 + BN, plus a shortcut (1x1/2 conv +
/// BN, or a 2x2 mean where the channels stay), act. LeakyReLU of slope 0.2.
class DownStageImpl : public torch::nn::Module {
 public:
  DownStageImpl(int64_t in_channels, int64_t out_channels);
  /// @param x  [B, in_channels, H, W], H and W even  @return [B, out_channels, H / 2, W / 2]
  torch::Tensor forward(const torch::Tensor& x);
  /// The stage from the result of its first convolution and what is added beside it.
  /// @param first   [B, out_channels, H / 2, W / 2], conv1(x), not yet normalised
  /// @param beside  the same shape: the shortcut, normalised, or the 2x2 mean
  /// @return [B, out_channels, H / 2, W / 2]
  torch::Tensor finish(const torch::Tensor& first, const torch::Tensor& beside);

  torch::nn::Conv2d conv1{nullptr}, conv2{nullptr}, shortcut{nullptr};
  Norm norm1{nullptr}, norm2{nullptr}, shortcut_norm{nullptr};
};
TORCH_MODULE(DownStage);

/// The shared encoder: stem, four down stages, 4x4 convolution to the latent. A cross-modal teacher
/// has a second one for visible pictures, whose reduction takes the joined map.
class EncoderImpl : public torch::nn::Module {
 public:
  explicit EncoderImpl(const NetworkOptions& options);
  /// @param images  [B, 1, 64, 64] in [0, 1]
  EncoderOutput forward(const torch::Tensor& images);
  /// The maps alone; `latent` stays undefined.
  EncoderOutput maps(const torch::Tensor& images);
  /// [B, 8w, 4, 4] -> [B, 8w], after dropout
  torch::Tensor reduction(const torch::Tensor& map);

  torch::nn::Conv2d stem{nullptr}, reduce{nullptr};
  torch::nn::ModuleList stages{nullptr};
  Norm reduce_norm{nullptr};
  torch::nn::Dropout dropout{nullptr};
  /// Compute as the layers are listed; the first of them and the reduction are faster otherwise and
  /// the same but for the order of sums.
  bool layer_by_layer = false;
};
TORCH_MODULE(Encoder);

/// 8w -> 4w, BN, ReLU, dropout, -> embedding, divided by its length.
class VerificationHeadImpl : public torch::nn::Module {
 public:
  explicit VerificationHeadImpl(const NetworkOptions& options);
  /// @param latent  [B, 8w]  @return [B, embedding_size], rows of unit length, float or better
  torch::Tensor forward(const torch::Tensor& latent);

  torch::nn::Linear hidden{nullptr}, project{nullptr};
  Norm norm{nullptr};
  torch::nn::Dropout dropout{nullptr};
};
TORCH_MODULE(VerificationHead);

/// Five densely connected 3x3 convolutions of growth w/2, fused by a 1x1; half of the result plus
/// half of the input.
class ResidualDenseBlockImpl : public torch::nn::Module {
 public:
  ResidualDenseBlockImpl(int64_t channels, int64_t growth);
  /// @param x  [B, channels, H, W]  @return the same shape
  torch::Tensor forward(const torch::Tensor& x);

  torch::nn::ModuleList layers{nullptr};
  torch::nn::Conv2d fuse{nullptr};
};
TORCH_MODULE(ResidualDenseBlock);

/// From the 4x4 map and the skips to an unconcealed face. No normalisation inside: an expert sees
/// only the rows of one posture, a dozen at most, and statistics over so few would tie one face's
/// reconstruction to its neighbours in the batch (and fail outright on a single row).
class DecoderImpl : public torch::nn::Module {
 public:
  explicit DecoderImpl(const NetworkOptions& options);
  /// @param map    [B, 8w, 4, 4]
  /// @param skips  [B, w, 32, 32], [B, 2w, 16, 16], [B, 4w, 8, 8], as EncoderOutput has them
  /// @return [B, 1, 64, 64] in (0, 1)
  torch::Tensor forward(const torch::Tensor& map, const std::array<torch::Tensor, 3>& skips);

  torch::nn::Conv2d enter{nullptr}, leave{nullptr};
  ResidualDenseBlock dense{nullptr};
  torch::nn::ModuleList up{nullptr}, merge{nullptr};
};
TORCH_MODULE(Decoder);

/// What the network says of a batch.
struct NetworkOutput {
  torch::Tensor embedding;       ///< [B, embedding_size], unit length
  torch::Tensor posture_logits;  ///< [B, 5]
  EncoderOutput encoded;
};

/// Encoder, verification and posture heads, and one decoder or five, one a posture.
class NetworkImpl : public torch::nn::Module {
 public:
  explicit NetworkImpl(const NetworkOptions& options);

  /// @param images  [B, 1, 64, 64]
  NetworkOutput forward(const torch::Tensor& images);

  /// Reconstructs `rows` (positions in the batch) with the expert of `posture[i]` each: the true
  /// posture in training, the predicted one at inference. Rows are grouped by expert, so every
  /// decoder runs once.
  /// @return [rows, 1, 64, 64] in the order of `rows`
  torch::Tensor reconstruct(const EncoderOutput& encoded, const std::vector<int64_t>& rows,
                            const std::vector<int>& posture);

  int64_t parameter_count() const;

  Encoder encoder{nullptr};
  VerificationHead verification{nullptr};
  torch::nn::Linear posture{nullptr};
  torch::nn::ModuleList decoders{nullptr};
};
TORCH_MODULE(Network);

/// Draws all weights anew from thz::Rng (He's normal for the slope 0.2, zero biases): the same on
/// every machine and whatever LibTorch's own generator does. `first` is the number of the first
/// stream: another one for every module drawn with one seed.
void initialise(torch::nn::Module& module, uint64_t seed, uint64_t first = 0);

/// Multiply-accumulates of one image in convolutions and linear layers, forward pass: of the
/// encoder with both heads, and of one decoder.
struct NetworkWork {
  double encode = 0.0;
  double decode = 0.0;
};
NetworkWork network_work(const NetworkOptions& options);

}  // namespace thz::model
