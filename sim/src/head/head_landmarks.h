#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "thz/core/mesh.h"

namespace thz::sim::internal {

/// Landmarks the sizes are measured by; the left one of each pair, its mirror is grid.mirror.
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
  kForeheadLow,
  kForeheadHigh,
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
  kPalpebraleSuperius,
  kPalpebraleInferius,
  kSuperaurale,
  kSubaurale,
  kPreaurale,
  kPostaurale,
  kEarRear,
  kLandmarkCount,
};

/// Name without side.
const char* landmark_name(std::size_t landmark);

/// Vertex of each landmark (left side), chosen on the mean head.
const std::array<int32_t, kLandmarkCount>& landmark_vertices();

}  // namespace thz::sim::internal
