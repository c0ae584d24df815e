#include "thz/sim/primitives.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "../radar/fft.h"
#include "../surface/embree_mesh.h"
#include "thz/core/parallel.h"

namespace thz::sim {

struct RayPrimitive::Impl {
  internal::EmbreeMesh mesh;
  Vec3 pivot_m;
  double skip_m;
  std::vector<Vec3> directions;
};

RayPrimitive::RayPrimitive(const Mesh& mesh, const Vec3& pivot_m, double width_m, int side)
    : impl_(new Impl{internal::EmbreeMesh(
                         mesh.vertices.size(), [&](std::size_t i) { return mesh.vertices[i]; },
                         mesh.triangles),
                     pivot_m,
                     0.9 * pivot_m.norm(),
                     {}}) {
  constexpr int kPatch = 4;  // packets are squares of 4 x 4 rays
  for (int row = 0; row + kPatch <= side; row += kPatch) {
    for (int column = 0; column + kPatch <= side; column += kPatch) {
      for (int i = 0; i < kPatch * kPatch; ++i) {
        const Vec3 foot(width_m * ((column + i % kPatch + 0.5) / side - 0.5),
                        width_m * ((row + i / kPatch + 0.5) / side - 0.5), 0.0);
        impl_->directions.push_back((foot - pivot_m).normalized());
      }
    }
  }
}

RayPrimitive::~RayPrimitive() = default;

std::size_t RayPrimitive::rays() const { return impl_->directions.size(); }

std::size_t RayPrimitive::run(int threads) const {
  constexpr std::size_t kPacket = internal::EmbreeMesh::kPacket, kTask = 256 * kPacket;
  const std::vector<Vec3>& directions = impl_->directions;
  std::vector<std::size_t> hits((directions.size() + kTask - 1) / kTask);
  parallel_for(hits.size(), threads, [&](std::size_t task) {
    alignas(64) RTCRayHit16 packet;
    const std::size_t last = std::min(directions.size(), (task + 1) * kTask);
    for (std::size_t first = task * kTask; first < last; first += kPacket) {
      const std::size_t count = std::min(kPacket, last - first);
      impl_->mesh.trace(impl_->pivot_m, impl_->skip_m, &directions[first], count, packet);
      for (std::size_t i = 0; i < count; ++i) {
        hits[task] += packet.hit.geomID[i] != RTC_INVALID_GEOMETRY_ID ? 1 : 0;
      }
    }
  });
  std::size_t sum = 0;
  for (const std::size_t h : hits) sum += h;
  return sum;
}

struct FftPrimitive::Impl {
  int length, count;
  FftArray<std::complex<float>> values;
  FftPlan plan;
};

FftPrimitive::FftPrimitive(int length, int count)
    : impl_(new Impl{length, count, fft_array<std::complex<float>>(length), {}}) {
  impl_->plan = FftPlan::forward(impl_->values.get(), length);
}

FftPrimitive::~FftPrimitive() = default;

double FftPrimitive::run() {
  for (int i = 0; i < impl_->count; ++i) impl_->plan.run();
  return impl_->count * 5.0 * impl_->length * std::log2(static_cast<double>(impl_->length));
}

}  // namespace thz::sim
