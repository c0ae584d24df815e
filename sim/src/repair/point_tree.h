#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "thz/core/mesh.h"

namespace thz::sim::internal {

/// Nearest of a fixed set of points: a balanced k-d tree in one array (Bentley 1975).
class PointTree {
 public:
  explicit PointTree(std::vector<Vec3> points)
      : points_(std::move(points)), order_(points_.size()) {
    std::iota(order_.begin(), order_.end(), 0);
    axis_.resize(points_.size());
    build(0, points_.size());
  }

  /// Index of the nearest point. The set must not be empty.
  int32_t nearest(const Vec3& p) const {
    int32_t best = -1;
    double distance2 = std::numeric_limits<double>::infinity();
    search(p, 0, points_.size(), best, distance2);
    return best;
  }
  const Vec3& point(int32_t i) const { return points_[static_cast<std::size_t>(i)]; }

 private:
  void build(std::size_t begin, std::size_t end) {
    if (end - begin < 2) return;
    Eigen::AlignedBox3d box;
    for (std::size_t i = begin; i < end; ++i) box.extend(point(order_[i]));
    int axis = 0;
    box.sizes().maxCoeff(&axis);
    const std::size_t middle = begin + (end - begin) / 2;
    std::nth_element(order_.begin() + static_cast<std::ptrdiff_t>(begin),
                     order_.begin() + static_cast<std::ptrdiff_t>(middle),
                     order_.begin() + static_cast<std::ptrdiff_t>(end), [&](int32_t a, int32_t b) {
                       return std::pair(point(a)[axis], a) < std::pair(point(b)[axis], b);
                     });
    axis_[middle] = static_cast<uint8_t>(axis);
    build(begin, middle);
    build(middle + 1, end);
  }

  void search(const Vec3& p, std::size_t begin, std::size_t end, int32_t& best,
              double& distance2) const {
    if (begin >= end) return;
    const std::size_t middle = begin + (end - begin) / 2;
    const Vec3& here = point(order_[middle]);
    const double d2 = (p - here).squaredNorm();
    if (d2 < distance2) {
      distance2 = d2;
      best = order_[middle];
    }
    if (end - begin < 2) return;
    const double gap = p[axis_[middle]] - here[axis_[middle]];
    const bool low_first = gap < 0.0;
    for (const bool low : {low_first, !low_first}) {
      if (low != low_first && gap * gap >= distance2) return;
      if (low) {
        search(p, begin, middle, best, distance2);
      } else {
        search(p, middle + 1, end, best, distance2);
      }
    }
  }

  std::vector<Vec3> points_;
  std::vector<int32_t> order_;
  std::vector<uint8_t> axis_;  ///< of the cut at a place in `order_`
};

}  // namespace thz::sim::internal
