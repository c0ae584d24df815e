#pragma once

#include <cmath>
#include <vector>

namespace thz::test {

/// Two-sided limit on a standard normal so that `tests` of them together fail by chance with a
/// probability of 1e-3 at most (Bonferroni).
inline double z_limit(int tests) {
  const double alpha = 1e-3 / tests;
  double low = 0.0, high = 20.0;
  for (int i = 0; i < 80; ++i) {
    const double middle = 0.5 * (low + high);
    (std::erfc(middle / std::sqrt(2.0)) > alpha ? low : high) = middle;
  }
  return high;
}

/// Mean and standard error of independent draws.
struct Draws {
  double sum = 0.0, squares = 0.0;
  int count = 0;

  void add(double x) {
    sum += x;
    squares += x * x;
    ++count;
  }
  double mean() const { return sum / count; }
  double variance() const { return squares / count - mean() * mean(); }
  /// (mean − expected) over the standard error.
  double z(double expected) const {
    return (mean() - expected) / std::sqrt(variance() / (count - 1));
  }
};

}  // namespace thz::test
