#include "head_landmarks.h"

#include <limits>

#include "head_grid.h"
#include "head_shape.h"

namespace thz::sim::internal {
namespace {

struct LandmarkPlace {
  const char* name;
  Vec3 near_mm;  ///< on the mean head before the warps
  bool on_midline;
};

const std::array<LandmarkPlace, kLandmarkCount>& places() {
  static const std::array<LandmarkPlace, kLandmarkCount> table = {{
      {"pronasale", {0, 4.6, 131}, true},
      {"sellion", {0, level::kSellion, 105}, true},
      {"glabella", {0, 58, 108}, true},
      {"subnasale", {0, level::kSubnasale, 114}, true},
      {"labrale_superius", {0, level::kLabraleSuperius, 114}, true},
      {"stomion", {0, level::kStomion, 110}, true},
      {"labrale_inferius", {0, level::kLabraleInferius, 112}, true},
      {"sublabiale", {0, level::kSublabiale, 106}, true},
      {"pogonion", {0, level::kPogonion, 109}, true},
      {"menton", {0, level::kMenton, 98}, true},
      {"vertex", {0, 145, 5}, true},
      {"opisthocranion", {0, 55, -88}, true},
      {"forehead_low", {0, 72, 104}, true},
      {"forehead_high", {0, 97, 95}, true},
      {"eye_center", {kEyeXMm, level::kEye - 0.9, 92}, false},
      {"endocanthion", {kEyeXMm - kFissureHalfLengthMm + 0.4, kLidAxisMm - 0.8, 90}, false},
      {"exocanthion", {kEyeXMm + kFissureHalfLengthMm, kLidAxisMm + 0.8, 86}, false},
      {"alare", {18.6, -3.5, 108}, false},
      {"cheilion", {kMouthHalfWidthMm, -35.0, 103}, false},
      {"zygion", {70, 12, 45}, false},
      {"gonion", {60, -48, 25}, false},
      {"tragion", {72, 13, 19}, false},
      {"cheekbone", {46, 10, 93}, false},
      {"euryon", {79, 60, 0}, false},
      {"frontotemporale", {57, 55, 76}, false},
      {"chin_side", {30.5, -66, 88}, false},
      {"palpebrale_superius", {kEyeXMm, kLidAxisMm + kFissureHalfHeightMm, 92}, false},
      {"palpebrale_inferius", {kEyeXMm, kLidAxisMm - kFissureHalfHeightMm, 92}, false},
      {"superaurale", {80, kEarCentreYMm + 29, -5}, false},
      {"subaurale", {76, kEarCentreYMm - 29, 6}, false},
      {"preaurale", {74, kEarCentreYMm, 17.5}, false},
      {"postaurale", {90, kEarCentreYMm + 7, -17}, false},
      {"ear_rear", {72, kEarCentreYMm + 4, -36}, false},
  }};
  return table;
}

std::array<int32_t, kLandmarkCount> choose_vertices() {
  const HeadGrid& grid = head_grid();
  const SculptedHead mean = sculpt_head(HeadShape{});
  std::array<int32_t, kLandmarkCount> chosen{};
  for (std::size_t i = 0; i < kLandmarkCount; ++i) {
    double best = std::numeric_limits<double>::infinity();
    for (std::size_t v = 0; v < mean.vertices_mm.size(); ++v) {
      const bool central = grid.mirror[v] == static_cast<int32_t>(v);
      if (central != places()[i].on_midline) continue;
      const Vec3 gap = mean.vertices_mm[v] - places()[i].near_mm;
      // On the mid-line only the height counts; depth merely tells front from back.
      const double distance = central ? gap.cwiseProduct(Vec3(1.0, 1.0, 0.05)).norm() : gap.norm();
      if (distance < best) {
        best = distance;
        chosen[i] = static_cast<int32_t>(v);
      }
    }
  }
  return chosen;
}

}  // namespace

const char* landmark_name(std::size_t landmark) { return places()[landmark].name; }

const std::array<int32_t, kLandmarkCount>& landmark_vertices() {
  static const std::array<int32_t, kLandmarkCount> vertices = choose_vertices();
  return vertices;
}

}  // namespace thz::sim::internal
