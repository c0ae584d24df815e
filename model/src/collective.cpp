#include "thz/model/collective.h"

#include <cstdlib>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "thz/core/error.h"

namespace thz::model {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int kDefaultPort = 29500;
constexpr int kMostProcesses = 4096;
constexpr int kTimeout_s = 300;  // a validation of rank 0 must fit in

/// An integer of the environment; `fallback` < 0: it must be there.
int environment_number(const char* name, int fallback, int low, int high) {
  const char* text = std::getenv(name);
  if (text == nullptr && fallback >= 0) return fallback;
  char* end = nullptr;
  const long value = text == nullptr ? 0 : std::strtol(text, &end, 10);
  if (text == nullptr || end == text || *end != '\0' || value < low || value > high) {
    throw_input("the environment variable {} is {}, but must be a whole number of {} to {}", name,
                text == nullptr ? "absent" : text, low, high);
  }
  return static_cast<int>(value);
}

/// y = sum over processes of x; so is the gradient.
class SumOverProcesses : public torch::autograd::Function<SumOverProcesses> {
 public:
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x, int64_t self) {
    context->saved_data["collective"] = self;
    auto sum = x.contiguous().clone();
    reinterpret_cast<Collective*>(self)->sum_in_place(sum);
    return sum;
  }
  static variable_list backward(AutogradContext* context, variable_list gradient) {
    const int64_t self = context->saved_data["collective"].toInt();
    auto sum = gradient[0].contiguous().clone();
    reinterpret_cast<Collective*>(self)->sum_in_place(sum);
    return {sum, torch::Tensor()};
  }
};

}  // namespace

struct Collective::Impl {
  c10::intrusive_ptr<c10d::Store> store;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> group;
};

std::shared_ptr<Collective> Collective::from_environment() {
  const int size = environment_number("WORLD_SIZE", 1, 1, kMostProcesses);
  if (size == 1) return nullptr;
  const int rank = environment_number("RANK", -1, 0, size - 1);
  const char* address = std::getenv("MASTER_ADDR");
  const int port = environment_number("MASTER_PORT", kDefaultPort, 1, 65535);
  return std::make_shared<Collective>(rank, size, address == nullptr ? "127.0.0.1" : address, port,
                                      kTimeout_s);
}

Collective::Collective(int rank, int size, const std::string& address, int port, int timeout_s)
    : rank_(rank), size_(size), impl_(std::make_unique<Impl>()) {
  THZ_REQUIRE(rank >= 0 && rank < size, "a rank is one of the processes");
  const std::chrono::seconds timeout(timeout_s);
  try {
    c10d::TCPStoreOptions where;
    where.port = static_cast<uint16_t>(port);
    where.isServer = rank == 0;
    where.numWorkers = size;
    where.timeout = timeout;
    impl_->store = c10::make_intrusive<c10d::TCPStore>(address, where);
    auto options = c10d::ProcessGroupGloo::Options::create(timeout);
    const char* interface = std::getenv("GLOO_SOCKET_IFNAME");
    // On one machine the loop-back device: a name that resolves to nothing is then no obstacle.
    const bool local = address == "127.0.0.1" || address == "localhost";
    options->devices.push_back(
        interface == nullptr && !local
            ? c10d::ProcessGroupGloo::createDefaultDevice()
            : c10d::ProcessGroupGloo::createDeviceForInterface(interface ? interface : "lo"));
    impl_->group = c10::make_intrusive<c10d::ProcessGroupGloo>(impl_->store, rank, size, options);
  } catch (const std::exception& e) {
    throw_input("process {} of {} cannot meet the others at {}:{}: {}", rank, size, address, port,
                e.what());
  }
}

Collective::~Collective() = default;

void Collective::sum_in_place(torch::Tensor& tensor) {
  // Gloo knows the processor's memory alone; on another device a copy goes the way.
  auto here = tensor.detach().cpu().contiguous();
  std::vector<torch::Tensor> list = {here};
  try {
    impl_->group->allreduce(list)->wait();
  } catch (const std::exception& e) {
    throw_input("process {} of {} lost the others: {}", rank_, size_, e.what());
  }
  if (here.data_ptr() != tensor.data_ptr()) {
    const torch::NoGradGuard no_grad;
    tensor.copy_(here);
  }
}

torch::Tensor Collective::sum(const torch::Tensor& tensor) {
  return SumOverProcesses::apply(tensor, reinterpret_cast<int64_t>(this));
}

torch::Tensor Collective::gather(const torch::Tensor& local, int64_t total) {
  // Each process puts its rows into zeros of the whole; the sum is the gather, its gradient too.
  std::vector<int64_t> own;
  for (int64_t row = rank_; row < total; row += size_) own.push_back(row);
  THZ_REQUIRE(local.size(0) == static_cast<int64_t>(own.size()), "each process has its rows");
  auto shape = local.sizes().vec();
  shape[0] = total;
  const auto index = torch::tensor(own, torch::kLong).to(local.device());
  return sum(torch::zeros(shape, local.options().requires_grad(false)).index_copy(0, index, local));
}

std::string Collective::share(const std::string& text) {
  auto length = torch::full({1}, static_cast<int64_t>(rank_ == 0 ? text.size() : 0), torch::kLong);
  sum_in_place(length);
  auto bytes = torch::zeros({length.item<int64_t>()}, torch::kByte);
  if (rank_ == 0) std::copy(text.begin(), text.end(), bytes.data_ptr<uint8_t>());
  sum_in_place(bytes);
  const auto* first = bytes.data_ptr<uint8_t>();
  return {first, first + bytes.numel()};
}

}  // namespace thz::model
