#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "thz/core/mesh.h"
#include "thz/sim/subdivision.h"

namespace thz::sim {

/// Where a ray from the beam's pivot meets a surface. A miss has range_m < 0.
struct SurfaceHit {
  double range_m = -1.0;             ///< distance from the ray's origin to the curved surface
  Vec3 normal = Vec3::Zero();        ///< unit outward normal of the smooth surface, world frame
  Vec3 rest_point_m = Vec3::Zero();  ///< the point in the body frame: key of solid noise and folds
  int32_t material = 0;              ///< index of the material of the patch that was hit
  int32_t triangle =
      -1;  ///< of the mesh; -1: the surface is none, or was subdivided and is traced ray by ray
  double u = 0.0, v = 0.0;  ///< weights of the triangle's corners 1 and 2

  bool is_hit() const { return range_m >= 0.0; }
};

class PatchMesh;

/// One element of the diffuse lattice: a fixed place on the surface, in the body frame.
struct LatticePoint {
  Vec3 position_m;
  Vec3 normal;
  double area_m2;
  int32_t material;
  uint64_t element;  ///< name of the element, independent of rays, subdivision and pose
};

/// A smooth scattering surface in its body frame. Implementations are immutable after construction
/// and may be traced from several threads at once.
class Surface {
 public:
  virtual ~Surface() = default;

  /// First intersection of each ray origin + t * direction, t >= 0, in the body frame.
  /// @param origin_m  common origin of all rays.
  /// @param directions  unit vectors; neighbours in the list should be neighbours in space.
  /// @param hits  resized to directions.size(); normals and rest points in the body frame.
  /// @param least_cos  hits whose cosine of incidence is surely below this need not be exact: they
  ///   may be given on the facet (a few micrometres off) instead of the curved surface.
  virtual void trace(const Vec3& origin_m, const std::vector<Vec3>& directions,
                     std::vector<SurfaceHit>& hits, double least_cos = -1.0) const = 0;

  /// Lattice of diffuse scatterers, each standing for about `area_m2` of surface.
  virtual std::vector<LatticePoint> lattice(double area_m2) const = 0;

  /// The patches of a smooth mesh, for those who look at all of them at once; null for others.
  virtual const PatchMesh* patches() const { return nullptr; }

  /// Centre and radius of a sphere around the surface, body frame; radius 0 means unbounded.
  virtual void bounding_sphere(Vec3& center_m, double& radius_m) const = 0;
};

/// Ellipsoid (a sphere has equal semi-axes) centred at the body origin.
std::unique_ptr<Surface> make_ellipsoid_surface(const Vec3& semi_axes_m, int32_t material);

/// Plane z = 0 of the body frame, outward normal +z, limited to |x| <= size_m.x/2, |y| <=
/// size_m.y/2.
std::unique_ptr<Surface> make_plane_surface(const Vec2& size_m, int32_t material);

struct MeshSurfaceOptions {
  /// Loop subdivision steps before tracing, 0 to 3. Ray hits are evaluated on quadratic patches
  /// over the finest triangles either way (Phong tessellation with alpha = 1/2; Boubekeur & Alexa
  /// 2008).
  int subdivision_levels = 1;
  /// false: flat facets, for meshes that are meant to be faceted (and for showing why not).
  bool smooth = true;
  /// Shares what depends on the topology alone between meshes of one head model; may be null.
  SmoothingPlanCache* plans = nullptr;
  /// true: every ray by itself against the finest triangles, in double: slow and obvious, for
  /// tests.
  bool per_ray = false;
};

/// A triangle mesh with curved patches over its subdivided triangles.
/// @param triangle_material  one material index a triangle of `mesh`.
std::unique_ptr<Surface> make_mesh_surface(const Mesh& mesh,
                                           const std::vector<int32_t>& triangle_material,
                                           const MeshSurfaceOptions& options);

}  // namespace thz::sim
