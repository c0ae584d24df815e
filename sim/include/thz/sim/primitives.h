#pragma once

#include <cstddef>
#include <memory>

#include "thz/core/mesh.h"

/// What the libraries under the simulator do at their best: the work that its stages are held
/// against. Nothing simulates with these; `thzface bench` times them.
namespace thz::sim {

/// Coherent packets of 16 rays (Embree) against a mesh, from a pivot over a raster in z = 0.
class RayPrimitive {
 public:
  /// @param pivot_m  in the mesh's frame, on its +z side. @param width_m, side  of the raster.
  RayPrimitive(const Mesh& mesh, const Vec3& pivot_m, double width_m, int side);
  ~RayPrimitive();
  std::size_t rays() const;
  /// Traces every ray once. @returns the number of hits.
  std::size_t run(int threads) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Complex transforms in single precision (FFTW), `count` of them of one length, one after another.
class FftPrimitive {
 public:
  FftPrimitive(int length, int count);
  ~FftPrimitive();
  /// @returns the number of real operations as they are counted: 5 N log2 N each.
  double run();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace thz::sim
