#pragma once

#include <vector>

#include "thz/core/rng.h"
#include "thz/sim/garment.h"

namespace thz::test {

/// A square sheet in the plane z = `height_m` with its front towards +z, in cells of 5 mm.
inline Mesh flat_sheet(double side_m, double height_m) {
  Mesh mesh;
  const int cells = static_cast<int>(side_m / 5e-3);
  for (int j = 0; j <= cells; ++j) {
    for (int i = 0; i <= cells; ++i) {
      mesh.vertices.push_back(
          {side_m * (double(i) / cells - 0.5), side_m * (double(j) / cells - 0.5), height_m});
    }
  }
  for (int j = 0; j < cells; ++j) {
    for (int i = 0; i < cells; ++i) {
      const int a = j * (cells + 1) + i, d = a + cells + 1;
      mesh.triangles.push_back({a, a + 1, d + 1});
      mesh.triangles.push_back({a, d + 1, d});
    }
  }
  return mesh;
}

/// Cloth laid flat: no rim, no seam, not stretched.
/// @param stitch_rms, fold_rms  relative variation of thickness at 2 mm and 40 mm.
/// @param water_kg_m2  the same all over.
inline sim::GarmentShell flat_cloth(double side_m, double height_m, double thickness_m,
                                    double stitch_rms, double fold_rms, double water_kg_m2 = 0.0,
                                    uint64_t seed = 1) {
  const Mesh mesh = flat_sheet(side_m, height_m);
  sim::ClothVertex vertex;
  vertex.water_kg_m2 = static_cast<float>(water_kg_m2);
  const sim::ThicknessField noise(stitch_rms, sim::LatticeNoise(2e-3, seed, RngPurpose::kTest, 1),
                                  fold_rms, sim::SpectralNoise(40e-3, seed, RngPurpose::kTest, 2));
  sim::ClothScreen screen(noise, {}, std::vector<sim::ClothVertex>(mesh.vertices.size(), vertex),
                          mesh.triangles);
  return {mesh,
          std::vector<Vec3>(mesh.vertices.size(), Vec3::UnitZ()),
          std::vector<int32_t>(mesh.triangles.size(), -1),
          thickness_m,
          {},
          screen};
}

}  // namespace thz::test
