#include "quadrature.h"

#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/error.h"

namespace thz::sim::internal {

GaussLegendre::GaussLegendre(int count) {
  THZ_REQUIRE(count >= 1, "a quadrature needs a node");
  for (int i = 0; i < count; ++i) {
    double x = -std::cos(kPi * (i + 0.75) / (count + 0.5));
    double slope = 1.0;
    for (int iteration = 0; iteration < 50; ++iteration) {
      // Legendre polynomials by recurrence; Newton's step on P_count.
      double before = 1.0, here = x;
      for (int n = 2; n <= count; ++n) {
        const double next = ((2.0 * n - 1.0) * x * here - (n - 1.0) * before) / n;
        before = here;
        here = next;
      }
      slope = count * (x * here - before) / (x * x - 1.0);
      const double step = here / slope;
      x -= step;
      if (std::abs(step) < 1e-15) break;
    }
    node.push_back(x);
    weight.push_back(2.0 / ((1.0 - x * x) * slope * slope));
  }
}

}  // namespace thz::sim::internal
