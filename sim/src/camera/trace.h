#pragma once

#include <embree3/rtcore.h>

#include <array>
#include <cstdint>
#include <vector>

#include "shading.h"
#include "thz/sim/camera.h"

namespace thz::sim::internal {

inline constexpr int kLanes = 16;

/// Sixteen rays; lanes that are not active are left alone.
struct RayPacket {
  std::array<Vec3f, kLanes> origin;
  std::array<Vec3f, kLanes> direction;  // unit
  std::array<bool, kLanes> active{};

  void set(int lane, const Vec3f& from, const Vec3f& towards) {
    const auto i = static_cast<std::size_t>(lane);
    origin[i] = from;
    direction[i] = towards;
    active[i] = true;
  }
  bool any() const;
};

struct Hit {
  int object = -1;  // -1: nothing
  int triangle = 0;
  float u = 0.0F, v = 0.0F;  // barycentric, of vertices 1 and 2
};

/// Where a ray met a surface: its optics, and where further rays may start.
struct SurfacePoint {
  Surface surface;
  Vec3f start;         ///< just off the smooth surface, on the viewer's side
  Vec3f facet_normal;  ///< of the flat triangle, on the viewer's side
};

/// One object as Embree holds it.
struct PreparedObject {
  std::vector<float> vertices;     // x y z, one float of padding (Embree reads 16 bytes)
  std::vector<uint32_t> indices;   // three a triangle
  std::vector<Vec3f> normals;      // one a vertex, unit
  std::vector<Vec3f> albedo;       // one a vertex, or none
  std::vector<float> eye_share;    // one a vertex, or none
  std::vector<uint8_t> materials;  // one a triangle
  std::vector<float> shade;        // one a vertex, or none
  std::vector<Vec3f> eye_centres;
  Vec3f gaze;

  Vec3f vertex(uint32_t i) const {
    return {vertices[3 * i], vertices[3 * i + 1], vertices[3 * i + 2]};
  }
};

/// Checks an object against `materials` and prepares it. @throws thz::InputError
PreparedObject prepare(const VisibleObject& object, std::size_t index,
                       const std::vector<VisibleMaterial>& materials);

/// Embree's scene of all objects.
class Tracer {
 public:
  Tracer(std::vector<PreparedObject> objects, std::vector<VisibleMaterial> materials);
  ~Tracer();
  Tracer(const Tracer&) = delete;
  Tracer& operator=(const Tracer&) = delete;

  void closest(const RayPacket& rays, bool coherent, std::array<Hit, kLanes>& hits) const;
  /// True in lanes whose ray meets anything.
  std::array<bool, kLanes> blocked(const RayPacket& rays) const;
  SurfacePoint point(const Hit& hit, const Vec3f& direction) const;

 private:
  Vec3f eye_albedo(const PreparedObject& object, const VisibleMaterial& material,
                   const Vec3f& position) const;

  std::vector<PreparedObject> objects_;
  std::vector<VisibleMaterial> materials_;
  RTCDevice device_;
  RTCScene scene_;
};

}  // namespace thz::sim::internal
