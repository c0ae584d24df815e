#pragma once

#include <embree3/rtcore.h>

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "thz/core/mesh.h"

namespace thz::sim::internal {

/// Owns an Embree device and a committed scene of one triangle mesh.
class EmbreeMesh {
 public:
  /// @param vertex  place of vertex i.
  template <typename Place>
  EmbreeMesh(std::size_t vertices, Place&& vertex,
             const std::vector<std::array<int32_t, 3>>& triangles) {
    // One build thread: a data set builds one mesh a worker, and results must not depend on it.
    device_ = rtcNewDevice("threads=1,set_affinity=0");
    scene_ = rtcNewScene(device_);
    rtcSetSceneFlags(scene_, RTC_SCENE_FLAG_ROBUST);
    RTCGeometry geometry = rtcNewGeometry(device_, RTC_GEOMETRY_TYPE_TRIANGLE);
    auto* places = static_cast<float*>(rtcSetNewGeometryBuffer(
        geometry, RTC_BUFFER_TYPE_VERTEX, 0, RTC_FORMAT_FLOAT3, 3 * sizeof(float), vertices));
    for (std::size_t i = 0; i < vertices; ++i) {
      const Vec3 place = vertex(i);
      for (int c = 0; c < 3; ++c)
        places[3 * i + static_cast<std::size_t>(c)] = static_cast<float>(place[c]);
    }
    auto* indices = static_cast<uint32_t*>(
        rtcSetNewGeometryBuffer(geometry, RTC_BUFFER_TYPE_INDEX, 0, RTC_FORMAT_UINT3,
                                3 * sizeof(uint32_t), triangles.size()));
    for (std::size_t t = 0; t < triangles.size(); ++t) {
      for (std::size_t c = 0; c < 3; ++c)
        indices[3 * t + c] = static_cast<uint32_t>(triangles[t][c]);
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

  static constexpr int kPacket = 16;

  /// Traces up to 16 rays from one origin, each started `skip_m` along its way: from just outside
  /// the mesh Embree's float has micrometre digits left.
  void trace(const Vec3& origin_m, double skip_m, const Vec3* directions, std::size_t count,
             RTCRayHit16& packet) const {
    alignas(64) int valid[kPacket];
    for (std::size_t i = 0; i < kPacket; ++i) {
      valid[i] = i < count ? -1 : 0;
      const Vec3& d = directions[std::min(i, count - 1)];
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
    intersect(valid, packet);
  }

 private:
  /// `packet` holds origins, directions and tfar on entry.
  void intersect(const int* valid, RTCRayHit16& packet) const {
    RTCIntersectContext context;
    rtcInitIntersectContext(&context);
    context.flags = RTC_INTERSECT_CONTEXT_FLAG_COHERENT;
    rtcIntersect16(valid, scene_, &context, &packet);
  }

  RTCDevice device_ = nullptr;
  RTCScene scene_ = nullptr;
};

}  // namespace thz::sim::internal
