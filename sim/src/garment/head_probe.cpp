#include "head_probe.h"

#include <embree3/rtcore.h>

#include <cmath>
#include <limits>

#include "thz/core/error.h"

namespace thz::sim::internal {
namespace {

// Closest point of a triangle (Ericson, Real-Time Collision Detection, 2005, section 5.1.5).
Vec3 closest_on_triangle(const Vec3& p, const Vec3& a, const Vec3& b, const Vec3& c) {
  const Vec3 ab = b - a, ac = c - a, ap = p - a;
  const double d1 = ab.dot(ap), d2 = ac.dot(ap);
  if (d1 <= 0.0 && d2 <= 0.0) return a;
  const Vec3 bp = p - b;
  const double d3 = ab.dot(bp), d4 = ac.dot(bp);
  if (d3 >= 0.0 && d4 <= d3) return b;
  const double vc = d1 * d4 - d3 * d2;
  if (vc <= 0.0 && d1 >= 0.0 && d3 <= 0.0) return a + d1 / (d1 - d3) * ab;
  const Vec3 cp = p - c;
  const double d5 = ab.dot(cp), d6 = ac.dot(cp);
  if (d6 >= 0.0 && d5 <= d6) return c;
  const double vb = d5 * d2 - d1 * d6;
  if (vb <= 0.0 && d2 >= 0.0 && d6 <= 0.0) return a + d2 / (d2 - d6) * ac;
  const double va = d3 * d6 - d5 * d4;
  if (va <= 0.0 && d4 - d3 >= 0.0 && d5 - d6 >= 0.0) {
    return b + (d4 - d3) / ((d4 - d3) + (d5 - d6)) * (c - b);
  }
  const double sum = va + vb + vc;
  return a + vb / sum * ab + vc / sum * ac;
}

struct Query {
  const Mesh* mesh;
  Vec3 point_m;
};

bool narrow_query(RTCPointQueryFunctionArguments* arguments) {
  const Query& query = *static_cast<const Query*>(arguments->userPtr);
  const auto& triangle = query.mesh->triangles[arguments->primID];
  const auto corner = [&](int i) -> const Vec3& {
    return query.mesh->vertices[static_cast<std::size_t>(triangle[static_cast<std::size_t>(i)])];
  };
  const double distance =
      (closest_on_triangle(query.point_m, corner(0), corner(1), corner(2)) - query.point_m).norm();
  if (distance >= static_cast<double>(arguments->query->radius)) return false;
  arguments->query->radius = static_cast<float>(distance);
  return true;
}

}  // namespace

struct HeadProbe::Impl {
  Mesh mesh;
  RTCDevice device = nullptr;
  RTCScene scene = nullptr;

  ~Impl() {
    if (scene != nullptr) rtcReleaseScene(scene);
    if (device != nullptr) rtcReleaseDevice(device);
  }
};

HeadProbe::HeadProbe(const Mesh& mesh) : impl_(std::make_unique<Impl>()) {
  impl_->mesh = mesh;
  // One thread: whoever dresses many heads already uses all cores.
  impl_->device = rtcNewDevice("threads=1");
  THZ_REQUIRE(impl_->device != nullptr, "Embree did not start");
  impl_->scene = rtcNewScene(impl_->device);
  rtcSetSceneFlags(impl_->scene, RTC_SCENE_FLAG_ROBUST);
  RTCGeometry geometry = rtcNewGeometry(impl_->device, RTC_GEOMETRY_TYPE_TRIANGLE);
  auto* vertices = static_cast<float*>(rtcSetNewGeometryBuffer(geometry, RTC_BUFFER_TYPE_VERTEX, 0,
                                                               RTC_FORMAT_FLOAT3, 3 * sizeof(float),
                                                               mesh.vertices.size()));
  for (const Vec3& v : mesh.vertices) {
    for (int axis = 0; axis < 3; ++axis) *vertices++ = static_cast<float>(v[axis]);
  }
  auto* indices = static_cast<uint32_t*>(
      rtcSetNewGeometryBuffer(geometry, RTC_BUFFER_TYPE_INDEX, 0, RTC_FORMAT_UINT3,
                              3 * sizeof(uint32_t), mesh.triangles.size()));
  for (const auto& triangle : mesh.triangles) {
    for (const int32_t v : triangle) *indices++ = static_cast<uint32_t>(v);
  }
  rtcCommitGeometry(geometry);
  rtcAttachGeometry(impl_->scene, geometry);
  rtcReleaseGeometry(geometry);
  rtcCommitScene(impl_->scene);
}

HeadProbe::~HeadProbe() = default;

ProbeHit HeadProbe::first_hit(const Vec3& origin_m, const Vec3& direction, double far_m) const {
  RTCIntersectContext context;
  rtcInitIntersectContext(&context);
  RTCRayHit ray{};
  ray.ray.org_x = static_cast<float>(origin_m.x());
  ray.ray.org_y = static_cast<float>(origin_m.y());
  ray.ray.org_z = static_cast<float>(origin_m.z());
  ray.ray.dir_x = static_cast<float>(direction.x());
  ray.ray.dir_y = static_cast<float>(direction.y());
  ray.ray.dir_z = static_cast<float>(direction.z());
  ray.ray.tfar = static_cast<float>(far_m);
  ray.ray.mask = std::numeric_limits<unsigned>::max();
  ray.hit.geomID = RTC_INVALID_GEOMETRY_ID;
  rtcIntersect1(impl_->scene, &context, &ray);
  if (ray.hit.geomID == RTC_INVALID_GEOMETRY_ID) return {far_m, -1};
  return {static_cast<double>(ray.ray.tfar), static_cast<int32_t>(ray.hit.primID)};
}

double HeadProbe::distance_within(const Vec3& point_m, double radius_m) const {
  RTCPointQuery query;
  query.x = static_cast<float>(point_m.x());
  query.y = static_cast<float>(point_m.y());
  query.z = static_cast<float>(point_m.z());
  query.time = 0.0f;
  query.radius = static_cast<float>(radius_m);
  RTCPointQueryContext context;
  rtcInitPointQueryContext(&context);
  Query user{&impl_->mesh, point_m};
  const bool nearer = rtcPointQuery(impl_->scene, &query, &context, narrow_query, &user);
  return nearer ? static_cast<double>(query.radius) : radius_m;
}

}  // namespace thz::sim::internal
