#include "thz/sim/cloth_screen.h"

#include <algorithm>
#include <cmath>

#include "thz/core/error.h"

namespace thz::sim {
namespace {

/// 1 inside the width, 0 outside, smooth over ClothRidges::kSmoothing_m.
template <typename Real>
Real ridge_share(Real distance_m, Real width_m) {
  constexpr auto kSmoothing = static_cast<Real>(ClothRidges::kSmoothing_m);
  const Real t = std::clamp((width_m - distance_m) / kSmoothing + Real(0.5), Real(0), Real(1));
  return t * t * (Real(3) - Real(2) * t);
}

/// Single precision of the seam, for loops over points.
struct FastSeam {
  explicit FastSeam(const ClothSeam& s)
      : normal{static_cast<float>(s.normal.x()), static_cast<float>(s.normal.y()),
               static_cast<float>(s.normal.z())},
        behind{static_cast<float>(s.behind.x()), static_cast<float>(s.behind.y()),
               static_cast<float>(s.behind.z())},
        offset_m(static_cast<float>(s.offset_m)),
        behind_offset_m(static_cast<float>(s.behind_offset_m)) {}
  float distance_m(float x, float y, float z) const {
    const float across = normal[0] * x + normal[1] * y + normal[2] * z - offset_m;
    const float beyond =
        std::max(0.0f, behind[0] * x + behind[1] * y + behind[2] * z - behind_offset_m);
    return std::sqrt(across * across + beyond * beyond);
  }
  float normal[3], behind[3];
  float offset_m, behind_offset_m;
};

}  // namespace

double ThicknessField::operator()(const Vec3& point_m) const {
  const double factor = 1.0 + stitch_rms_ * stitches_(point_m) + fold_rms_ * folds_(point_m);
  return std::clamp(factor, kLeastThickness, kMostThickness);
}

void ThicknessField::evaluate(const float* x_m, const float* y_m, const float* z_m,
                              std::size_t count, float* factors) const {
  constexpr std::size_t kBlock = 256;
  const auto stitch_rms = static_cast<float>(stitch_rms_), fold_rms = static_cast<float>(fold_rms_);
  constexpr auto kLeast = static_cast<float>(kLeastThickness);
  constexpr auto kMost = static_cast<float>(kMostThickness);
  folds_.evaluate(x_m, y_m, z_m, count, factors);
  float stitches[kBlock];
  for (std::size_t first = 0; first < count; first += kBlock) {
    const std::size_t block = std::min(kBlock, count - first);
    stitches_.evaluate(x_m + first, y_m + first, z_m + first, block, stitches);
    for (std::size_t i = 0; i < block; ++i) {
      const float factor = 1.0f + stitch_rms * stitches[i] + fold_rms * factors[first + i];
      factors[first + i] = std::clamp(factor, kLeast, kMost);
    }
  }
}

double ClothSeam::distance_m(const Vec3& point_m) const {
  const double beyond_m = std::max(0.0, behind.dot(point_m) - behind_offset_m);
  return std::hypot(normal.dot(point_m) - offset_m, beyond_m);
}

double ClothRidges::factor(double rim_m, const Vec3& point_m) const {
  double sum = 1.0;
  if (hem_width_m > 0.0) sum += (hem_factor - 1.0) * ridge_share(rim_m, hem_width_m);
  if (seam_width_m > 0.0) {
    sum += (seam_factor - 1.0) * ridge_share(seam.distance_m(point_m), 0.5 * seam_width_m);
  }
  return sum;
}

ClothScreen::ClothScreen(ThicknessField noise, ClothRidges ridges,
                         std::vector<ClothVertex> vertices,
                         std::vector<std::array<int32_t, 3>> triangles)
    : noise_(std::move(noise)),
      ridges_(ridges),
      vertices_(std::move(vertices)),
      triangles_(std::move(triangles)) {
  for (const ClothVertex& v : vertices_) {
    THZ_REQUIRE(v.rim_m >= 0.0f && v.stretch > 0.0f && v.water_kg_m2 >= 0.0f,
                "distances and water are not negative, stretch is positive");
    most_water_kg_m2_ = std::max(most_water_kg_m2_, double{v.water_kg_m2});
  }
}

ClothScreen::State ClothScreen::at(int32_t triangle, double u, double v,
                                   const Vec3& point_m) const {
  const auto& corners = triangles_[static_cast<std::size_t>(triangle)];
  const ClothVertex& a = vertices_[static_cast<std::size_t>(corners[0])];
  const ClothVertex& b = vertices_[static_cast<std::size_t>(corners[1])];
  const ClothVertex& c = vertices_[static_cast<std::size_t>(corners[2])];
  const double w = 1.0 - u - v;
  const double rim_m = w * double{a.rim_m} + u * double{b.rim_m} + v * double{c.rim_m};
  const double stretch = w * double{a.stretch} + u * double{b.stretch} + v * double{c.stretch};
  const double water =
      w * double{a.water_kg_m2} + u * double{b.water_kg_m2} + v * double{c.water_kg_m2};
  const double factor = stretch * ridges_.factor(rim_m, point_m) * noise_(point_m);
  return {std::clamp(factor, kLeastFactor, kMostFactor), std::clamp(water, 0.0, most_water_kg_m2_)};
}

void ClothScreen::evaluate(const int* triangle, const float* u, const float* v, const float* x_m,
                           const float* y_m, const float* z_m, std::size_t count, float* factors,
                           float* water_kg_m2) const {
  noise_.evaluate(x_m, y_m, z_m, count, factors);
  const FastSeam seam(ridges_.seam);
  const auto hem_width = static_cast<float>(ridges_.hem_width_m);
  const auto half_seam = static_cast<float>(0.5 * ridges_.seam_width_m);
  const float hem_more = hem_width > 0.0f ? static_cast<float>(ridges_.hem_factor - 1.0) : 0.0f;
  const float seam_more = half_seam > 0.0f ? static_cast<float>(ridges_.seam_factor - 1.0) : 0.0f;
  const auto most_water = static_cast<float>(most_water_kg_m2_);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& corners = triangles_[static_cast<std::size_t>(triangle[i])];
    const ClothVertex& a = vertices_[static_cast<std::size_t>(corners[0])];
    const ClothVertex& b = vertices_[static_cast<std::size_t>(corners[1])];
    const ClothVertex& c = vertices_[static_cast<std::size_t>(corners[2])];
    const float w = 1.0f - u[i] - v[i];
    const float rim_m = w * a.rim_m + u[i] * b.rim_m + v[i] * c.rim_m;
    const float stretch = w * a.stretch + u[i] * b.stretch + v[i] * c.stretch;
    const float water = w * a.water_kg_m2 + u[i] * b.water_kg_m2 + v[i] * c.water_kg_m2;
    const float ridge = 1.0f + hem_more * ridge_share(rim_m, hem_width) +
                        seam_more * ridge_share(seam.distance_m(x_m[i], y_m[i], z_m[i]), half_seam);
    factors[i] = std::clamp(stretch * ridge * factors[i], static_cast<float>(kLeastFactor),
                            static_cast<float>(kMostFactor));
    water_kg_m2[i] = std::clamp(water, 0.0f, most_water);
  }
}

}  // namespace thz::sim
