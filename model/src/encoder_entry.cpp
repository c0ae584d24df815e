#include "encoder_entry.h"

#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>

#include <algorithm>

namespace thz::model {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

/// Images at a time: their maps of 1 MB each stay in the cache between two passes.
constexpr int64_t kImagesAtOnce = 4;

/// [n, 9, H W]: the 3 x 3 neighbours of each pixel.
Tensor neighbours(const Tensor& images, int64_t first, int64_t count) {
  return torch::im2col(images.narrow(0, first, count), {3, 3}, {1, 1}, {1, 1}, {1, 1});
}

/// Adds the bias, takes the leaky rectifier and the 2 x 2 mean of `count` maps of rows x cols.
void rectify_and_mean(float* maps, float* means, const float* bias, int64_t channels, int64_t count,
                      int64_t rows, int64_t cols, float slope) {
  at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
    for (int64_t map = begin; map < end; ++map) {
      const float shift = bias[map % channels];
      float* x = maps + map * rows * cols;
      for (int64_t i = 0; i < rows * cols; ++i) {
        const float v = x[i] + shift;
        x[i] = std::max(v, slope * v);
      }
      float* mean = means + map * rows * cols / 4;
      for (int64_t r = 0; r < rows / 2; ++r) {
        const float *up = x + 2 * r * cols, *low = up + cols;
        for (int64_t c = 0; c < cols / 2; ++c) {
          mean[r * cols / 2 + c] =
              0.25f * ((up[2 * c] + up[2 * c + 1]) + (low[2 * c] + low[2 * c + 1]));
        }
      }
    }
  });
}

/// Gradients by the parity of row and column of x: [B, C, H/2, W/2], odd ones with an extra first
/// row or column that belongs to no pixel.
struct ParityGradients {
  Tensor even_even, even_odd, odd_even, odd_odd;
};

// y[o] = sum_k w[k] x[2 o + k - 1]: an even pixel 2 m is seen by k = 1 of o = m, an odd one 2 m + 1
// by k = 2 of o = m and k = 0 of o = m + 1.
ParityGradients parity_gradients(const Tensor& grad, const Tensor& down) {
  const auto back = down.transpose(0, 1);  // [C, D, 3, 3]
  const auto turned = [&](std::vector<int64_t> rows, std::vector<int64_t> cols) {
    return back.index_select(2, torch::tensor(rows))
        .index_select(3, torch::tensor(cols))
        .contiguous();
  };
  const auto dense = [&](const Tensor& weight, int64_t more_rows, int64_t more_cols) {
    const std::array<int64_t, 2> stride = {1, 1}, padding = {more_rows, more_cols};
    return torch::conv2d(grad, weight, c10::nullopt, at::IntArrayRef(stride),
                         at::IntArrayRef(padding));
  };
  // Position j of an odd output sees o = j - 1 and o = j, so that pixel 2 m + 1 is at j = m + 1.
  return {dense(turned({1}, {1}), 0, 0), dense(turned({1}, {2, 0}), 0, 1),
          dense(turned({2, 0}, {1}), 1, 0), dense(turned({2, 0}, {2, 0}), 1, 1)};
}

/// Gradient of the stem's sums for maps [first, first + count) (of all images' channels), put
/// together from its parities and the means', and the sum of each.
void put_together(const ParityGradients& parts, const Tensor& mean_grad, const Tensor& x,
                  int64_t first, int64_t count, float slope, float* out, float* sums) {
  const int64_t rows = x.size(2), cols = x.size(3), r2 = rows / 2, c2 = cols / 2;
  const float* ee = parts.even_even.data_ptr<float>() + first * r2 * c2;
  const float* eo = parts.even_odd.data_ptr<float>() + first * r2 * (c2 + 1);
  const float* oe = parts.odd_even.data_ptr<float>() + first * (r2 + 1) * c2;
  const float* oo = parts.odd_odd.data_ptr<float>() + first * (r2 + 1) * (c2 + 1);
  const float* means = mean_grad.data_ptr<float>() + first * r2 * c2;
  const float* values = x.data_ptr<float>() + first * rows * cols;
  at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
    for (int64_t map = begin; map < end; ++map) {
      float sum = 0.0f;
      for (int64_t r = 0; r < rows; ++r) {
        const int64_t m = r / 2, odd = r % 2;
        const float* left =
            odd == 0 ? ee + (map * r2 + m) * c2 : oe + (map * (r2 + 1) + m + 1) * c2;
        const float* right = 1 + (odd == 0 ? eo + (map * r2 + m) * (c2 + 1)
                                           : oo + (map * (r2 + 1) + m + 1) * (c2 + 1));
        const float* mean = means + (map * r2 + m) * c2;
        const float* value = values + (map * rows + r) * cols;
        float* to = out + (map * rows + r) * cols;
        for (int64_t c = 0; c < c2; ++c) {
          const float share = 0.25f * mean[c];
          to[2 * c] = (left[c] + share) * (value[2 * c] > 0.0f ? 1.0f : slope);
          to[2 * c + 1] = (right[c] + share) * (value[2 * c + 1] > 0.0f ? 1.0f : slope);
        }
        float row_sum = 0.0f;
        for (int64_t c = 0; c < cols; ++c) row_sum += to[c];
        sum += row_sum;
      }
      sums[map] = sum;
    }
  });
}

