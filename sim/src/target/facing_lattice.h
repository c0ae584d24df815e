#pragma once

#include <cstdint>
#include <vector>

#include "foot_grid.h"
#include "lattice_kernel.h"
#include "thz/sim/target.h"
#include "view_facets.h"

namespace thz::sim::internal {

/// The elements of a lattice that face the beam and lie in the field, tile by tile of a ray grid.
class FacingLattice {
 public:
  struct Element {
    double range_m;
    float x, y, near;  ///< cells of the ray grid, nearness
    float amplitude;   ///< sqrt(sigma0 dA lambda^2 / 4 pi)
    uint64_t name;     ///< LatticePoint::element
    /// Something may hide it. A ray that meets a closed surface twice from the front leaves it in
    /// between, so that where no element near by turns away in front of this one, nothing does.
    bool doubtful;
  };

  struct Source {
    const std::vector<LatticePoint>& points;
    const std::vector<ScatterTable>& materials;
    const WornCloth* own;  ///< the cloth whose faces the lattice stands for, or null
    bool closed;           ///< whether the surface is: if not, every element is doubtful
  };

  FacingLattice(const Source& source, const RigidPose& world_from_body, const Imager& imager,
                const FieldWindow& window, const FootGrid& grid, const TileGrid& tiles,
                int threads);

  /// Elements of a tile, neighbours in the list neighbours in space.
  const Element* begin(std::size_t tile) const { return elements_.data() + first_[tile]; }
  std::size_t count(std::size_t tile) const { return first_[tile + 1] - first_[tile]; }
  /// Unit vector from the pivot to an element, world.
  Vec3 direction(const Element& element) const;

 private:
  struct Chunk {
    std::vector<FacingElement> facing;
    std::vector<AwayElement> away;
  };

  Chunk look(const Source& source, std::size_t first, double wavelength_m) const;
  /// Greatest nearness of what turns away in a block or one next to it.
  std::vector<float> away_nearness(const std::vector<Chunk>& chunks) const;
  void sort_by_tile(const std::vector<Chunk>& chunks, bool closed, const TileGrid& tiles);

  LatticeScene scene_;
  std::vector<Element> elements_;
  std::vector<std::size_t> first_;  // [tile + 1]
};

}  // namespace thz::sim::internal
