#pragma once

#include <cstddef>
#include <vector>

#include "product_kernel.h"
#include "thz/sim/scatterers.h"

namespace thz::sim::internal {

/// Scatterers of each slab, index[start[slab]] .. index[start[slab + 1]]: in blocks as they came,
/// and by columns in a block, so that one rarely adds beside where the one before it just wrote.
struct SlabLists {
  std::vector<std::size_t> start;  ///< [slab + 1]
  std::vector<unsigned> index;
  std::vector<int> low, high;  ///< [slab][row] least and greatest first node
};

/// @param geometry  places scatterers on columns and lines. @param most_nodes  depth nodes.
/// `bounds.nowhere` is a whole number of slabs.
SlabLists make_lists(const Scatterers& scatterers, const RowGeometry& geometry,
                     const ClassBounds& bounds, int most_nodes, ClassKernel classify, int threads);

}  // namespace thz::sim::internal
