#pragma once

#include <cstdint>
#include <memory>

#include "thz/core/mesh.h"

namespace thz::sim::internal {

/// Nearest crossing of a ray with the head.
struct ProbeHit {
  double distance_m;
  int32_t triangle;  // −1: no crossing
};

/// Ray and distance queries against a head's triangles (Embree). Safe to share between threads.
class HeadProbe {
 public:
  explicit HeadProbe(const Mesh& mesh);
  ~HeadProbe();
  HeadProbe(const HeadProbe&) = delete;
  HeadProbe& operator=(const HeadProbe&) = delete;

  /// @param direction  unit.
  ProbeHit first_hit(const Vec3& origin_m, const Vec3& direction, double far_m) const;
  /// Distance from the point to the nearest triangle, or `radius_m` if none is nearer than that.
  double distance_within(const Vec3& point_m, double radius_m) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace thz::sim::internal
