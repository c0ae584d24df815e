#pragma once

#include <vector>

namespace thz::sim::internal {

/// Nodes and weights of Gauss-Legendre quadrature on [-1, 1].
struct GaussLegendre {
  std::vector<double> node, weight;
  explicit GaussLegendre(int count);
};

}  // namespace thz::sim::internal
