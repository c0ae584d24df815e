#include <embree3/rtcore.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "thz/core/error.h"
#include "thz/sim/surface.h"

namespace thz::sim {
namespace {

constexpr int kPacket = 16;
/// Cosine by which a facet may differ from the smooth normal above it (some 15 degrees near 30).
constexpr double kFacetSlack = 0.15;

/// Owns an Embree device and a committed scene of one triangle mesh.
class EmbreeMesh {
 public:
  explicit EmbreeMesh(const Mesh& mesh) {
    // One build thread: a data set builds one mesh a worker, and results must not depend on it.
    device_ = rtcNewDevice("threads=1,set_affinity=0");
    scene_ = rtcNewScene(device_);
    rtcSetSceneFlags(scene_, RTC_SCENE_FLAG_ROBUST);
    RTCGeometry geometry = rtcNewGeometry(device_, RTC_GEOMETRY_TYPE_TRIANGLE);
    auto* vertices = static_cast<float*>(
        rtcSetNewGeometryBuffer(geometry, RTC_BUFFER_TYPE_VERTEX, 0, RTC_FORMAT_FLOAT3,
                                3 * sizeof(float), mesh.vertices.size()));
    for (std::size_t i = 0; i < mesh.vertices.size(); ++i) {
      for (int c = 0; c < 3; ++c)
        vertices[3 * i + static_cast<std::size_t>(c)] = static_cast<float>(mesh.vertices[i][c]);
    }
    auto* indices = static_cast<uint32_t*>(
        rtcSetNewGeometryBuffer(geometry, RTC_BUFFER_TYPE_INDEX, 0, RTC_FORMAT_UINT3,
                                3 * sizeof(uint32_t), mesh.triangles.size()));
    for (std::size_t t = 0; t < mesh.triangles.size(); ++t) {
      for (std::size_t c = 0; c < 3; ++c)
        indices[3 * t + c] = static_cast<uint32_t>(mesh.triangles[t][c]);
    }
    rtcCommitGeometry(geometry);
    rtcAttachGeometry(scene_, geometry);
    rtcReleaseGeometry(geometry);
    rtcCommitScene(scene_);
  }
  ~EmbreeMesh() {
    rtcReleaseScene(scene_);
    rtcReleaseDevice(device_);
  }
  EmbreeMesh(const EmbreeMesh&) = delete;
  EmbreeMesh& operator=(const EmbreeMesh&) = delete;

  /// Traces up to 16 rays; `packet` holds origins, directions and tfar on entry.
  void intersect(const int* valid, RTCRayHit16& packet) const {
    RTCIntersectContext context;
    rtcInitIntersectContext(&context);
    context.flags = RTC_INTERSECT_CONTEXT_FLAG_COHERENT;
    rtcIntersect16(valid, scene_, &context, &packet);
  }

 private:
  RTCDevice device_ = nullptr;
  RTCScene scene_ = nullptr;
};

/// Quadratic patch over a triangle: Phong tessellation with alpha = 1/2, which reproduces the
/// sagitta of a sphere between vertices (Boubekeur & Alexa 2008, SIGGRAPH Asia, with limit
/// normals).
void evaluate_patch(const Vec3 p[3], const Vec3 n[3], double u, double v, Vec3& point,
                    Vec3& normal) {
  const double w[3] = {1.0 - u - v, u, v};
  const Vec3 flat = w[0] * p[0] + w[1] * p[1] + w[2] * p[2];
  Vec3 projected = Vec3::Zero();
  normal = Vec3::Zero();
  for (int i = 0; i < 3; ++i) {
    projected += w[i] * (flat - (flat - p[i]).dot(n[i]) * n[i]);
    normal += w[i] * n[i];
  }
  point = 0.5 * (flat + projected);
  normal.normalize();
}

class MeshSurface : public Surface {
 public:
  MeshSurface(const Mesh& mesh, const std::vector<int32_t>& triangle_material,
              const MeshSurfaceOptions& options)
      : options_(options),
        triangle_material_(triangle_material),
        base_triangles_(mesh.triangles),
        children_(std::size_t{1} << (2 * options.subdivision_levels)),
        fine_(make_fine(mesh, options)),
        embree_(fine_) {
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
    alignas(64) int valid[kPacket];
    const std::size_t count = std::min<std::size_t>(kPacket, directions.size() - first);
    for (std::size_t i = 0; i < kPacket; ++i) {
      valid[i] = i < count ? -1 : 0;
      const Vec3& d = directions[first + std::min(i, count - 1)];
      const Vec3 o = origin_m + skip_m * d;
      packet.ray.org_x[i] = static_cast<float>(o.x());
      packet.ray.org_y[i] = static_cast<float>(o.y());
      packet.ray.org_z[i] = static_cast<float>(o.z());
      packet.ray.dir_x[i] = static_cast<float>(d.x());
      packet.ray.dir_y[i] = static_cast<float>(d.y());
      packet.ray.dir_z[i] = static_cast<float>(d.z());
      packet.ray.tnear[i] = 0.0f;
      packet.ray.tfar[i] = std::numeric_limits<float>::infinity();
      packet.ray.mask[i] = 0xFFFFFFFFu;
      packet.ray.flags[i] = 0;
      packet.ray.time[i] = 0.0f;
      packet.ray.id[i] = 0;
      packet.hit.geomID[i] = RTC_INVALID_GEOMETRY_ID;
    }
    embree_.intersect(valid, packet);
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

  /// The hit on the smooth surface near a facet's hit: the ray meets the tangent plane of the patch
  /// at the facet's parameters (one Newton step, error of third order in the facet's size).
  SurfaceHit curved_hit(const Vec3& origin_m, const Vec3& direction, uint32_t triangle, double u,
                        double v, double facet_range_m) const {
    Vec3 point, normal;
    point_on(triangle, u, v, point, normal);
    double range_m = facet_range_m;
    const double slope = normal.dot(direction);
    // At grazing incidence the tangent plane is no guide; such a cell carries no coherent return.
    if (std::abs(slope) > 0.05) range_m = normal.dot(point - origin_m) / slope;
    return {range_m, normal, origin_m + range_m * direction,
            triangle_material_[triangle / children_]};
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
      evaluate_patch(p, n, u, v, point, normal);
    } else {
      point = (1.0 - u - v) * p[0] + u * p[1] + v * p[2];
      normal = (p[1] - p[0]).cross(p[2] - p[0]).normalized();
    }
  }

