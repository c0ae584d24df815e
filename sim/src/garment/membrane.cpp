#include "membrane.h"

#include <Eigen/Dense>
#include <algorithm>
#include <utility>

namespace thz::sim::internal {
namespace {

constexpr int kRelaxationStages = 3;  // the weights follow the shape
constexpr int kSweepsPerStage = 30;
constexpr double kOverRelaxation = 1.8;
constexpr int kSmoothingPasses = 2;

// Where the plane that fits the neighbours best crosses the vertex' own ray. A plain mean would
// print the template's uneven spacing on every slope.
class NeighbourFit {
 public:
  NeighbourFit(const Capsule& capsule, const std::vector<double>& radius)
      : capsule_(capsule), weights_(capsule.neighbours.size()), constant_(capsule.size(), 0.0) {
    for (std::size_t i = 0; i < capsule.size(); ++i) weigh(radius, i);
  }

  double radius_at(const std::vector<double>& radius, std::size_t i) const {
    double along = constant_[i];
    for (std::size_t n = first(i); n < first(i + 1); ++n) {
      along += weights_[n] * radius[static_cast<std::size_t>(capsule_.neighbours[n])];
    }
    return along;
  }

 private:
  std::size_t first(std::size_t i) const {
    return static_cast<std::size_t>(capsule_.neighbour_start[i]);
  }

  Vec3 offset(const std::vector<double>& radius, std::size_t i, std::size_t n) const {
    const auto other = static_cast<std::size_t>(capsule_.neighbours[n]);
    return capsule_.origins_m[other] + radius[other] * capsule_.directions[other] -
           capsule_.origins_m[i];
  }

  // Least squares for z = c + g·q with q across the ray: c = Σ w z, the weights w from the 3 x 3
  // normal equations. The sum of w is 1 and Σ w q = 0.
  void weigh(const std::vector<double>& radius, std::size_t i) {
    const Vec3& d = capsule_.directions[i];
    const Vec3 u = d.unitOrthogonal();
    const Vec3 v = d.cross(u);
    const auto row = [&](std::size_t n) {
      const Vec3 q = offset(radius, i, n);
      return Vec3(1.0, q.dot(u) / kFitLength_m, q.dot(v) / kFitLength_m);
    };
    Mat3 normal = Mat3::Zero();
    rows_.clear();
    for (std::size_t n = first(i); n < first(i + 1); ++n) {
      rows_.push_back(row(n));
      normal += rows_.back() * rows_.back().transpose();
    }
    normal += 1e-6 * Mat3(Vec3(0.0, 1.0, 1.0).asDiagonal());  // a rim's vertex may lack a side
    const Vec3 solution = normal.ldlt().solve(Vec3(1.0, 0.0, 0.0));
    // c is linear in the neighbours' radii: what they weigh, and what does not depend on them.
    for (std::size_t n = first(i); n < first(i + 1); ++n) {
      const auto other = static_cast<std::size_t>(capsule_.neighbours[n]);
      const double weight = rows_[n - first(i)].dot(solution);
      weights_[n] = weight * capsule_.directions[other].dot(d);
      constant_[i] += weight * (capsule_.origins_m[other] - capsule_.origins_m[i]).dot(d);
    }
  }

  static constexpr double kFitLength_m = 1e-3;  // keeps the normal equations well scaled
  const Capsule& capsule_;
  std::vector<double> weights_;   // [neighbours] of their radii
  std::vector<double> constant_;  // [vertices]
  std::vector<Vec3> rows_;        // of the vertex being weighed
};

// Over nothing, as where a neck is cut off askew, a vertex may have neighbours on one side alone:
// the plane extrapolates, with weights of both signs that the sweeps can feed on without end. There
// the cloth stays within its neighbours' radii, as a membrane does (maximum principle).
double held_by_neighbours(const Capsule& capsule, const std::vector<double>& radius, std::size_t i,
                          double wanted) {
  const auto first = capsule.neighbours.begin() + capsule.neighbour_start[i];
  const auto last = capsule.neighbours.begin() + capsule.neighbour_start[i + 1];
  const auto [low, high] = std::minmax_element(first, last, [&](int32_t a, int32_t b) {
    return radius[static_cast<std::size_t>(a)] < radius[static_cast<std::size_t>(b)];
  });
  return std::clamp(wanted, radius[static_cast<std::size_t>(*low)],
                    radius[static_cast<std::size_t>(*high)]);
}

}  // namespace

void stretch_over(const Capsule& capsule, const std::vector<double>& obstacle,
                  const std::vector<char>& pinned, std::vector<double>& radius) {
  const auto moved_to = [&](const std::vector<double>& from, std::size_t i, double wanted) {
    return obstacle[i] > 0.0 ? wanted : held_by_neighbours(capsule, from, i, wanted);
  };
  for (int stage = 0; stage < kRelaxationStages; ++stage) {
    const NeighbourFit fit(capsule, radius);
    for (int sweep = 0; sweep < kSweepsPerStage; ++sweep) {
      for (std::size_t i = 0; i < radius.size(); ++i) {
        if (pinned[i] != 0) continue;
        const double relaxed = radius[i] + kOverRelaxation * (fit.radius_at(radius, i) - radius[i]);
        radius[i] = std::max(obstacle[i], moved_to(radius, i, relaxed));
      }
    }
  }
  // Takes the facets of the head's triangles out of the cloth; costs convex parts less than a third
  // of a millimetre, which dress() gives back where it matters.
  const NeighbourFit fit(capsule, radius);
  for (int pass = 0; pass < kSmoothingPasses; ++pass) {
    std::vector<double> next(radius.size());
    for (std::size_t i = 0; i < radius.size(); ++i) {
      const double fitted = moved_to(radius, i, fit.radius_at(radius, i));
      next[i] = pinned[i] != 0 ? radius[i] : 0.5 * (radius[i] + fitted);
    }
    radius = std::move(next);
  }
}

}  // namespace thz::sim::internal
