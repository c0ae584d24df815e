#include "thz/model/lpips.h"

#include "thz/core/error.h"
#include "thz/core/sha256.h"
#include "thz/io/atomic_file.h"
#include "thz/io/hdf5_file.h"
#include "thz/model/lpips_distance.h"

namespace thz::model {
namespace {

constexpr const char* kLpipsSchema = "lpips-squeeze/1";
constexpr int kTaps = 7;
constexpr std::array<int, 8> kFireModules = {3, 4, 6, 7, 9, 10, 11, 12};

torch::Tensor read_weights(const io::Hdf5File& file, const std::string& path,
                           const std::vector<int64_t>& shape) {
  const std::vector<float> values = file.read<float>(path);
  int64_t count = 1;
  for (const int64_t n : shape) count *= n;
  if (static_cast<int64_t>(values.size()) != count) {
    throw_input("{}: {} holds {} numbers, but {} are expected", file.name(), path, values.size(),
                count);
  }
  return torch::tensor(values).view(shape);
}

}  // namespace

Lpips Lpips::load(const std::string& path) {
  const io::Hdf5File file = io::Hdf5File::open(path);
  const std::string schema =
      file.has_attribute("/", "schema") ? file.text("/", "schema") : "(none)";
  if (schema != kLpipsSchema) {
    throw_input("{}: schema is {}, but LPIPS weights need {}", path, schema, kLpipsSchema);
  }
  Lpips lpips;
  for (const std::string& name : file.datasets()) {
    if (name.rfind("/backbone/", 0) != 0) continue;
    const io::Shape shape = file.shape(name);
    lpips.weights_[name.substr(10)] =
        read_weights(file, name, std::vector<int64_t>(shape.begin(), shape.end()));
  }
  std::vector<std::string> needed = {"features.0"};
  for (const int module : kFireModules) {
    for (const char* part : {"squeeze", "expand1x1", "expand3x3"}) {
      needed.push_back(fmt::format("features.{}.{}", module, part));
    }
  }
  for (const std::string& layer : needed) {
    for (const char* part : {".weight", ".bias"}) {
      if (lpips.weights_.count(layer + part) == 0) {
        throw_input("{}: /backbone/{}{} is missing; LPIPS weights need it", path, layer, part);
      }
    }
  }
  for (int tap = 0; tap < kTaps; ++tap) {
    const std::string name = fmt::format("/lin/squeeze/lin{}", tap);
    const auto channels = static_cast<int64_t>(file.read<float>(name).size());
    lpips.weights_[fmt::format("lin{}", tap)] = read_weights(file, name, {1, channels, 1, 1});
  }
  for (const char* name : {"shift", "scale"}) {
    lpips.weights_[name] = read_weights(file, std::string("/preprocess/") + name, {1, 3, 1, 1});
  }
  lpips.sha256_ = sha256_hex(io::read_file(path));
  return lpips;
}

Lpips Lpips::to(torch::ScalarType type) const {
  Lpips copy = *this;
  for (auto& [name, weight] : copy.weights_) weight = weight.to(type);
  return copy;
}

Lpips Lpips::to(torch::Device device) const {
  Lpips copy = *this;
  for (auto& [name, weight] : copy.weights_) weight = weight.to(device);
  return copy;
}

torch::Tensor Lpips::fire(const torch::Tensor& x, int number) const {
  const std::string prefix = fmt::format("features.{}.", number);
  const auto conv = [&](const torch::Tensor& in, const char* part, int64_t padding) {
    return torch::relu(torch::conv2d(in, weights_.at(prefix + part + ".weight"),
                                     weights_.at(prefix + part + ".bias"), 1, padding));
  };
  const auto squeezed = conv(x, "squeeze", 0);
  return torch::cat({conv(squeezed, "expand1x1", 0), conv(squeezed, "expand3x3", 1)}, 1);
}

std::vector<torch::Tensor> Lpips::activations(const torch::Tensor& x) const {
  const auto pool = [](const torch::Tensor& in) {
    return torch::max_pool2d(in, 3, 2, 0, 1, /*ceil_mode=*/true);
  };
  std::vector<torch::Tensor> taps;
  const auto input = (x - weights_.at("shift")) / weights_.at("scale");
  taps.push_back(torch::relu(
      torch::conv2d(input, weights_.at("features.0.weight"), weights_.at("features.0.bias"), 2)));
  taps.push_back(fire(fire(pool(taps.back()), 3), 4));
  taps.push_back(fire(fire(pool(taps.back()), 6), 7));
  taps.push_back(fire(pool(taps.back()), 9));
  for (const int module : {10, 11, 12}) taps.push_back(fire(taps.back(), module));
  return taps;
}

torch::Tensor Lpips::distance(const torch::Tensor& x, const torch::Tensor& y) const {
  TORCH_CHECK(x.dim() == 4 && x.size(1) == 3 && x.sizes() == y.sizes(),
              "LPIPS expects two [B, 3, H, W], got ", x.sizes(), " and ", y.sizes());
  // The published code adds 1e-10 to the length. The 1e-20 under the root changes no length above
  // 1e-8, but gives a pixel without any activation the gradient 0 in place of 0/0.
  const auto unit = [](const torch::Tensor& a) {
    return a / ((a.square().sum(1, true) + 1e-20).sqrt() + 1e-10);
  };
  const auto ax = activations(x);
  const auto ay = activations(y);
  torch::Tensor total;
  for (std::size_t tap = 0; tap < ax.size(); ++tap) {
    const auto difference = (unit(ax[tap]) - unit(ay[tap])).square();
    const auto term =
        torch::conv2d(difference, weights_.at(fmt::format("lin{}", tap))).mean({1, 2, 3});
    total = tap == 0 ? term : total + term;
  }
  return total;
}

torch::Tensor Lpips::grey_each(const torch::Tensor& x, const torch::Tensor& y) const {
  const auto colour = [](const torch::Tensor& image) {
    return (2.0 * image - 1.0).expand({-1, 3, -1, -1});
  };
  return distance(colour(x), colour(y));
}

torch::Tensor Lpips::grey(const torch::Tensor& x, const torch::Tensor& y) const {
  return grey_each(x, y).mean();
}

struct LpipsDistance::Impl {
  Lpips lpips;
};

LpipsDistance::LpipsDistance(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LpipsDistance::LpipsDistance(LpipsDistance&&) noexcept = default;
LpipsDistance::~LpipsDistance() = default;

LpipsDistance LpipsDistance::load(const std::string& path) {
  return LpipsDistance(std::make_unique<Impl>(Impl{Lpips::load(path)}));
}

std::vector<double> LpipsDistance::distances(const std::vector<float>& a,
                                             const std::vector<float>& b, int rows,
                                             int cols) const {
  constexpr int kLeastSide = 32;
  if (rows < kLeastSide || cols < kLeastSide) {
    throw_input("images of {} x {} pixels are too small for LPIPS, which needs {} a side", rows,
                cols, kLeastSide);
  }
  const auto pixels = static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols);
  THZ_REQUIRE(!a.empty() && a.size() == b.size() && a.size() % pixels == 0,
              "LPIPS needs as many images on both sides");
  const torch::NoGradGuard no_grad;
  const auto images = [&](const std::vector<float>& values) {
    return torch::tensor(values).view({-1, 1, rows, cols});
  };
  const auto found = impl_->lpips.grey_each(images(a), images(b)).to(torch::kDouble).contiguous();
  return {found.data_ptr<double>(), found.data_ptr<double>() + found.numel()};
}

}  // namespace thz::model
