#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "thz/core/mesh.h"

namespace thz::sim::internal {

/// Landmarks the sizes are solved for; the left one of each pair, its mirror is grid.mirror.
enum Landmark : std::size_t {
  kPronasale,
  kSellion,
  kGlabella,
  kSubnasale,
  kLabraleSuperius,
  kStomion,
  kLabraleInferius,
  kSublabiale,
  kPogonion,
  kMenton,
  kVertex,
  kOpisthocranion,
  kMidlineLandmarks,
  kEyeCenter = kMidlineLandmarks,
  kEndocanthion,
  kExocanthion,
  kAlare,
  kCheilion,
  kZygion,
  kGonion,
  kTragion,
  kCheekbone,
  kEuryon,
  kFrontotemporale,
  kChinSide,
  kLandmarkCount,
};

/// Name without side.
const char* landmark_name(std::size_t landmark);

/// Vertex of each landmark (left side), chosen on the mean head.
const std::array<int32_t, kLandmarkCount>& landmark_vertices();

/// Length a survey would measure between landmarks of a head, mm. `left` and `right` hold all
/// landmarks of either side (mid-line ones twice).
struct LandmarkPoints {
  std::array<Vec3, kLandmarkCount> left;
  std::array<Vec3, kLandmarkCount> right;

  double breadth(Landmark landmark) const { return left[landmark].x() - right[landmark].x(); }
  double distance(Landmark a, Landmark b) const { return (left[a] - left[b]).norm(); }
};

/// Landmarks of a mesh on the fixed topology, in the unit of `vertices`.
LandmarkPoints landmark_points(const std::vector<Vec3>& vertices);

}  // namespace thz::sim::internal
