#include "trace.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "thz/core/error.h"
#include "thz/core/rng.h"

namespace thz::sim::internal {
namespace {

constexpr float kSurfaceOffset_m = 2e-4F;  // 400 float steps at 6 m
// Half-angles seen from the eyeball's centre: an iris 11.8 mm and a pupil 3.6 mm across on a
// radius of 12 mm, and the dark ring at the iris' border.
constexpr float kCosIris = 0.8711F;
constexpr float kCosRing = 0.8910F;
constexpr float kCosPupil = 0.9887F;

template <typename Rays>
void load(const RayPacket& packet, Rays& rays, std::array<int, kLanes>& valid) {
  for (std::size_t i = 0; i < kLanes; ++i) {
    valid[i] = packet.active[i] ? -1 : 0;
    const Vec3f o = packet.active[i] ? packet.origin[i] : Vec3f::Zero();
    const Vec3f d = packet.active[i] ? packet.direction[i] : Vec3f::UnitZ();
    rays.org_x[i] = o.x();
    rays.org_y[i] = o.y();
    rays.org_z[i] = o.z();
    rays.dir_x[i] = d.x();
    rays.dir_y[i] = d.y();
    rays.dir_z[i] = d.z();
    rays.tnear[i] = 0.0F;
    rays.tfar[i] = std::numeric_limits<float>::infinity();
    rays.time[i] = 0.0F;
    rays.mask[i] = ~0U;
    rays.id[i] = 0;
    rays.flags[i] = 0;
  }
}

RTCIntersectContext make_context(bool coherent) {
  RTCIntersectContext context;
  rtcInitIntersectContext(&context);
  context.flags =
      coherent ? RTC_INTERSECT_CONTEXT_FLAG_COHERENT : RTC_INTERSECT_CONTEXT_FLAG_INCOHERENT;
  return context;
}

// A vertex' own darkness of hair, 0.5 to 1.5.
float streak(uint32_t vertex) {
  return 0.5F + static_cast<float>(mix_keys(0x68616972, vertex) >> 40) * 0x1p-24F;
}

// What the albedo is multiplied by at a place on triangle t: the object's own shade, hair's
// streaks.
float shade(const PreparedObject& object, VisibleKind kind, std::size_t t,
            const std::array<float, 3>& weight) {
  float own = object.shade.empty() ? 1.0F : 0.0F;
  float streaks = kind == VisibleKind::kHair ? 0.0F : 1.0F;
  for (std::size_t k = 0; k < 3; ++k) {
    const uint32_t v = object.indices[3 * t + k];
    if (!object.shade.empty()) own += weight[k] * object.shade[v];
    if (kind == VisibleKind::kHair) streaks += weight[k] * streak(v);
  }
  return own * streaks;
}

}  // namespace

bool RayPacket::any() const {
  return std::any_of(active.begin(), active.end(), [](bool a) { return a; });
}

Tracer::Tracer(std::vector<PreparedObject> objects, std::vector<VisibleMaterial> materials)
    : objects_(std::move(objects)),
      materials_(std::move(materials)),
      // One thread: builds of many scenes run side by side, and the tree is always the same.
      device_(rtcNewDevice("threads=1,set_affinity=0")),
      scene_(nullptr) {
  THZ_REQUIRE(device_ != nullptr, "Embree gives no device");
  scene_ = rtcNewScene(device_);
  rtcSetSceneBuildQuality(scene_, RTC_BUILD_QUALITY_MEDIUM);
  for (std::size_t i = 0; i < objects_.size(); ++i) {
    const PreparedObject& object = objects_[i];
    RTCGeometry geometry = rtcNewGeometry(device_, RTC_GEOMETRY_TYPE_TRIANGLE);
    rtcSetSharedGeometryBuffer(geometry, RTC_BUFFER_TYPE_VERTEX, 0, RTC_FORMAT_FLOAT3,
                               object.vertices.data(), 0, 3 * sizeof(float), object.normals.size());
    rtcSetSharedGeometryBuffer(geometry, RTC_BUFFER_TYPE_INDEX, 0, RTC_FORMAT_UINT3,
                               object.indices.data(), 0, 3 * sizeof(uint32_t),
                               object.materials.size());
    rtcCommitGeometry(geometry);
    rtcAttachGeometryByID(scene_, geometry, static_cast<unsigned>(i));
    rtcReleaseGeometry(geometry);
  }
  rtcCommitScene(scene_);
  const RTCError error = rtcGetDeviceError(device_);
  THZ_REQUIRE(error == RTC_ERROR_NONE, "Embree refused the scene");
}

Tracer::~Tracer() {
  rtcReleaseScene(scene_);
  rtcReleaseDevice(device_);
}

void Tracer::closest(const RayPacket& rays, bool coherent, std::array<Hit, kLanes>& hits) const {
  RTCRayHit16 query;
  alignas(64) std::array<int, kLanes> valid;
  load(rays, query.ray, valid);
  for (std::size_t i = 0; i < kLanes; ++i) {
    query.hit.geomID[i] = RTC_INVALID_GEOMETRY_ID;
    query.hit.instID[0][i] = RTC_INVALID_GEOMETRY_ID;
  }
  RTCIntersectContext context = make_context(coherent);
  rtcIntersect16(valid.data(), scene_, &context, &query);
  for (std::size_t i = 0; i < kLanes; ++i) {
    hits[i] = Hit{};
    if (valid[i] == 0 || query.hit.geomID[i] == RTC_INVALID_GEOMETRY_ID) continue;
    hits[i] = {static_cast<int>(query.hit.geomID[i]), static_cast<int>(query.hit.primID[i]),
               query.hit.u[i], query.hit.v[i]};
  }
}

std::array<bool, kLanes> Tracer::blocked(const RayPacket& rays) const {
  RTCRay16 query;
  alignas(64) std::array<int, kLanes> valid;
  load(rays, query, valid);
  RTCIntersectContext context = make_context(false);
  rtcOccluded16(valid.data(), scene_, &context, &query);
  std::array<bool, kLanes> out{};
  for (std::size_t i = 0; i < kLanes; ++i) out[i] = valid[i] != 0 && query.tfar[i] < 0.0F;
  return out;
}

Vec3f Tracer::eye_albedo(const PreparedObject& object, const VisibleMaterial& material,
                         const Vec3f& position) const {
  if (object.eye_centres.empty()) return to_vec(material.albedo);
  const auto nearest = std::min_element(
      object.eye_centres.begin(), object.eye_centres.end(), [&](const Vec3f& a, const Vec3f& b) {
        return (position - a).squaredNorm() < (position - b).squaredNorm();
      });
  const float cosine = (position - *nearest).normalized().dot(object.gaze);
  if (cosine > kCosPupil) return Vec3f::Constant(0.005F);
  if (cosine > kCosRing) return to_vec(material.iris);
  if (cosine > kCosIris) return 0.4F * to_vec(material.iris);
  return to_vec(material.albedo);
}

SurfacePoint Tracer::point(const Hit& hit, const Vec3f& direction) const {
  const PreparedObject& object = objects_[static_cast<std::size_t>(hit.object)];
  const auto t = static_cast<std::size_t>(hit.triangle);
  const std::array<float, 3> weight{1.0F - hit.u - hit.v, hit.u, hit.v};
  std::array<Vec3f, 3> corner;
  Vec3f position = Vec3f::Zero();
  Vec3f normal = Vec3f::Zero();
  for (std::size_t k = 0; k < 3; ++k) {
    const uint32_t v = object.indices[3 * t + k];
    corner[k] = object.vertex(v);
    position += weight[k] * corner[k];
    normal += weight[k] * object.normals[v];
  }
  SurfacePoint out;
  out.facet_normal = (corner[1] - corner[0]).cross(corner[2] - corner[0]).normalized();
  if (normal.squaredNorm() < 1e-12F) normal = out.facet_normal;
  normal.normalize();
  // The viewer may see the inside of an open shell.
  const float side = out.facet_normal.dot(direction) > 0.0F ? -1.0F : 1.0F;
  out.facet_normal *= side;
  normal *= normal.dot(out.facet_normal) < 0.0F ? -1.0F : 1.0F;
  // Rays leave from the smooth surface through the corners' tangent planes, not from the flat
  // facet, which would shadow itself near the terminator (Hanika, Ray Tracing Gems II, ch. 4).
  Vec3f smooth = Vec3f::Zero();
  for (std::size_t k = 0; k < 3; ++k) {
    const Vec3f n = side * object.normals[object.indices[3 * t + k]];
    smooth += weight[k] * (position - std::min(0.0F, (position - corner[k]).dot(n)) * n);
  }
  out.start = smooth + kSurfaceOffset_m * out.facet_normal;

  const VisibleMaterial& material = materials_[object.materials[t]];
  out.surface.normal = normal;
  out.surface.kind = material.kind;
  out.surface.roughness = static_cast<float>(material.roughness);
  out.surface.f0 = static_cast<float>(material.f0);
  out.surface.albedo = material.kind == VisibleKind::kEye ? eye_albedo(object, material, position)
                                                          : to_vec(material.albedo);
  if (!object.albedo.empty()) {
    Vec3f painted = Vec3f::Zero();
    float eye = material.kind == VisibleKind::kEye ? 1.0F : 0.0F;
    if (eye > 0.0F && !object.eye_share.empty()) eye = 0.0F;
    for (std::size_t k = 0; k < 3; ++k) {
      const uint32_t v = object.indices[3 * t + k];
      painted += weight[k] * object.albedo[v];
      if (material.kind == VisibleKind::kEye && !object.eye_share.empty()) {
        eye += weight[k] * object.eye_share[v];
      }
    }
    out.surface.albedo = painted + eye * (out.surface.albedo - painted);
    // A lid is not wet: its share of an eye's triangle is rough skin.
    if (material.kind == VisibleKind::kEye && eye < 0.5F) out.surface.roughness = 0.45F;
  }
  out.surface.albedo *= shade(object, material.kind, t, weight);
  return out;
}

}  // namespace thz::sim::internal
