#include "thz/model/network.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "encoder_entry.h"
#include "thz/core/error.h"
#include "thz/core/rng.h"
#include "thz/model/run.h"

namespace thz::model {
namespace {

namespace nn = torch::nn;

constexpr double kSlope = 0.2;

// In place: what comes before it (convolution, normalisation, sum) does not need its result for the
// backward pass, and a 64 x 64 map less is written and kept.
torch::Tensor act(torch::Tensor x) { return torch::leaky_relu_(x, kSlope); }

nn::Conv2d conv(int64_t in, int64_t out, int64_t kernel, int64_t stride = 1, bool bias = true) {
  // Padding keeps the size of odd kernels; the 4x4 reduction has none.
  const int64_t padding = kernel % 2 == 1 ? kernel / 2 : 0;
  return nn::Conv2d(nn::Conv2dOptions(in, out, kernel).stride(stride).padding(padding).bias(bias));
}

}  // namespace

torch::Tensor at_least_float(const torch::Tensor& x) {
  return x.scalar_type() == torch::kBFloat16 ? x.to(torch::kFloat) : x;
}

DownStageImpl::DownStageImpl(int64_t in_channels, int64_t out_channels) {
  // A bias before batch normalisation is subtracted again: left out.
  conv1 = register_module("conv1", conv(in_channels, out_channels, 3, 2, false));
  norm1 = register_module("norm1", Norm(out_channels));
  conv2 = register_module("conv2", conv(out_channels, out_channels, 3, 1, false));
  norm2 = register_module("norm2", Norm(out_channels));
  if (in_channels != out_channels) {
    shortcut = register_module("shortcut", conv(in_channels, out_channels, 1, 2, false));
    shortcut_norm = register_module("shortcut_norm", Norm(out_channels));
  }
}

torch::Tensor DownStageImpl::forward(const torch::Tensor& x) {
  return finish(conv1(x),
                shortcut.is_empty() ? torch::avg_pool2d(x, 2) : shortcut_norm(shortcut(x)));
}

torch::Tensor DownStageImpl::finish(const torch::Tensor& first, const torch::Tensor& beside) {
  return act(norm2(conv2(act(norm1(first)))) + beside);
}

EncoderImpl::EncoderImpl(const NetworkOptions& options) {
  const int64_t w = options.base_channels;
  stem = register_module("stem", conv(1, w, 3));
  stages = register_module("stages", nn::ModuleList());
  stages->push_back(DownStage(w, w));
  for (const int64_t factor : {1, 2, 4}) stages->push_back(DownStage(factor * w, 2 * factor * w));
  reduce = register_module("reduce", conv(8 * w, 8 * w, 4, 4, false));
  reduce_norm = register_module("reduce_norm", Norm(8 * w));
  dropout = register_module("dropout", nn::Dropout(options.dropout));
}

EncoderOutput EncoderImpl::maps(const torch::Tensor& images) {
  TORCH_CHECK(images.dim() == 4 && images.size(1) == 1 && images.size(2) == kImageSide &&
                  images.size(3) == kImageSide,
              "the encoder expects [B, 1, 64, 64], got ", images.sizes());
  EncoderOutput out;
  auto& stage = stages->at<DownStageImpl>(0);
  if (!layer_by_layer && has_encoder_entry(images, stem->weight, stage.conv1->weight)) {
    const auto entry = encoder_entry(images, stem->weight, stem->bias, stage.conv1->weight, kSlope);
    out.skips[0] = stage.finish(entry[0], entry[1]);
  } else {
    out.skips[0] = stage.forward(act(stem(images)));
  }
  torch::Tensor x = out.skips[0];
  for (std::size_t i = 1; i < 3; ++i) {
    x = stages->at<DownStageImpl>(i).forward(x);
    out.skips[i] = x;
  }
  out.map = stages->at<DownStageImpl>(3).forward(x);
  return out;
}

torch::Tensor EncoderImpl::reduction(const torch::Tensor& map) {
  // The window is the whole map: a product of matrices, five times as fast as a convolution.
  const auto sums = layer_by_layer ? reduce(map).flatten(1)
                                   : torch::linear(map.flatten(1), reduce->weight.flatten(1));
  return dropout(act(reduce_norm(sums)));
}

EncoderOutput EncoderImpl::forward(const torch::Tensor& images) {
  EncoderOutput out = maps(images);
  out.latent = reduction(out.map);
  return out;
}

VerificationHeadImpl::VerificationHeadImpl(const NetworkOptions& options) {
  const int64_t w = options.base_channels;
  hidden = register_module("hidden", nn::Linear(nn::LinearOptions(8 * w, 4 * w).bias(false)));
  norm = register_module("norm", Norm(4 * w));
  dropout = register_module("dropout", nn::Dropout(options.dropout));
  project = register_module("project", nn::Linear(4 * w, options.embedding_size));
}

torch::Tensor VerificationHeadImpl::forward(const torch::Tensor& latent) {
  const auto x = project(dropout(torch::relu(norm(hidden(latent)))));
  // Whatever the precision of the products: lengths and losses are float's.
  return torch::nn::functional::normalize(at_least_float(x));
}

ResidualDenseBlockImpl::ResidualDenseBlockImpl(int64_t channels, int64_t growth) {
  layers = register_module("layers", nn::ModuleList());
  for (int64_t i = 0; i < 5; ++i) layers->push_back(conv(channels + i * growth, growth, 3));
  fuse = register_module("fuse", conv(channels + 5 * growth, channels, 1));
}

torch::Tensor ResidualDenseBlockImpl::forward(const torch::Tensor& x) {
  torch::Tensor all = x;
  for (std::size_t i = 0; i < layers->size(); ++i) {
    all = torch::cat({all, act(layers->at<nn::Conv2dImpl>(i).forward(all))}, 1);
  }
  return 0.5 * fuse(all) + 0.5 * x;
}

DecoderImpl::DecoderImpl(const NetworkOptions& options) {
  const int64_t w = options.base_channels;
  enter = register_module("enter", conv(8 * w, 4 * w, 1));
  dense = register_module("dense", ResidualDenseBlock(4 * w, w / 2));
  up = register_module("up", nn::ModuleList());
  merge = register_module("merge", nn::ModuleList());
  // Channels before and after each PixelShuffle, and of the skip joined after it (0: none).
  const std::array<std::array<int64_t, 3>, 4> steps = {
      {{4 * w, 2 * w, 4 * w}, {2 * w, w, 2 * w}, {w, w / 2, w}, {w / 2, w / 4, 0}}};
  for (const auto& [in, out, skip] : steps) {
    up->push_back(conv(in, 4 * out, 3));
    if (skip > 0) merge->push_back(conv(out + skip, out, 3));
  }
  leave = register_module("leave", conv(w / 4, 1, 3));
}

torch::Tensor DecoderImpl::forward(const torch::Tensor& map,
                                   const std::array<torch::Tensor, 3>& skips) {
  torch::Tensor x = dense(act(enter(map)));
  for (std::size_t i = 0; i < up->size(); ++i) {
    x = act(torch::pixel_shuffle(up->at<nn::Conv2dImpl>(i).forward(x), 2));
    if (i < merge->size()) {
      x = act(merge->at<nn::Conv2dImpl>(i).forward(torch::cat({x, skips[2 - i]}, 1)));
    }
  }
  return torch::sigmoid(at_least_float(leave(x)));
}

NetworkImpl::NetworkImpl(const NetworkOptions& options) {
  encoder = register_module("encoder", Encoder(options));
  verification = register_module("verification", VerificationHead(options));
  posture = register_module("posture", nn::Linear(8 * options.base_channels, kPostureCount));
  decoders = register_module("decoders", nn::ModuleList());
  for (int i = 0; i < options.experts; ++i) decoders->push_back(Decoder(options));
}

NetworkOutput NetworkImpl::forward(const torch::Tensor& images) {
  NetworkOutput out;
  out.encoded = encoder(images);
  out.embedding = verification(out.encoded.latent);
  out.posture_logits = at_least_float(posture(out.encoded.latent));
  return out;
}

torch::Tensor NetworkImpl::reconstruct(const EncoderOutput& encoded,
                                       const std::vector<int64_t>& rows,
                                       const std::vector<int>& postures) {
  THZ_REQUIRE(rows.size() == postures.size() && !rows.empty(), "one posture a row");
  const auto experts = static_cast<int>(decoders->size());
  const auto expert_of = [&](std::size_t i) { return experts == 1 ? 0 : postures[i]; };
  // Order of the rows by expert (stable), so that one gather serves all and each decoder gets a
  // run.
  std::vector<std::size_t> order(rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return expert_of(a) < expert_of(b); });
  std::vector<int64_t> gather(rows.size());
  std::vector<int64_t> back(rows.size());
  std::vector<int64_t> count(static_cast<std::size_t>(experts), 0);
  for (std::size_t i = 0; i < order.size(); ++i) {
    gather[i] = rows[order[i]];
    back[order[i]] = static_cast<int64_t>(i);
    ++count.at(static_cast<std::size_t>(expert_of(order[i])));
  }
  const auto device = encoded.map.device();
  const bool in_order = std::is_sorted(order.begin(), order.end());
  bool in_one_piece = in_order;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    in_one_piece = in_one_piece && rows[i] == rows[0] + static_cast<int64_t>(i);
  }
  const auto index = torch::tensor(gather, torch::kLong).to(device);
  const auto parts_of = [&](const torch::Tensor& x) {
    // Split, not narrowed one by one: its gradient is one joining instead of a sum of frames.
    return (in_one_piece ? x.narrow(0, rows.front(), index.size(0)) : x.index_select(0, index))
        .split_with_sizes(count);
  };
  const auto maps = parts_of(encoded.map);
  const std::array<std::vector<torch::Tensor>, 3> skips = {
      parts_of(encoded.skips[0]), parts_of(encoded.skips[1]), parts_of(encoded.skips[2])};
  std::vector<torch::Tensor> parts;
  for (std::size_t e = 0; e < count.size(); ++e) {
    if (count[e] == 0) continue;
    parts.push_back(
        decoders->at<DecoderImpl>(e).forward(maps[e], {skips[0][e], skips[1][e], skips[2][e]}));
  }
  const auto made = torch::cat(parts);
  return in_order ? made : made.index_select(0, torch::tensor(back, torch::kLong).to(device));
}

