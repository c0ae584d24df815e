#pragma once

#include <torch/torch.h>

#include <memory>
#include <string>
#include <vector>

namespace thz::model {

/// The processes that train one network together, by LibTorch's c10d with the Gloo back end. Every
/// process must make the same calls in the same order. A process that is gone makes the others
/// throw InputError after the timeout.
class Collective {
 public:
  /// From the variables RANK, WORLD_SIZE, MASTER_ADDR [127.0.0.1] and MASTER_PORT [29500]. Null if
  /// WORLD_SIZE is absent or 1. Throws InputError for values that cannot be used.
  static std::shared_ptr<Collective> from_environment();
  Collective(int rank, int size, const std::string& address, int port, int timeout_s);
  ~Collective();
  Collective(const Collective&) = delete;
  Collective& operator=(const Collective&) = delete;

  int rank() const { return rank_; }
  int size() const { return size_; }

  /// Replaces `tensor` by its sum over the processes. No gradient.
  void sum_in_place(torch::Tensor& tensor);
  /// The sum over the processes. Its gradient, like itself, is summed over them: if each one's loss
  /// is its share of a whole, each gets the gradient of the whole.
  torch::Tensor sum(const torch::Tensor& tensor);
  /// Rows of all processes, interleaved: row i of process r comes at r + i size. Differentiable.
  /// @param local  [rows of this process, ...]
  /// @param total  rows of all; process r has those of r, r + size, ... below `total`
  torch::Tensor gather(const torch::Tensor& local, int64_t total);
  /// The text of process 0.
  std::string share(const std::string& text);

 private:
  struct Impl;
  int rank_, size_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace thz::model
