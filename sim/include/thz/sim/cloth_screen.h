#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "thz/core/mesh.h"
#include "thz/sim/solid_noise.h"

/// How thick and how damp the cloth of one capture is, place by place. See docs/theory/garment.md.
namespace thz::sim {

/// Local thickness of the knit over its nominal one, a function of the point in the head's frame:
/// stitches and folds, mean 1, clamped to [0.5, 1.5]. It changes what passes through the cloth, not
/// the shell's geometry.
class ThicknessField {
 public:
  static constexpr double kLeastThickness = 0.5, kMostThickness = 1.5;  ///< of the factor

  ThicknessField(double stitch_rms, const LatticeNoise& stitches, double fold_rms,
                 const SpectralNoise& folds)
      : stitch_rms_(stitch_rms), fold_rms_(fold_rms), stitches_(stitches), folds_(folds) {}

  double operator()(const Vec3& point_m) const;
  /// Many points at once, in single precision. @param factors  [count], apart from the others.
  void evaluate(const float* x_m, const float* y_m, const float* z_m, std::size_t count,
                float* factors) const;

 private:
  double stitch_rms_;
  double fold_rms_;
  LatticeNoise stitches_;
  SpectralNoise folds_;
};

/// A straight seam: a ridge where the cloth meets the plane n.p = offset, on the side where
/// behind.p <= behind_offset; beyond that it ends.
struct ClothSeam {
  Vec3 normal = Vec3::UnitX();  ///< unit, as is `behind`
  double offset_m = 0.0;
  Vec3 behind = Vec3::UnitZ();
  double behind_offset_m = 0.0;

  /// From the seam's line to the point, >= 0.
  double distance_m(const Vec3& point_m) const;
};

/// What is sewn: hem and seam, and how much thicker the cloth is there.
struct ClothRidges {
  double hem_width_m = 0.0;   ///< from the rim inwards; 0: none
  double hem_factor = 1.0;    ///< thickness of the hem over that of the cloth
  double seam_width_m = 0.0;  ///< whole width; 0: none
  double seam_factor = 1.0;
  ClothSeam seam;

  /// Width over which a step in thickness is smoothed (smoothstep), m.
  static constexpr double kSmoothing_m = 2e-3;
  double factor(double rim_m, const Vec3& point_m) const;
};

/// What a vertex of the shell knows; linear over its triangles.
struct ClothVertex {
  float rim_m = 1.0f;        ///< distance to the nearest rim, exact as far as hems reach
  float stretch = 1.0f;      ///< thickness there over the mean, by stretch alone
  float water_kg_m2 = 0.0f;  ///< of all layers
};

/// Thickness and water all over a shell:
///   f = clamp(stretch (hem + seam excess) noise),  water from the vertices.
class ClothScreen {
 public:
  static constexpr double kLeastFactor = 0.5, kMostFactor = 2.5;  ///< of the thickness

  /// @param vertices  [vertices of the shell]. @param triangles  of the shell, in its order.
  ClothScreen(ThicknessField noise, ClothRidges ridges, std::vector<ClothVertex> vertices,
              std::vector<std::array<int32_t, 3>> triangles);

  struct State {
    double factor;       ///< local over nominal thickness
    double water_kg_m2;  ///< >= 0
  };
  /// At the point of a triangle with weights u and v of its corners 1 and 2 (slightly outside is
  /// allowed: a smooth patch's parameters may slide over an edge).
  State at(int32_t triangle, double u, double v, const Vec3& point_m) const;
  /// Many places at once, in single precision. @param factors, water  [count] each.
  void evaluate(const int* triangle, const float* u, const float* v, const float* x_m,
                const float* y_m, const float* z_m, std::size_t count, float* factors,
                float* water_kg_m2) const;

  const ThicknessField& noise() const { return noise_; }
  const ClothRidges& ridges() const { return ridges_; }
  const std::vector<ClothVertex>& vertices() const { return vertices_; }
  double most_water_kg_m2() const { return most_water_kg_m2_; }

 private:
  ThicknessField noise_;
  ClothRidges ridges_;
  std::vector<ClothVertex> vertices_;
  std::vector<std::array<int32_t, 3>> triangles_;
  double most_water_kg_m2_ = 0.0;
};

}  // namespace thz::sim
