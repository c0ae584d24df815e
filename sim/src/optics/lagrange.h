#pragma once

#include <algorithm>
#include <cmath>

namespace thz::sim::internal {

/// First of the four nodes about a place in units of the spacing, and their cubic Lagrange weights;
/// at the ends the four outermost.
struct FourNodes {
  int first;
  double weight[4];
};

inline FourNodes four_nodes(double place, int count) {
  const int first = std::clamp(static_cast<int>(std::floor(place)) - 1, 0, count - 4);
  const double t = place - first;
  return {first,
          {-(t - 1.0) * (t - 2.0) * (t - 3.0) / 6.0, t * (t - 2.0) * (t - 3.0) / 2.0,
           -t * (t - 1.0) * (t - 3.0) / 2.0, t * (t - 1.0) * (t - 2.0) / 6.0}};
}

}  // namespace thz::sim::internal