class EncoderEntry : public torch::autograd::Function<EncoderEntry> {
 public:
  static variable_list forward(AutogradContext* context, const Tensor& images, const Tensor& stem,
                               const Tensor& bias, const Tensor& down, double slope) {
    const int64_t batch = images.size(0), channels = stem.size(0);
    const int64_t rows = images.size(2), cols = images.size(3);
    auto x = torch::empty({batch, channels, rows, cols}, images.options());
    auto mean = torch::empty({batch, channels, rows / 2, cols / 2}, images.options());
    const auto taps = stem.reshape({1, channels, 9});
    for (int64_t first = 0; first < batch; first += kImagesAtOnce) {
      const int64_t count = std::min(kImagesAtOnce, batch - first);
      auto part = x.narrow(0, first, count).view({count, channels, rows * cols});
      at::bmm_out(part, taps.expand({count, channels, 9}), neighbours(images, first, count));
      rectify_and_mean(part.data_ptr<float>(), mean.narrow(0, first, count).data_ptr<float>(),
                       bias.data_ptr<float>(), channels, count * channels, rows, cols,
                       static_cast<float>(slope));
    }
    context->save_for_backward({images, down, x});
    context->saved_data["slope"] = slope;
    return {torch::conv2d(x, down, {}, 2, 1), mean};
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor &images = saved[0], &down = saved[1], &x = saved[2];
    const auto slope = static_cast<float>(context->saved_data["slope"].toDouble());
    const auto grad = gradients[0].contiguous(), mean_grad = gradients[1].contiguous();
    const auto down_grad =
        std::get<1>(at::convolution_backward(grad, x, down, c10::nullopt, {2, 2}, {1, 1}, {1, 1},
                                             false, {0, 0}, 1, {false, true, false}));
    const ParityGradients parts = parity_gradients(grad, down);
    const int64_t batch = x.size(0), channels = x.size(1), pixels = x.size(2) * x.size(3);
    auto stem_grad = torch::zeros({channels, 9}, x.options());
    auto sums = torch::empty({batch, channels}, x.options());
    auto buffer = torch::empty({kImagesAtOnce, channels, pixels}, x.options());
    for (int64_t first = 0; first < batch; first += kImagesAtOnce) {
      const int64_t count = std::min(kImagesAtOnce, batch - first);
      put_together(parts, mean_grad, x, first * channels, count * channels, slope,
                   buffer.data_ptr<float>(), sums.data_ptr<float>() + first * channels);
      stem_grad +=
          torch::bmm(buffer.narrow(0, 0, count), neighbours(images, first, count).transpose(1, 2))
              .sum(0);
    }
    return {Variable(), stem_grad.view({channels, 1, 3, 3}), sums.sum(0), down_grad, Variable()};
  }
};

}  // namespace

std::array<Tensor, 2> encoder_entry(const Tensor& images, const Tensor& stem, const Tensor& bias,
                                    const Tensor& down, double slope) {
  const auto made = EncoderEntry::apply(images.contiguous(), stem, bias, down, slope);
  return {made[0], made[1]};
}

bool has_encoder_entry(const Tensor& images, const Tensor& stem, const Tensor& down) {
  const auto is_plain_float = [](const Tensor& t) {
    return t.is_cpu() && t.scalar_type() == torch::kFloat && t.is_contiguous();
  };
  return !at::autocast::is_cpu_enabled() && !images.requires_grad() && is_plain_float(images) &&
         is_plain_float(stem) && is_plain_float(down) && images.size(2) % 2 == 0 &&
         images.size(3) % 2 == 0;
}

}  // namespace thz::model
