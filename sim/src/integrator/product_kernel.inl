// The separable product for one instruction set: classes, rows, columns. The including file defines
// THZ_CLASS_KERNEL, THZ_ROW_KERNEL and THZ_COLUMN_KERNEL.

#include "product_columns.inl"
#include "product_rows.inl"

namespace thz::sim::internal {

void THZ_CLASS_KERNEL(const RowGeometry& g, const double* direction, const double* range_m,
                      long count, const ClassBounds& bounds, unsigned short* column_of,
                      unsigned* counts, int* low, int* high) {
  alignas(64) float column[kBatch], line[kBatch];
  alignas(64) int node[kBatch];
  for (long first = 0; first < count; first += kBatch) {
    const int size = count - first < kBatch ? static_cast<int>(count - first) : kBatch;
    const double* e = direction + 3 * first;
    const double* a = range_m + first;
    for (int i = 0; i < size; ++i) {
      const float scale = -1.0f / static_cast<float>(e[3 * i + 2]);
      column[i] = g.column_at + static_cast<float>(e[3 * i]) * scale * g.columns_per_u;
      line[i] = g.line_at - static_cast<float>(e[3 * i + 1]) * scale * g.lines_per_v;
    }
    for (int i = 0; i < size; ++i) {
      const double place = (a[i] - g.first_node_m) * g.per_node;
      const bool inside = (place >= 1.0) & (place < bounds.last_place);
      node[i] = inside ? static_cast<int>(place) - 1 : -1;
    }
    for (int i = 0; i < size; ++i) {
      const bool inside = (column[i] >= 0.0f) & (column[i] < bounds.columns) &
                          (line[i] >= bounds.first_line) & (line[i] <= bounds.last_line) &
                          (node[i] >= 0);
      const int at = inside ? static_cast<int>(column[i]) : bounds.nowhere;
      column_of[first + i] = static_cast<unsigned short>(at);
      ++counts[at];
      if (!inside) continue;
      const int row = bounds.rows > 1 ? static_cast<int>(line[i]) : 0;
      const int band = at / kSlabColumns * bounds.rows + row;
      low[band] = node[i] < low[band] ? node[i] : low[band];
      high[band] = node[i] > high[band] ? node[i] : high[band];
    }
  }
}

void THZ_ROW_KERNEL(const RowGeometry& geometry, const RowInput& input, const ProductSlab& slab) {
  RawBatch raw;
  Batch batch;
  RowBatch rows;
  LineBatch lines;
  for (long first = 0; first < input.count; first += kBatch) {
    const int size = input.count - first < kBatch ? static_cast<int>(input.count - first) : kBatch;
    gather_batch(input, first, size, raw);
    reduce_batch(geometry, raw, batch);
    prepare_gaussian(geometry, slab, batch, rows);
    find_lines(geometry, rows, lines);
    int most = 0;
    for (const int count : lines.count) most = count > most ? count : most;
    for (int skip = 0; skip < most; skip += THZ_LANES) {
      gaussian_values(rows, skip, lines);
      add_batch(rows, batch, lines, size, skip, slab);
    }
  }
}

void THZ_COLUMN_KERNEL(const ColumnTables& t, const ProductSlab* slabs, int slab_count, int line,
                       const int* levels, int low, int high, float* sums, float* const* out) {
  constexpr long kBlock = 2 * kProductBlock;
  const long node_stride = kBlock * t.blocks;
  for (const ProductSlab* slab = slabs; slab < slabs + slab_count; ++slab) {
    const int left = slab->first_column - 1;
    for (int node = slab->low[line]; node <= slab->high[line]; ++node) {
      const float* row = slab->sums + line * slab->line_stride() +
                         2L * kSlabWidth * (node - slab->first_node) - 2L * left;
      const int* first = t.first_column + static_cast<long>(node - t.first_node) * t.blocks;
      const int* last = t.last_column + static_cast<long>(node - t.first_node) * t.blocks;
      const float* factors = t.factors + (node - t.first_node) * t.node_stride;
      for (int block = 0; block < t.blocks; ++block) {
        const int from = first[block] > left ? first[block] : left;
        const int to = last[block] < left + kSlabWidth - 1 ? last[block] : left + kSlabWidth - 1;
        if (from > to) continue;
        add_columns(row, factors + levels[block] * t.level_stride + kProductBlock * block, t.base,
                    t.stride, from, to, sums + (node - low) * node_stride + kBlock * block);
      }
    }
  }
  add_bins(t, sums, low, high, out);
}

}  // namespace thz::sim::internal
