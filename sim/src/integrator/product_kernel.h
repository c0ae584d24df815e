#pragma once

// Plain types only, for the reason given in pair_kernel.h.

namespace thz::sim::internal {

/// A slab owns the scatterers of so many columns; its sums are three columns wider, because a
/// scatterer's cubic spline has four taps.
constexpr int kSlabColumns = 13;
constexpr int kSlabWidth = 16;
/// Scan positions of a line that the column kernel takes at once.
constexpr int kProductBlock = 16;

/// Where a scatterer falls on the product's grid, and the Gaussian beam there.
/// Directions are tangents (u, v) = (e_x, e_y) / -e_z, in which the scan is a regular grid.
struct RowGeometry {
  double standoff_m;
  double turns_per_m;              ///< k / pi: two-way phase
  double first_node_m, per_node;   ///< range of node 0; 1 / spacing
  float wavenumber, curvature;     ///< k; 2 / w0^2
  float per_rayleigh, peak;        ///< 1 / zR; 2 / (pi w0^2)
  float columns_per_u, column_at;  ///< column = column_at + columns_per_u u
  float lines_per_v, line_at;      ///< line = line_at - lines_per_v v
  float log_cutoff;                ///< ln of the centre over the least amplitude summed
  int lines;
};

/// What of the grid takes part.
struct ClassBounds {
  float columns;                ///< columns from 0 up to here
  float first_line, last_line;  ///< that a scatterer's centre may lie at
  double last_place;            ///< depth nodes from 1 up to here
  int nowhere;                  ///< entry of those that are left out
  int rows;                     ///< 1, or how many lines are told apart by depth
};

/// Column of each scatterer, how many fall in each, and the least and greatest first node of each
/// slab (and of each of its rows): low, high [slab][row].
using ClassKernel = void (*)(const RowGeometry& geometry, const double* direction,
                             const double* range_m, long count, const ClassBounds& bounds,
                             unsigned short* column_of, unsigned* counts, int* low, int* high);

struct RowInput {
  const double* direction;  ///< [n][3] unit vectors
  const double* range_m;
  const double* gamma;    ///< [n][2]
  const unsigned* index;  ///< which of them to sum, in this order
  long count;
};

/// sums[line][node][column][re, im] and, per line, the nodes that anything was added to.
struct ProductSlab {
  float* sums;
  int first_column;  ///< of the scatterers; column c of sums is grid column first_column - 1 + c
  int first_node, nodes;
  int* low;  ///< [lines + 8], least node touched; beyond high if none
  int* high;

  long line_stride() const { return 2L * kSlabWidth * nodes; }
};

/// First half of the product: every scatterer onto four nodes, four columns and the lines it
/// reaches.
using RowKernel = void (*)(const RowGeometry& geometry, const RowInput& input,
                           const ProductSlab& slab);

/// Second half, for one line: columns to samples, then depth nodes to range bins.
struct ColumnTables {
  const float* factors;  ///< [level][node][phase][re, im][stride]
  long level_stride, node_stride, stride;
  const int* base;          ///< [column] where in a node's factors sample 0 of this column lies
  const int* first_column;  ///< [node][block] grid columns that reach a block of samples
  const int* last_column;
  int blocks, first_node;  ///< nodes of the tables count from here
  const float* response;   ///< [bin, padded to a multiple of three][node]
  long response_stride;
  int bins;
};

/// @param levels  [block] which metric level the block's factors are taken from.
/// @param sums    workspace [node from low to high][block][re, im][kProductBlock], zeroed.
/// @param out     [bin] interleaved complex samples, padded to whole blocks.
using ColumnKernel = void (*)(const ColumnTables& tables, const ProductSlab* slabs, int slab_count,
                              int line, const int* levels, int low, int high, float* sums,
                              float* const* out);

void class_kernel_sse2(const RowGeometry&, const double*, const double*, long, const ClassBounds&,
                       unsigned short*, unsigned*, int*, int*);
void class_kernel_avx2(const RowGeometry&, const double*, const double*, long, const ClassBounds&,
                       unsigned short*, unsigned*, int*, int*);
void class_kernel_avx512(const RowGeometry&, const double*, const double*, long, const ClassBounds&,
                         unsigned short*, unsigned*, int*, int*);
void row_kernel_sse2(const RowGeometry&, const RowInput&, const ProductSlab&);
void row_kernel_avx2(const RowGeometry&, const RowInput&, const ProductSlab&);
void row_kernel_avx512(const RowGeometry&, const RowInput&, const ProductSlab&);
void column_kernel_sse2(const ColumnTables&, const ProductSlab*, int, int, const int*, int, int,
                        float*, float* const*);
void column_kernel_avx2(const ColumnTables&, const ProductSlab*, int, int, const int*, int, int,
                        float*, float* const*);
void column_kernel_avx512(const ColumnTables&, const ProductSlab*, int, int, const int*, int, int,
                          float*, float* const*);

}  // namespace thz::sim::internal
