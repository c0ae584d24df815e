#include "stretch.h"

#include <algorithm>
#include <cmath>

namespace thz::sim::internal {
namespace {

constexpr double kRing_m = 10e-3;  // rings are this high; a few hundred vertices each

double distance_from_axis(const Capsule& capsule, const Vec3& p) {
  return std::hypot(p.x() - capsule.centre_m.x(), p.z() - capsule.centre_m.z());
}

/// Mean distance from the axis ring by ring, from the lowest vertex upwards; a ring without a
/// vertex has the one's below.
struct Rings {
  double low_y_m;
  std::vector<double> radius_m;

  Rings(const Capsule& capsule, const std::vector<Vec3>& membrane_m) {
    const auto [low, high] =
        std::minmax_element(membrane_m.begin(), membrane_m.end(),
                            [](const Vec3& a, const Vec3& b) { return a.y() < b.y(); });
    low_y_m = low->y();
    const auto count = static_cast<std::size_t>((high->y() - low_y_m) / kRing_m) + 1;
    radius_m.assign(count, 0.0);
    std::vector<double> vertices(count, 0.0);
    for (const Vec3& p : membrane_m) {
      const auto ring = static_cast<std::size_t>((p.y() - low_y_m) / kRing_m);
      radius_m[ring] += distance_from_axis(capsule, p);
      vertices[ring] += 1.0;
    }
    for (std::size_t i = 0; i < count; ++i) {
      if (vertices[i] > 0.0) {
        radius_m[i] /= vertices[i];
      } else {
        radius_m[i] = radius_m[i - 1];  // the lowest ring holds the lowest vertex
      }
    }
    const auto widest = std::max_element(radius_m.begin(), radius_m.end());
    std::fill(widest, radius_m.end(), *widest);
  }

  double at(double y_m) const {
    const double position =
        std::clamp((y_m - low_y_m) / kRing_m - 0.5, 0.0, static_cast<double>(radius_m.size() - 1));
    const auto ring = std::min(static_cast<std::size_t>(position), radius_m.size() - 1);
    const std::size_t next = std::min(ring + 1, radius_m.size() - 1);
    const double w = position - static_cast<double>(ring);
    return (1.0 - w) * radius_m[ring] + w * radius_m[next];
  }
};

}  // namespace

std::vector<double> stretch_factors(const Capsule& capsule, const std::vector<Vec3>& membrane_m,
                                    double exponent) {
  const Rings rings(capsule, membrane_m);
  std::vector<double> factors;
  double sum = 0.0;
  for (const Vec3& p : membrane_m) {
    factors.push_back(std::pow(rings.at(p.y()), -exponent));
    sum += factors.back();
  }
  const double mean = sum / static_cast<double>(factors.size());
  for (double& f : factors) f /= mean;
  return factors;
}

}  // namespace thz::sim::internal