  /// A base triangle between its corners' limit positions, which no subdivision moves.
  struct BaseFrame {
    Vec3 corner_m[3];
    Vec3 normal[3];
    double area_m2 = 0.0;
  };
  BaseFrame base_frame(std::size_t base) const;
  double smooth_area(std::size_t base) const;
  /// Lattice element at parameters (u, v) of a base triangle.
  LatticePoint place(std::size_t base, const BaseFrame& frame, double u, double v) const;

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

std::vector<LatticePoint> MeshSurface::lattice(double area_m2) const {
  // Points of a base triangle: the first m of a fixed low-discrepancy sequence (Roberts' R2, folded
  // into the triangle), so that an element's name and place do not depend on the subdivision.
  constexpr double kR1 = 0.7548776662466927;
  constexpr double kR2 = 0.5698402909980532;
  constexpr uint64_t kElementsPerTriangle = 4096;
  std::vector<LatticePoint> points;
  for (std::size_t base = 0; base < base_triangles_.size(); ++base) {
    const BaseFrame frame = base_frame(base);
    const auto count = std::min<uint64_t>(
        kElementsPerTriangle,
        static_cast<uint64_t>(std::max(1.0, std::round(frame.area_m2 / area_m2))));
    const double share_m2 = smooth_area(base) / static_cast<double>(count);
    for (uint64_t i = 0; i < count; ++i) {
      double u = 0.5 + kR1 * static_cast<double>(i + 1);
      double v = 0.5 + kR2 * static_cast<double>(i + 1);
      u -= std::floor(u);
      v -= std::floor(v);
      if (u + v > 1.0) {
        u = 1.0 - u;
        v = 1.0 - v;
      }
      LatticePoint point = place(base, frame, u, v);
      point.area_m2 = share_m2;
      point.material = triangle_material_[base];
      point.element = static_cast<uint64_t>(base) * kElementsPerTriangle + i;
      points.push_back(point);
    }
  }
  return points;
}

double MeshSurface::smooth_area(std::size_t base) const {
  double area = 0.0;
  for (std::size_t child = base * children_; child < (base + 1) * children_; ++child) {
    const auto& t = fine_.triangles[child];
    const Vec3& a = fine_.vertices[static_cast<std::size_t>(t[0])];
    const Vec3& b = fine_.vertices[static_cast<std::size_t>(t[1])];
    const Vec3& c = fine_.vertices[static_cast<std::size_t>(t[2])];
    area += 0.5 * (b - a).cross(c - a).norm();
  }
  return area;
}

MeshSurface::BaseFrame MeshSurface::base_frame(std::size_t base) const {
  BaseFrame frame;
  for (std::size_t c = 0; c < 3; ++c) {
    const auto vertex = static_cast<std::size_t>(base_triangles_[base][c]);
    frame.corner_m[c] = options_.smooth ? limit_.positions_m[vertex] : fine_.vertices[vertex];
    if (options_.smooth) frame.normal[c] = limit_.normals[vertex];
  }
  const Vec3 normal =
      (frame.corner_m[1] - frame.corner_m[0]).cross(frame.corner_m[2] - frame.corner_m[0]);
  frame.area_m2 = 0.5 * normal.norm();
  return frame;
}

LatticePoint MeshSurface::place(std::size_t base, const BaseFrame& frame, double u,
                                double v) const {
  // The parameters of a subdivided patch slide over the surface from one level to the next, and a
  // tenth of a wavelength on a slope is another speckle. So an element lies where the line through
  // its place on the flat base triangle, along the corners' mean normal, meets the smooth surface.
  LatticePoint point;
  std::size_t triangle = base;
  double fine_u = u, fine_v = v;
  descend(options_.subdivision_levels, triangle, fine_u, fine_v);
  point_on(triangle, fine_u, fine_v, point.position_m, point.normal);
  if (!options_.smooth) return point;
  const double w[3] = {1.0 - u - v, u, v};
  Vec3 anchor = Vec3::Zero(), along = Vec3::Zero();
  for (std::size_t c = 0; c < 3; ++c) {
    anchor += w[c] * frame.corner_m[c];
    along += w[c] * frame.normal[c];
  }
  const double lean = along.dot(point.normal);
  // In a crease sharper than this the tangent plane is no guide.
  if (lean > 0.3 * along.norm()) {
    point.position_m = anchor + along * ((point.position_m - anchor).dot(point.normal) / lean);
  }
  return point;
}

}  // namespace

std::unique_ptr<Surface> make_mesh_surface(const Mesh& mesh,
                                           const std::vector<int32_t>& triangle_material,
                                           const MeshSurfaceOptions& options) {
  return std::make_unique<MeshSurface>(mesh, triangle_material, options);
}

}  // namespace thz::sim
