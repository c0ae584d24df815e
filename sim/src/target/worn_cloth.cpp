#include "thz/sim/target.h"

namespace thz::sim {

WornCloth make_worn_cloth(const GarmentShell& shell, const FabricSample& fabric, int layers,
                          double frequency_hz, double lattice_area_m2) {
  WornCloth cloth;
  cloth.outer = make_mesh_surface(shell.outer,
                                  std::vector<int32_t>(shell.outer.triangles.size(), 0), {0, true});
  cloth.lattice = cloth.outer->lattice(lattice_area_m2);
  cloth.face = ScatterTable(fabric, layers, frequency_hz);
  cloth.faces = fabric_faces(fabric, layers, frequency_hz);
  cloth.table =
      std::make_shared<ReflectionTable>(fabric_stack(fabric, layers, frequency_hz), frequency_hz);
  cloth.excess_per_m =
      excess_propagation_per_m(fabric_permittivity(fabric, frequency_hz), 1.0, frequency_hz);
  cloth.thickness_m = fabric.thickness_m * layers;
  cloth.screen = std::make_shared<ClothScreen>(shell.screen);
  const double water = cloth.screen->most_water_kg_m2();
  if (water > 0.0) {
    cloth.excess_per_kg_m2 = damp_propagation(fabric, layers, water, frequency_hz) / water;
  }
  return cloth;
}

}  // namespace thz::sim
