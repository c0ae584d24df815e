#pragma once

// Plain types only, for the reason given in tile_kernel.h.

namespace thz::sim::internal {

/// How a lattice is seen: pose of the body, rays and field.
struct LatticeScene {
  double rotation[9], translation_m[3];  ///< world from body, rows
  double standoff_m;
  double center_m[2],
      half_m[2];  ///< of the field in the plane of foot points, the beam's reach included
  double x0_m, y0_m, pitch_m;  ///< the ray grid
  double blocks_per_cell;
  int block_columns, block_rows;
};

/// Elements whose cosine of incidence is below this count as turning away too: their triangle may.
constexpr double kTurningAway = 0.1;

/// A lattice element that faces the beam and lies in the field.
struct FacingElement {
  double range_m;
  float x, y, near;  ///< cells of the ray grid, nearness
  float amplitude;   ///< set by the caller; the kernel leaves the cosine of incidence here
  unsigned long long element;  ///< likewise; the kernel leaves the place in the list here
  int block_row, block_column;
};

/// An element that turns away from the beam, or nearly: behind what it belongs to other elements
/// may be hidden.
struct AwayElement {
  float near;
  int block_row, block_column;
};

struct FoundElements {
  FacingElement* facing;  ///< room for all that are looked at
  AwayElement* away;      ///< likewise
  long facing_count, away_count;
};

/// Elements of a list that face the beam and lie in the field, in order, and those that turn away.
/// @param position, normal  of the first, three doubles each, the next ones `stride` doubles
/// further.
using LatticeKernel = void (*)(const LatticeScene& scene, const double* position,
                               const double* normal, long stride, long count, FoundElements& found);

void lattice_kernel_sse2(const LatticeScene&, const double*, const double*, long, long,
                         FoundElements&);
void lattice_kernel_avx2(const LatticeScene&, const double*, const double*, long, long,
                         FoundElements&);
void lattice_kernel_avx512(const LatticeScene&, const double*, const double*, long, long,
                           FoundElements&);

}  // namespace thz::sim::internal
