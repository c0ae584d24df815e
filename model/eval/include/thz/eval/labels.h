#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

namespace thz::eval {

using MatrixF = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using MatrixD = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Labels of N images, one element an image.
struct Labels {
  std::vector<int32_t> identity;
  std::vector<int32_t> posture;
  std::vector<uint8_t> concealed;  ///< 1: with the garment
  /// Optional (empty, or [N]): rows of equal value >= 0 share a draw of pose and nuisances
  /// ('twins') and never form a genuine pair with each other. Empty: every row is an independent
  /// capture.
  std::vector<int64_t> twin_group;

  std::size_t size() const { return identity.size(); }
  /// Throws InputError unless all vectors agree in length.
  void validate() const;
  /// The labels of the given rows, in that order.
  Labels subset(const std::vector<int>& rows) const;
};

}  // namespace thz::eval
