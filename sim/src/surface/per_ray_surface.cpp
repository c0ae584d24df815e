#include "per_ray_surface.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "curved_patch.h"
#include "embree_mesh.h"
#include "mesh_lattice.h"
#include "thz/core/error.h"

namespace thz::sim {
namespace {

using internal::EmbreeMesh;
constexpr std::size_t kPacket = EmbreeMesh::kPacket;
/// Cosine by which a facet may differ from the smooth normal above it (some 15 degrees near 30).
constexpr double kFacetSlack = 0.15;

class PerRaySurface : public Surface {
 public:
  PerRaySurface(const Mesh& mesh, const std::vector<int32_t>& triangle_material,
                const MeshSurfaceOptions& options)
      : options_(options),
        triangle_material_(triangle_material),
        base_triangles_(mesh.triangles),
        children_(std::size_t{1} << (2 * options.subdivision_levels)),
        fine_(make_fine(mesh, options)),
        embree_(
            fine_.vertices.size(), [this](std::size_t i) { return vertex(i); }, fine_.triangles) {
    THZ_REQUIRE(triangle_material.size() == mesh.triangles.size(), "one material a triangle");
    measure();
  }

  void trace(const Vec3& origin_m, const std::vector<Vec3>& directions,
             std::vector<SurfaceHit>& hits, double least_cos) const override {
    hits.assign(directions.size(), SurfaceHit{});
    // Rays start just outside the bounding sphere: Embree's float then has micrometre digits left.
    const double skip_m = std::max(0.0, (center_m_ - origin_m).norm() - 1.01 * radius_m_);
    for (std::size_t first = 0; first < directions.size(); first += kPacket) {
      trace_packet(origin_m, skip_m, directions, first, least_cos, hits);
    }
  }

  std::vector<LatticePoint> lattice(double area_m2) const override;

  void bounding_sphere(Vec3& center_m, double& radius_m) const override {
    center_m = center_m_;
    radius_m = radius_m_;
  }

 private:
  /// The finest mesh; sets the limit surface of a smooth one on the way.
  Mesh make_fine(const Mesh& mesh, const MeshSurfaceOptions& options) {
    THZ_REQUIRE(options.subdivision_levels >= 0 && options.subdivision_levels <= 3,
                "subdivision levels must lie between 0 and 3");
    THZ_REQUIRE(options.smooth || options.subdivision_levels == 0,
                "a faceted mesh is not subdivided");
    if (!options.smooth) return mesh;
    SmoothingPlanCache own;
    const auto plan = (options.plans != nullptr ? *options.plans : own)
                          .get(mesh.triangles, static_cast<int32_t>(mesh.vertices.size()),
                               options.subdivision_levels);
    Mesh fine;
    fine.vertices = mesh.vertices;
    for (const LoopStencil& step : plan->steps) fine.vertices = refine(step, fine.vertices);
    fine.triangles = plan->limit.triangles;
    limit_ = limit_surface(plan->limit, fine.vertices);
    return fine;
  }

  void measure() {
    Vec3 low = Vec3::Constant(std::numeric_limits<double>::infinity());
    Vec3 high = -low;
    for (const Vec3& v : fine_.vertices) {
      low = low.cwiseMin(v);
      high = high.cwiseMax(v);
    }
    center_m_ = 0.5 * (low + high);
    radius_m_ = 0.5 * (high - low).norm();
  }

  void trace_packet(const Vec3& origin_m, double skip_m, const std::vector<Vec3>& directions,
                    std::size_t first, double least_cos, std::vector<SurfaceHit>& hits) const {
    alignas(64) RTCRayHit16 packet;
    const std::size_t count = std::min(kPacket, directions.size() - first);
    embree_.trace(origin_m, skip_m, &directions[first], count, packet);
    for (std::size_t i = 0; i < count; ++i) {
      if (packet.hit.geomID[i] == RTC_INVALID_GEOMETRY_ID) continue;
      const Vec3 facet =
          Vec3(packet.hit.Ng_x[i], packet.hit.Ng_y[i], packet.hit.Ng_z[i]).normalized();
      if (-facet.dot(directions[first + i]) < least_cos - kFacetSlack) {
        const double range_m = skip_m + double{packet.ray.tfar[i]};
        hits[first + i] = {range_m, facet, origin_m + range_m * directions[first + i],
                           triangle_material_[packet.hit.primID[i] / children_]};
        continue;
      }
      hits[first + i] =
          curved_hit(origin_m, directions[first + i], packet.hit.primID[i], double{packet.hit.u[i]},
                     double{packet.hit.v[i]}, skip_m + double{packet.ray.tfar[i]});
    }
  }

  /// Where a vertex of the finest mesh lies: facets between limit positions are nearest to their
  /// patches.
  const Vec3& vertex(std::size_t i) const {
    return options_.smooth ? limit_.positions_m[i] : fine_.vertices[i];
  }