int64_t NetworkImpl::parameter_count() const {
  int64_t count = 0;
  for (const auto& p : parameters()) count += p.numel();
  return count;
}

namespace {

/// 340 GHz images are mostly dark. Decoders that start at sigmoid(0) = 1/2 are driven to black as a
/// whole before they learn any structure, and stay there, since the sigmoid is flat at black. They
/// start at sigmoid(-2.2) = 0.1, nearly uniform, instead.
constexpr double kDarkLogit = -2.2;
constexpr double kOutputShrink = 0.1;

bool is_output(const std::string& parameter) {
  return parameter.find("leave.") != std::string::npos;
}

}  // namespace

void initialise(torch::nn::Module& module, uint64_t seed, uint64_t first) {
  const torch::NoGradGuard no_grad;
  uint64_t number = first;
  for (auto& item : module.named_parameters()) {
    torch::Tensor& p = item.value();
    Rng rng(seed, RngPurpose::kInitialisation, number++);
    if (p.dim() < 2) {
      // Batch normalisation starts as the identity: scale 1, shift 0; biases are 0.
      const bool is_scale = item.key().find("norm") != std::string::npos &&
                            item.key().rfind(".weight") == item.key().size() - 7;
      p.fill_(is_scale ? 1.0 : is_output(item.key()) ? kDarkLogit : 0.0);
      continue;
    }
    // He et al. (2015), eq. 14: sd = sqrt(2 / ((1 + a^2) fan_in)) for a LeakyReLU of slope a.
    const auto fan_in = static_cast<double>(p.numel() / p.size(0));
    double sd = std::sqrt(2.0 / ((1.0 + kSlope * kSlope) * fan_in));
    if (is_output(item.key())) sd *= kOutputShrink;
    auto* values = p.data_ptr<float>();
    for (int64_t i = 0; i < p.numel(); ++i) values[i] = static_cast<float>(rng.normal(0.0, sd));
  }
}

