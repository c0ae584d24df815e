#include <algorithm>
#include <cmath>
#include <mutex>

#include "embree_mesh.h"
#include "mesh_lattice.h"
#include "per_ray_surface.h"
#include "thz/core/error.h"
#include "thz/sim/patch_mesh.h"
#include "thz/sim/surface.h"

namespace thz::sim {
namespace {

/// Rays meet the coarse triangles, whose tree is small and quickly built; then the smooth surface
/// near by.
class PatchSurface : public Surface {
 public:
  PatchSurface(const Mesh& mesh, const std::vector<int32_t>& triangle_material,
               const MeshSurfaceOptions& options)
      : mesh_(mesh, triangle_material, make_plan(mesh, options)) {}

  void trace(const Vec3& origin_m, const std::vector<Vec3>& directions,
             std::vector<SurfaceHit>& hits, double /*least_cos*/) const override {
    hits.assign(directions.size(), SurfaceHit{});
    const double skip_m =
        std::max(0.0, (mesh_.center_m() - origin_m).norm() - 1.01 * mesh_.radius_m());
    constexpr std::size_t kPacket = internal::EmbreeMesh::kPacket;
    alignas(64) RTCRayHit16 packet;
    for (std::size_t first = 0; first < directions.size(); first += kPacket) {
      const std::size_t count = std::min(kPacket, directions.size() - first);
      coarse().trace(origin_m, skip_m, &directions[first], count, packet);
      for (std::size_t i = 0; i < count; ++i) {
        if (packet.hit.geomID[i] == RTC_INVALID_GEOMETRY_ID) continue;
        hits[first + i] = smooth_hit(origin_m, directions[first + i], packet.hit.primID[i],
                                     double{packet.hit.u[i]}, double{packet.hit.v[i]},
                                     skip_m + double{packet.ray.tfar[i]});
      }
    }
  }

  std::vector<LatticePoint> lattice(double area_m2) const override {
    std::vector<internal::LatticeFrame> frames(mesh_.triangles());
    uint64_t count = 0;
    for (std::size_t t = 0; t < frames.size(); ++t) {
      for (std::size_t c = 0; c < 3; ++c) {
        frames[t].corner_m[c] = mesh_.corner_m(t, c);
        frames[t].normal[c] = mesh_.corner_normal(t, c);
      }
      count += internal::lattice_count(frames[t], area_m2);
    }
    std::vector<LatticePoint> points;
    points.reserve(count);
    for (std::size_t t = 0; t < frames.size(); ++t) {
      internal::add_lattice_points(
          t, frames[t], mesh_.area_m2(t), area_m2, mesh_.material(t), true,
          [&](double u, double v, Vec3& point, Vec3& normal) {
            const PatchMesh::Point at = mesh_.at(t, u, v);
            point = at.position_m;
            normal = at.normal;
          },
          points);
    }
    return points;
  }

  void bounding_sphere(Vec3& center_m, double& radius_m) const override {
    center_m = mesh_.center_m();
    radius_m = mesh_.radius_m();
  }

  const PatchMesh* patches() const override { return &mesh_; }

 private:
  static std::shared_ptr<const SmoothingPlan> make_plan(const Mesh& mesh,
                                                        const MeshSurfaceOptions& options) {
    SmoothingPlanCache own;
    return (options.plans != nullptr ? *options.plans : own)
        .get(mesh.triangles, static_cast<int32_t>(mesh.vertices.size()),
             options.subdivision_levels);
  }

  /// Frames look at the patches themselves: only single rays need the tree.
  const internal::EmbreeMesh& coarse() const {
    std::call_once(coarse_once_, [this] {
      std::vector<std::array<int32_t, 3>> triangles;
      for (std::size_t t = 0; t < mesh_.triangles(); ++t) triangles.push_back(mesh_.corners(t));
      coarse_ = std::make_unique<internal::EmbreeMesh>(
          mesh_.coarse_vertices(),
          [this](std::size_t i) {
            const float* p = mesh_.nodes()[i].position_m;
            return Vec3(double{p[0]}, double{p[1]}, double{p[2]});
          },
          triangles);
    });
    return *coarse_;
  }

  /// Two Newton steps from the coarse facet's hit: the ray meets the tangent plane of the patch,
  /// and the parameters follow the place where it does.
  SurfaceHit smooth_hit(const Vec3& origin_m, const Vec3& direction, std::size_t triangle, double u,
                        double v, double facet_range_m) const {
    SurfaceHit hit;
    hit.range_m = facet_range_m;
    for (int step = 0; step < 2; ++step) {
      const PatchMesh::Point point = mesh_.at(triangle, u, v);
      hit.normal = point.normal;
      const double slope = point.normal.dot(direction);
      // At grazing incidence the tangent plane is no guide; such a cell carries no coherent return.
      if (std::abs(slope) <= 0.05) break;
      hit.range_m = point.normal.dot(point.position_m - origin_m) / slope;
      const Vec3 miss = origin_m + hit.range_m * direction - point.position_m;
      const Vec3 across = point.along_u_m.cross(point.along_v_m);
      u += miss.cross(point.along_v_m).dot(across) / across.squaredNorm();
      v += point.along_u_m.cross(miss).dot(across) / across.squaredNorm();
    }
    hit.rest_point_m = origin_m + hit.range_m * direction;
    hit.material = mesh_.material_at(triangle, static_cast<float>(u), static_cast<float>(v));
    hit.triangle = static_cast<int32_t>(triangle);
    hit.u = u;
    hit.v = v;
    return hit;
  }

  PatchMesh mesh_;
  mutable std::once_flag coarse_once_;
  mutable std::unique_ptr<internal::EmbreeMesh> coarse_;
};

}  // namespace

std::unique_ptr<Surface> make_mesh_surface(const Mesh& mesh,
                                           const std::vector<int32_t>& triangle_material,
                                           const MeshSurfaceOptions& options) {
  THZ_REQUIRE(triangle_material.size() == mesh.triangles.size(), "one material a triangle");
  THZ_REQUIRE(options.subdivision_levels >= 0 && options.subdivision_levels <= 3,
              "subdivision levels must lie between 0 and 3");
  if (options.per_ray || !options.smooth) {
    return internal::make_per_ray_surface(mesh, triangle_material, options);
  }
  return std::make_unique<PatchSurface>(mesh, triangle_material, options);
}

}  // namespace thz::sim
