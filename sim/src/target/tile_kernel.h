#pragma once

// Plain types only: this header is compiled for several instruction sets, and an inline function of
// the standard library built for AVX-512 must never be the one the linker keeps.

namespace thz::sim::internal {

/// A flat triangle seen from the pivot. Foot points are given in cells of the ray grid, (x, y) = 0
/// at cell (0, 0); shares of corners 1 and 2, and the nearness z / (R - z), are affine in them.
/// Kernels read it four floats at a time.
struct alignas(16) Facet {
  float x0, y0;  ///< corner 0
  float share1_x, share1_y;
  float share2_x, share2_y;
  float u0, v0;  ///< parameters of the triangle: u = u0 + turn share1, v = v0 + turn share2
  float turn;
  int triangle;  ///< of the patch mesh
  int may_face;  ///< 0: no normal of the triangle lies within the taper
  float near_y;
  float low_x, high_x, low_y, high_y;
  float near0, near_x;
};

/// Places in the body frame to cells of the grid and nearness.
struct ViewProjection {
  float rotation[9], translation[3];  ///< world from body
  float standoff, scale, x0, y0;      ///< m, cells a unit of slope, cells, cells
};

/// A node seen from the pivot: cells, nearness.
struct alignas(16) ViewCorner {
  float x, y, near, unused;
};

constexpr int kFacetBatch = 64;

/// Triangles on their way to facets.
struct FacetBatch {
  int count;
  alignas(64) float x[3][kFacetBatch];  ///< of the corners
  alignas(64) float y[3][kFacetBatch];
  alignas(64) float near[3][kFacetBatch];
  float u0[kFacetBatch], v0[kFacetBatch], turn[kFacetBatch];
  int triangle[kFacetBatch], may_face[kFacetBatch];
};

/// What facets are kept: those that reach into the grid and, if `one_sided`, face the pivot.
struct FacetLimits {
  float columns, rows;
  bool one_sided;
};

constexpr int kTileSide = 32;  ///< cells a side of a tile, its border shared with the neighbours
constexpr int kTileCells = kTileSide * kTileSide;
constexpr float kFar = -1e30f;  ///< nearness of nothing

/// The rays in the body frame: the foot point (x, y) lies at origin + x axis_x + y axis_y, the
/// pivot `standoff_m` further along axis_z.
struct RayFrame {
  float origin_m[3];
  float axis_x[3], axis_y[3], axis_z[3];
  float standoff_m;
};

/// The smooth surface of a mesh, as PatchMesh keeps it: eight floats a node.
struct PatchView {
  const float* nodes;
  const int* patch_nodes;
  int side;
  int nodes_per_triangle;
};

constexpr int kRun = 128;  ///< points worked on at a time: their arrays stay in the first cache

/// Points on their way from facets to the smooth surface.
struct PatchRun {
  // In: foot points, triangles and first guess of the parameters.
  alignas(64) float x_m[kRun];
  alignas(64) float y_m[kRun];
  alignas(64) float u[kRun];
  alignas(64) float v[kRun];
  alignas(64) int triangle[kRun];
  // Between: the fine triangles.
  alignas(64) float fine_u[kRun];
  alignas(64) float fine_v[kRun];
  alignas(64) float turn[kRun];
  alignas(64) int fine[kRun];  ///< which one of its triangle, and which it was before
  alignas(64) int fine_before[kRun];
  alignas(64) int corner[3][kRun];   ///< their places among the triangle's nodes
  alignas(64) float node[18][kRun];  ///< positions of three corners, then normals
  // Out.
  alignas(64) float zeta_m[kRun];    ///< range less the stand-off distance
  alignas(64) float facing[kRun];    ///< cosine of incidence
  alignas(64) float normal_x[kRun];  ///< of the unit normal, along the world's x
  alignas(64) float normal_y[kRun];
  alignas(64) float point_m[3][kRun];  ///< in the body frame
  alignas(64) float change[kRun];      ///< by the last step, over what may be left; see to_surface
  alignas(64) float weight[kRun];      ///< of weigh_cells
};

/// Where a ray meets a facet.
struct alignas(16) FacetHit {
  float x, y;  ///< cells
  int facet;
  int cell;  ///< what the point belongs to: the caller's number
};

/// The grid of rays in the plane z = 0.
struct CellFrame {
  float x0_m, y0_m, pitch_m;
};

/// The cells of a tile on the smooth surface, [kTileCells].
struct CellView {
  const float* zeta_m;
  const float* facing;  ///< below -1: nothing there
  const int* material;
  const int* covered;  ///< null: none is
};

struct CellLimits {
  float cos_end;   ///< cells inside the taper have more
  float smooth_m;  ///< second difference of range above which a cell is curved
  float fold_m;    ///< above this an edge passes
};

/// Bit x of word y stands for cell (x, y) of a tile.
struct CellMarks {
  unsigned whole[kTileSide];   ///< inside the taper, count as they are
  unsigned curved[kTileSide];  ///< inside, to be cut, neighbours all around on the same surface
  unsigned edge[kTileSide];    ///< to be cut where something ends: surface, taper, material, cover
};

struct TileKernel {
  /// Seen from the pivot: node which[i] (null: i) of eight floats each; in whole fours, so that
  /// `out` needs room for up to three more.
  void (*project_nodes)(const ViewProjection& view, const float* nodes, const int* which,
                        long count, ViewCorner* out);
  /// Appends the facets of a batch that are kept. @returns their number.
  int (*set_facets)(const FacetLimits& limits, FacetBatch& batch, Facet* out);
  /// Nearest facet of every cell of a tile with its corner at cell (tile_x, tile_y); facets of
  /// equal nearness: the first. `nearness` [kTileCells] starts as kFar, `nearest` as -1.
  void (*cover_grid)(const Facet* facets, const int* list, long count, float tile_x, float tile_y,
                     float* nearness, int* nearest);
  /// The same for points anywhere, in blocks of 16 (pad with copies); neighbours in the list should
  /// be neighbours in space.
  void (*cover_points)(const Facet* facets, const int* list, long count, const float* x,
                       const float* y, long points, float* nearness, int* nearest);
  /// Sets the foot points, triangles and parameters of a run to where the facets were hit.
  /// @param points  `count` filled up to a multiple of 16 with copies of the last.
  void (*start_on_facets)(const Facet* facets, const FacetHit* hits, int count, int points,
                          const CellFrame& frame, PatchRun& run);
  /// Moves points from their first guess to the smooth surface: up to `steps` Newton steps along
  /// the ray, fewer where a step changed next to nothing. @param points  a multiple of 16, at most
  /// kRun.
  void (*to_surface)(const PatchView& patches, const RayFrame& rays, int steps, int points,
                     PatchRun& run);
  /// weight = a^2 dOmega sinc(k a_x pitch) sinc(k a_y pitch) of cells on the smooth surface.
  void (*weigh_cells)(float standoff_m, float wavenumber, float pitch_m, int points, PatchRun& run);
  /// Sorts the inner cells of a tile, columns [1, columns) of rows [1, rows).
  void (*judge_cells)(const CellView& cells, const CellLimits& limits, int columns, int rows,
                      CellMarks& marks);
  /// Unit vectors [3 count] and ranges of points given by cells and range less the stand-off.
  void (*place_points)(const double origin_m[2], double pitch_m, double standoff_m, long count,
                       const float* x, const float* y, const float* zeta_m, double* direction,
                       double* range_m);
};

/// The kernel of thz::instruction_set().
const TileKernel& tile_kernel();

extern const TileKernel kTileKernelSse2;
extern const TileKernel kTileKernelAvx2;
extern const TileKernel kTileKernelAvx512;

}  // namespace thz::sim::internal