  /// The hit on the smooth surface near a facet's hit: the ray meets the tangent plane of the patch
  /// at the facet's parameters, then at those of the place where it did (two Newton steps).
  SurfaceHit curved_hit(const Vec3& origin_m, const Vec3& direction, uint32_t triangle, double u,
                        double v, double facet_range_m) const {
    SurfaceHit hit;
    hit.range_m = facet_range_m;
    hit.material = triangle_material_[triangle / children_];
    const auto& t = fine_.triangles[triangle];
    const Vec3& a = vertex(static_cast<std::size_t>(t[0]));
    const Vec3 along_u = vertex(static_cast<std::size_t>(t[1])) - a;
    const Vec3 along_v = vertex(static_cast<std::size_t>(t[2])) - a;
    const Vec3 across = along_u.cross(along_v);
    for (int step = 0; step < 2; ++step) {
      Vec3 point;
      point_on(triangle, u, v, point, hit.normal);
      const double slope = hit.normal.dot(direction);
      // At grazing incidence the tangent plane is no guide; such a cell carries no coherent return.
      if (std::abs(slope) <= 0.05) break;
      hit.range_m = hit.normal.dot(point - origin_m) / slope;
      const Vec3 miss = origin_m + hit.range_m * direction - point;
      u += miss.cross(along_v).dot(across) / across.squaredNorm();
      v += along_u.cross(miss).dot(across) / across.squaredNorm();
    }
    hit.rest_point_m = origin_m + hit.range_m * direction;
    if (children_ == 1) {  // parameters of a fine triangle are no coarse one's
      hit.triangle = static_cast<int32_t>(triangle);
      hit.u = u;
      hit.v = v;
    }
    return hit;
  }

  void point_on(std::size_t triangle, double u, double v, Vec3& point, Vec3& normal) const {
    const auto& t = fine_.triangles[triangle];
    Vec3 p[3], n[3];
    for (std::size_t c = 0; c < 3; ++c) {
      const auto vertex = static_cast<std::size_t>(t[c]);
      p[c] = options_.smooth ? limit_.positions_m[vertex] : fine_.vertices[vertex];
      if (options_.smooth) n[c] = limit_.normals[vertex];
    }
    if (options_.smooth) {
      internal::evaluate_patch(p, n, u, v, point, normal);
    } else {
      point = (1.0 - u - v) * p[0] + u * p[1] + v * p[2];
      normal = (p[1] - p[0]).cross(p[2] - p[0]).normalized();
    }
  }

  internal::LatticeFrame base_frame(std::size_t base) const;
  double smooth_area(std::size_t base) const;

  MeshSurfaceOptions options_;
  std::vector<int32_t> triangle_material_;
  decltype(Mesh::triangles) base_triangles_;
  std::size_t children_;  // fine triangles a base triangle; children are consecutive
  LimitSurface limit_;    // of a smooth mesh; set while fine_ is made
  Mesh fine_;
  EmbreeMesh embree_;
  Vec3 center_m_ = Vec3::Zero();
  double radius_m_ = 0.0;
};

/// Fine triangle and its parameters for parameters (u, v) of a base triangle: each Loop step splits
/// a triangle at its edge mid-points into children 0, 1, 2 at the corners and 3 in the middle.
void descend(int levels, std::size_t& triangle, double& u, double& v) {
  for (int level = 0; level < levels; ++level) {
    const double w = 1.0 - u - v;
    std::size_t child = 3;
    if (w >= 0.5) {
      child = 0;
      u *= 2.0;
      v *= 2.0;
    } else if (u >= 0.5) {
      child = 1;
      u = 2.0 * u - 1.0;
      v *= 2.0;
    } else if (v >= 0.5) {
      child = 2;
      u *= 2.0;
      v = 2.0 * v - 1.0;
    }
    if (child == 3) {
      // Middle child, corners at the mid-points of edges ab, bc, ca.
      const double old_u = u;
      u = 1.0 - 2.0 * w;
      v = 1.0 - 2.0 * old_u;
    }
    triangle = 4 * triangle + child;
  }
}

std::vector<LatticePoint> PerRaySurface::lattice(double area_m2) const {
  std::vector<LatticePoint> points;
  for (std::size_t base = 0; base < base_triangles_.size(); ++base) {
    internal::add_lattice_points(
        base, base_frame(base), smooth_area(base), area_m2, triangle_material_[base],
        options_.smooth,
        [&](double u, double v, Vec3& point, Vec3& normal) {
          std::size_t triangle = base;
          descend(options_.subdivision_levels, triangle, u, v);
          point_on(triangle, u, v, point, normal);
        },
        points);
  }
  return points;
}

double PerRaySurface::smooth_area(std::size_t base) const {
  double area = 0.0;
  for (std::size_t child = base * children_; child < (base + 1) * children_; ++child) {
    const auto& t = fine_.triangles[child];
    const Vec3& a = vertex(static_cast<std::size_t>(t[0]));
    const Vec3& b = vertex(static_cast<std::size_t>(t[1]));
    const Vec3& c = vertex(static_cast<std::size_t>(t[2]));
    area += 0.5 * (b - a).cross(c - a).norm();
  }
  return area;
}

internal::LatticeFrame PerRaySurface::base_frame(std::size_t base) const {
  internal::LatticeFrame frame;
  for (std::size_t c = 0; c < 3; ++c) {
    const auto vertex = static_cast<std::size_t>(base_triangles_[base][c]);
    frame.corner_m[c] = options_.smooth ? limit_.positions_m[vertex] : fine_.vertices[vertex];
    if (options_.smooth) frame.normal[c] = limit_.normals[vertex];
  }
  return frame;
}

}  // namespace

std::unique_ptr<Surface> internal::make_per_ray_surface(
    const Mesh& mesh, const std::vector<int32_t>& triangle_material,
    const MeshSurfaceOptions& options) {
  return std::make_unique<PerRaySurface>(mesh, triangle_material, options);
}

}  // namespace thz::sim
