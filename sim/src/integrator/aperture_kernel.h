#pragma once

#include "product_kernel.h"

// Plain types only, for the reason given in pair_kernel.h.

namespace thz::sim::internal {

/// Depths at which a tile's tables are given: both ends and the middle; columns likewise.
constexpr int kTileKnots = 3;
/// Blocks of samples that one slab may reach: with room to spare unless samples are 0.1 mm apart.
constexpr int kTileBlocks = 64;

/// phi in turns: sum over i of (sum over j of c_ij y^j) x^i, x and y in units of the scale.
struct PhasePolynomial {
  const float* turns;  ///< [i from degree to 0][j from degree - i to 0]
  int degree;
  float per_u, per_v;  ///< tangents to units of the scale
};

/// sums[row][node][column][re, im] of one slab; rows lie one after another, each with the nodes
/// that its own scatterers need.
struct SpreadSlab {
  float* sums;
  const long* row_at;    ///< [row] where its first node's sums start
  const int* row_first;  ///< [row] first node
  int first_column;
};

/// First step: every scatterer onto four rows, four columns and four nodes. `geometry` places it on
/// the rows as on lines; its beam does not matter.
using SpreadKernel = void (*)(const RowGeometry& geometry, const PhasePolynomial& phase,
                              const RowInput& input, const SpreadSlab& slab);

/// One tile onto the lines of its group.
struct TileJob {
  const float* sums;  ///< the slab's, as above
  const long* row_at;
  const int* row_first;
  const int* row_nodes;  ///< [row] number of nodes
  int rows;

  const int* column_base;      ///< [kSlabWidth] steps of the fine lattice over phases, less sample
  const int* column_phase;     ///< [kSlabWidth]
  const float* column_weight;  ///< [kSlabWidth][kTileKnots]

  const float* along;   ///< [term][knot][phase][re, im][along_stride], from -along_reach
  const float* across;  ///< [line][knot][term][re, im][across_stride], from -across_half
  int terms, phases, along_reach, along_stride, across_half, across_stride;

  int first_line, lines, row_phases, row_step, row_margin;
  int first_node, nodes;     ///< the tile's among the axis's
  const float* node_weight;  ///< [node][kTileKnots]

  int blocks, low_node;  ///< out[line] + (node - low_node) * blocks * 2 * kProductBlock
  float* const* out;     ///< [line] as the column kernel's sums
  float* work;           ///< tile_work_floats()
};

inline long tile_work_floats(int terms, int along_stride, int across_stride) {
  return 2L * terms * (kSlabWidth * (along_stride + 2L * kProductBlock) + across_stride);
}

/// Second step: rows to the group's lines, columns to samples.
using TileKernel = void (*)(const TileJob& job);

/// Third step: a line's depth nodes low .. high to range bins, as the column kernel ends.
using RangeKernel = void (*)(const ColumnTables& tables, const float* sums, int low, int high,
                             float* const* out);

void spread_kernel_sse2(const RowGeometry&, const PhasePolynomial&, const RowInput&,
                        const SpreadSlab&);
void spread_kernel_avx2(const RowGeometry&, const PhasePolynomial&, const RowInput&,
                        const SpreadSlab&);
void spread_kernel_avx512(const RowGeometry&, const PhasePolynomial&, const RowInput&,
                          const SpreadSlab&);
void beam_tile_kernel_sse2(const TileJob&);
void beam_tile_kernel_avx2(const TileJob&);
void beam_tile_kernel_avx512(const TileJob&);
void range_kernel_sse2(const ColumnTables&, const float*, int, int, float* const*);
void range_kernel_avx2(const ColumnTables&, const float*, int, int, float* const*);
void range_kernel_avx512(const ColumnTables&, const float*, int, int, float* const*);

}  // namespace thz::sim::internal
