#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "thz/core/mesh.h"

namespace thz::sim {

/// What a repair did to a mesh and what it found; docs/theory/scans.md.
struct MeshRepairReport {
  std::size_t welded_vertices = 0;
  std::size_t degenerate_triangles = 0;  ///< two corners at one place, dropped
  std::size_t duplicate_triangles = 0;
  std::size_t non_manifold_triangles = 0;  ///< third and further sheets at an edge, dropped
  std::size_t split_vertices = 0;          ///< places where two sheets met in a point
  std::size_t flipped_triangles = 0;
  std::size_t dropped_parts = 0;  ///< shells beside the largest
  std::size_t dropped_part_triangles = 0;
  std::size_t kept_parts = 0;
  std::size_t mended_seams = 0;  ///< vertices on a neighbour's edge (T-junctions), joined to it
  std::size_t filled_holes = 0;
  double largest_filled_hole_m = 0.0;
  std::size_t open_edges = 0;          ///< left at the neck
  std::size_t self_intersections = 0;  ///< pairs of triangles through each other; left as they are
  Vec3 first_self_intersection_m = Vec3::Zero();
};

struct MeshRepairOptions {
  /// Vertices nearer than this are one. Scanners write 1 um or finer and sample at 0.2 mm or wider.
  double weld_m = 1e-5;
  /// A shell outside the largest whose share of its area is above this is another object: refused.
  double second_shell_share = 0.25;
  /// Sheets that meet the surface along an edge are cut off up to this area, m^2.
  double largest_fin_m2 = 5e-4;
  /// Smaller shells stay (eyeballs of a modelled head) instead of being dropped.
  bool keep_parts = false;
};

/// One surface, manifold, consistently oriented with its outside out, from a soup of triangles:
/// welds, drops what is degenerate or there twice, cuts off sheets beyond two at an edge, splits
/// points where sheets touch, turns triangles along shared edges, and keeps the largest shell.
/// Boundaries stay open.
/// @param soup  metres; any orientation; triangle_region is not carried over.
/// @param name  of the mesh in messages. @param report  counts are added to it.
/// @throws InputError when there are two objects, a sheet too large to be cut off, or a surface
/// with one side only; the sentence says where.
Mesh make_manifold(const Mesh& soup, const std::string& name, const MeshRepairOptions& options,
                   MeshRepairReport& report);

/// A closed chain of edges with a triangle on one side only.
struct MeshHole {
  std::vector<int32_t> loop;  ///< in the direction of the triangles that would fill it
  Vec3 centre_m = Vec3::Zero();
  double diameter_m = 0.0;  ///< largest distance between two vertices of the loop
};

/// All boundary loops of a manifold, widest first.
std::vector<MeshHole> find_holes(const Mesh& manifold);

/// Fills one hole with triangles as fine as its rim, bent to continue the surface around it
/// (Liepa, Filling holes in meshes, SGP 2003: triangulation of least area, refined, Delaunay swaps,
/// thin plate). New vertices and triangles are appended.
void fill_hole(Mesh& manifold, const MeshHole& hole);

/// Joins boundary vertices that lie on the inside of a boundary edge of the same small loop, which
/// is what dropped slivers and T-junctions leave behind. Returns how many were joined.
std::size_t mend_seams(Mesh& manifold);

/// Pairs of triangles without a common vertex that pass through each other.
struct SelfIntersections {
  std::size_t pairs = 0;
  Vec3 first_m = Vec3::Zero();  ///< a point of the first pair
};
SelfIntersections find_self_intersections(const Mesh& mesh);

}  // namespace thz::sim