namespace {

double multiplications(const torch::nn::Module& module, int64_t out_pixels) {
  double sum = 0.0;
  for (const auto& p : module.parameters(false)) {
    if (p.dim() >= 2) sum += static_cast<double>(p.numel() * out_pixels);
  }
  return sum;
}

}  // namespace

NetworkWork network_work(const NetworkOptions& options) {
  NetworkWork work;
  Encoder encoder(options);
  int64_t side = kImageSide;
  work.encode = multiplications(*encoder->stem, side * side);
  for (std::size_t i = 0; i < encoder->stages->size(); ++i) {
    side /= 2;
    for (const auto& layer : encoder->stages[i]->modules(false)) {
      work.encode += multiplications(*layer, side * side);
    }
  }
  VerificationHead head(options);
  work.encode += multiplications(*encoder->reduce, 1) + multiplications(*head->hidden, 1) +
                 multiplications(*head->project, 1) + 8.0 * options.base_channels * kPostureCount;
  Decoder decoder(options);
  side = 4;
  work.decode = multiplications(*decoder->enter, side * side);
  for (const auto& layer : decoder->dense->modules(false)) {
    work.decode += multiplications(*layer, side * side);
  }
  for (std::size_t i = 0; i < decoder->up->size(); ++i) {
    work.decode += multiplications(*decoder->up[i], side * side);
    side *= 2;
    if (i < decoder->merge->size()) {
      work.decode += multiplications(*decoder->merge[i], side * side);
    }
  }
  work.decode += multiplications(*decoder->leave, side * side);
  return work;
}

}  // namespace thz::model
