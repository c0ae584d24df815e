// The tile kernels for one instruction set. The including file defines THZ_LANES and
// THZ_KERNEL_TABLE. Plain loops for the compiler to vectorise, and GCC vector extensions where
// lanes differ.

#include <immintrin.h>

#include "tile_kernel.h"

namespace thz::sim::internal {
namespace {

typedef float Lanes __attribute__((vector_size(4 * THZ_LANES)));
typedef float LooseLanes __attribute__((vector_size(4 * THZ_LANES), aligned(4)));
typedef int IntLanes __attribute__((vector_size(4 * THZ_LANES)));
typedef int LooseIntLanes __attribute__((vector_size(4 * THZ_LANES), aligned(4)));

/// Bit i says whether lane i of a comparison holds.
inline unsigned lane_bits(IntLanes holds) {
#if THZ_LANES == 16
  return _mm512_movepi32_mask(reinterpret_cast<__m512i>(holds));
#elif THZ_LANES == 8
  return static_cast<unsigned>(_mm256_movemask_ps(reinterpret_cast<__m256>(holds)));
#else
  return static_cast<unsigned>(_mm_movemask_ps(reinterpret_cast<__m128>(holds)));
#endif
}

// Four floats at a time, for rows of nodes and facets that become columns.
typedef float Quad __attribute__((vector_size(16)));

inline Quad load_quad(const float* from) { return _mm_load_ps(from); }

inline void transpose(Quad& a, Quad& b, Quad& c, Quad& d) {
  const Quad ab = _mm_unpacklo_ps(a, b), cd = _mm_unpacklo_ps(c, d);
  const Quad ab2 = _mm_unpackhi_ps(a, b), cd2 = _mm_unpackhi_ps(c, d);
  a = _mm_movelh_ps(ab, cd);
  b = _mm_movehl_ps(cd, ab);
  c = _mm_movelh_ps(ab2, cd2);
  d = _mm_movehl_ps(cd2, ab2);
}

#include "tile_cells.inl"
#include "tile_cover.inl"
#include "tile_facets.inl"
#include "tile_patch.inl"

}  // namespace

const TileKernel THZ_KERNEL_TABLE = {project_nodes, set_facets,      cover_grid,
                                     cover_points,  start_on_facets, to_surface,
                                     weigh_cells,   judge_cells,     place_points};

}  // namespace thz::sim::internal
