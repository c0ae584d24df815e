#pragma once

// Plain types only: this header is compiled for several instruction sets, and an inline function of
// the standard library built for AVX-512 must never be the one the linker keeps.

namespace thz::sim::internal {

/// A flat triangle seen from the pivot. Foot points are given in cells of the ray grid, (x, y) = 0
/// at cell (0, 0); shares of corners 1 and 2, and the nearness z / (R - z), are affine in them.
struct Facet {
  float x0, y0;  ///< corner 0
  float share1_x, share1_y, share2_x, share2_y;
  float near0, near_x, near_y;
  float low_x, high_x, low_y, high_y;
  int triangle;        ///< of the patch mesh
  float u0, v0, turn;  ///< its parameters: u = u0 + turn share1, v = v0 + turn share2
  int may_face;        ///< 0: no normal of the triangle lies within the taper
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
  alignas(64) float weight[kRun];      ///< of weigh_cells
};

struct TileKernel {
  /// Nearest facet of every cell of a tile with its corner at cell (tile_x, tile_y); facets of
  /// equal nearness: the first. `nearness` [kTileCells] starts as kFar, `nearest` as -1.
  void (*cover_grid)(const Facet* facets, const int* list, long count, float tile_x, float tile_y,
                     float* nearness, int* nearest);
  /// The same for points anywhere, in blocks of 16 (pad with copies); neighbours in the list should
  /// be neighbours in space.
  void (*cover_points)(const Facet* facets, const int* list, long count, const float* x,
                       const float* y, long points, float* nearness, int* nearest);
  /// Moves points from their facets to the smooth surface: `steps` Newton steps along the ray.
  /// @param points  a multiple of 16, at most kRun.
  void (*to_surface)(const PatchView& patches, const RayFrame& rays, int steps, int points,
                     PatchRun& run);
  /// weight = a^2 dOmega sinc(k a_x pitch) sinc(k a_y pitch) of cells on the smooth surface.
  void (*weigh_cells)(float standoff_m, float wavenumber, float pitch_m, int points, PatchRun& run);
};

extern const TileKernel kTileKernelSse2;
extern const TileKernel kTileKernelAvx2;
extern const TileKernel kTileKernelAvx512;

}  // namespace thz::sim::internal
