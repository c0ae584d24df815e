#include "product_lists.h"

#include <algorithm>
#include <cstdint>

#include "thz/core/parallel.h"

namespace thz::sim::internal {
namespace {

static_assert(sizeof(Vec3) == 3 * sizeof(double), "the kernel reads directions as plain doubles");

constexpr std::size_t kClassBlock = 8192;

/// What a block of scatterers finds out about columns and slabs.
struct ClassCount {
  std::vector<unsigned> count;  // [column], then those left out; later where each column goes on
  std::vector<int> low, high;   // [slab][row]
};

/// Runs the counts of all blocks together: slab by slab, block by block, column by column.
SlabLists begin_lists(std::vector<ClassCount>& counts, std::size_t slabs, std::size_t rows,
                      int most_nodes) {
  SlabLists lists;
  lists.low.assign(slabs * rows, most_nodes);
  lists.high.assign(slabs * rows, -1);
  std::size_t total = 0;
  for (std::size_t s = 0; s < slabs; ++s) {
    lists.start.push_back(total);
    for (ClassCount& c : counts) {
      for (std::size_t column = s * kSlabColumns; column < (s + 1) * kSlabColumns; ++column) {
        const unsigned here = c.count[column];
        c.count[column] = static_cast<unsigned>(total);
        total += here;
      }
    }
  }
  for (const ClassCount& c : counts) {
    for (std::size_t i = 0; i < slabs * rows; ++i) {
      lists.low[i] = std::min(lists.low[i], c.low[i]);
      lists.high[i] = std::max(lists.high[i], c.high[i]);
    }
  }
  lists.start.push_back(total);
  lists.index.resize(total);
  return lists;
}

}  // namespace

SlabLists make_lists(const Scatterers& scatterers, const RowGeometry& geometry,
                     const ClassBounds& bounds, int most_nodes, ClassKernel classify, int threads) {
  const auto slabs = static_cast<std::size_t>(bounds.nowhere / kSlabColumns);
  const auto rows = static_cast<std::size_t>(bounds.rows);
  const std::size_t blocks = (scatterers.size() + kClassBlock - 1) / kClassBlock;
  std::vector<std::uint16_t> column_of(scatterers.size());
  std::vector<ClassCount> counts(blocks);
  parallel_for(blocks, threads, [&](std::size_t b) {
    const std::size_t first = b * kClassBlock;
    ClassCount& c = counts[b];
    c.count.assign(slabs * kSlabColumns + 1, 0);
    c.low.assign(slabs * rows, most_nodes);
    c.high.assign(slabs * rows, -1);
    classify(geometry, scatterers.direction[first].data(), scatterers.range_m.data() + first,
             static_cast<long>(std::min(kClassBlock, scatterers.size() - first)), bounds,
             column_of.data() + first, c.count.data(), c.low.data(), c.high.data());
  });
  SlabLists lists = begin_lists(counts, slabs, rows, most_nodes);
  parallel_for(blocks, threads, [&](std::size_t b) {
    const std::size_t end = std::min(scatterers.size(), (b + 1) * kClassBlock);
    for (std::size_t i = b * kClassBlock; i < end; ++i) {
      if (column_of[i] != bounds.nowhere) {
        lists.index[counts[b].count[column_of[i]]++] = static_cast<unsigned>(i);
      }
    }
  });
  return lists;
}

}  // namespace thz::sim::internal
