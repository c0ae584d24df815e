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

// A share this far below zero still counts as inside: no ray may slip between two facets.
constexpr float kSlack = -1e-4f;

struct LaneRamp {
  Lanes value;
  LaneRamp() {
    for (int i = 0; i < THZ_LANES; ++i) value[i] = static_cast<float>(i);
  }
};

/// Takes the facet for the lanes it covers nearer than what they have.
inline void cover_lanes(const Facet& f, int index, Lanes dx, Lanes dy, Lanes& nearness,
                        IntLanes& nearest) {
  const Lanes share1 = f.share1_x * dx + f.share1_y * dy;
  const Lanes share2 = f.share2_x * dx + f.share2_y * dy;
  const Lanes here = f.near0 + f.near_x * dx + f.near_y * dy;
  const IntLanes take =
      (share1 > kSlack) & (share2 > kSlack) & (share1 + share2 < 1.0f - kSlack) & (here > nearness);
  nearness = take ? here : nearness;
  nearest = take ? IntLanes{} + index : nearest;
}

inline int ceil_from_zero(float x) {
  if (x <= 0.0f) return 0;
  const int whole = static_cast<int>(x);
  return static_cast<float>(whole) < x ? whole + 1 : whole;
}

void cover_grid(const Facet* facets, const int* list, long count, float tile_x, float tile_y,
                float* nearness, int* nearest) {
  const LaneRamp ramp;
  for (long n = 0; n < count; ++n) {
    const Facet& f = facets[list[n]];
    const float top_x = f.high_x - tile_x, top_y = f.high_y - tile_y;
    if (top_x < 0.0f || top_y < 0.0f) continue;
    const int first = ceil_from_zero(f.low_x - tile_x) / THZ_LANES * THZ_LANES;
    const int last = top_x < kTileSide - 1 ? static_cast<int>(top_x) : kTileSide - 1;
    const int last_row = top_y < kTileSide - 1 ? static_cast<int>(top_y) : kTileSide - 1;
    for (int row = ceil_from_zero(f.low_y - tile_y); row <= last_row; ++row) {
      const Lanes dy = Lanes{} + (tile_y - f.y0 + static_cast<float>(row));
      for (int column = first; column <= last; column += THZ_LANES) {
        const Lanes dx = ramp.value + (tile_x - f.x0 + static_cast<float>(column));
        auto& here = *reinterpret_cast<Lanes*>(nearness + row * kTileSide + column);
        auto& which = *reinterpret_cast<IntLanes*>(nearest + row * kTileSide + column);
        cover_lanes(f, list[n], dx, dy, here, which);
      }
    }
  }
}

/// Bounds of a run of facets, side by side.
constexpr int kFacetRun = 256;
struct FacetBounds {
  alignas(64) float low_x[kFacetRun];
  alignas(64) float high_x[kFacetRun];
  alignas(64) float low_y[kFacetRun];
  alignas(64) float high_y[kFacetRun];

  /// @returns the number of facets, filled up with empty ones to whole lanes.
  int fill(const Facet* facets, const int* list, long count) {
    const int n = count < kFacetRun ? static_cast<int>(count) : kFacetRun;
    for (int i = 0; i < n; ++i) {
      const Facet& f = facets[list[i]];
      low_x[i] = f.low_x;
      high_x[i] = f.high_x;
      low_y[i] = f.low_y;
      high_y[i] = f.high_y;
    }
    const int whole = (n + THZ_LANES - 1) / THZ_LANES * THZ_LANES;
    for (int i = n; i < whole; ++i) {
      low_x[i] = low_y[i] = 1e30f;
      high_x[i] = high_y[i] = -1e30f;
    }
    return whole;
  }
};

/// Points of one vector against a run of facets.
inline void cover_block(const Facet* facets, const int* list, const FacetBounds& bounds, int count,
                        const float* x, const float* y, float* nearness, int* nearest) {
  float low_x = x[0], high_x = low_x, low_y = y[0], high_y = low_y;
  for (int i = 1; i < THZ_LANES; ++i) {
    low_x = x[i] < low_x ? x[i] : low_x;
    high_x = x[i] > high_x ? x[i] : high_x;
    low_y = y[i] < low_y ? y[i] : low_y;
    high_y = y[i] > high_y ? y[i] : high_y;
  }
  const Lanes px = *reinterpret_cast<const LooseLanes*>(x);
  const Lanes py = *reinterpret_cast<const LooseLanes*>(y);
  Lanes here = *reinterpret_cast<const LooseLanes*>(nearness);
  IntLanes which = *reinterpret_cast<const LooseIntLanes*>(nearest);
  for (int first = 0; first < count; first += THZ_LANES) {
    const auto at = [first](const float* bound) {
      return *reinterpret_cast<const Lanes*>(bound + first);
    };
    const IntLanes meets = (at(bounds.low_x) <= high_x) & (at(bounds.high_x) >= low_x) &
                           (at(bounds.low_y) <= high_y) & (at(bounds.high_y) >= low_y);
    for (unsigned bits = lane_bits(meets); bits != 0; bits &= bits - 1) {
      const int index = list[first + __builtin_ctz(bits)];
      const Facet& f = facets[index];
      cover_lanes(f, index, px - f.x0, py - f.y0, here, which);
    }
  }
  *reinterpret_cast<LooseLanes*>(nearness) = here;
  *reinterpret_cast<LooseIntLanes*>(nearest) = which;
}

void cover_points(const Facet* facets, const int* list, long count, const float* x, const float* y,
                  long points, float* nearness, int* nearest) {
  for (long i = 0; i < points; ++i) {
    nearness[i] = kFar;
    nearest[i] = -1;
  }
  FacetBounds bounds;
  for (long start = 0; start < count; start += kFacetRun) {
    const int run = bounds.fill(facets, list + start, count - start);
    for (long p = 0; p < points; p += THZ_LANES) {
      cover_block(facets, list + start, bounds, run, x + p, y + p, nearness + p, nearest + p);
    }
  }
}

/// Four nodes side by side: rows[axis][lane] = from[lane][axis].
inline void transpose_nodes(const float* const from[4], float* const rows[3]) {
  const __m128 a = _mm_load_ps(from[0]), b = _mm_load_ps(from[1]);
  const __m128 c = _mm_load_ps(from[2]), d = _mm_load_ps(from[3]);
  const __m128 ab = _mm_unpacklo_ps(a, b), cd = _mm_unpacklo_ps(c, d);
  _mm_store_ps(rows[0], _mm_movelh_ps(ab, cd));
  _mm_store_ps(rows[1], _mm_movehl_ps(cd, ab));
  _mm_store_ps(rows[2], _mm_movelh_ps(_mm_unpackhi_ps(a, b), _mm_unpackhi_ps(c, d)));
}

/// The fine triangle over each point's parameters.
void find_fine(int side, int points, PatchRun& run) {
  const auto steps = static_cast<float>(side);
#pragma GCC ivdep
  for (int p = 0; p < points; ++p) {
    const float x = run.u[p] * steps, y = run.v[p] * steps;
    int j = static_cast<int>(y > 0.0f ? y : 0.0f);
    j = j < side - 1 ? j : side - 1;
    int i = static_cast<int>(x > 0.0f ? x : 0.0f);
    i = i < side - 1 - j ? i : side - 1 - j;
    const float fine_x = x - static_cast<float>(i), fine_y = y - static_cast<float>(j);
    const bool upper = (fine_x + fine_y > 1.0f) & (i + j < side - 1);
    const int row = j * (side + 1) - ((j * (j - 1)) >> 1) + i;
    const int next_row = row + side + 1 - j;
    run.fine_before[p] = run.fine[p];
    run.fine[p] = upper ? -1 - row : row;
    run.fine_u[p] = upper ? 1.0f - fine_x : fine_x;
    run.fine_v[p] = upper ? 1.0f - fine_y : fine_y;
    run.turn[p] = (upper ? -1.0f : 1.0f) / steps;
    run.corner[0][p] = upper ? next_row + 1 : row;
    run.corner[1][p] = upper ? next_row : row + 1;
    run.corner[2][p] = upper ? row + 1 : next_row;
  }
}

/// Corners of the fine triangle over each point's parameters; where it is the one it was, they
/// stay.
void gather_patches(const PatchView& patches, bool again, int points, PatchRun& run) {
  find_fine(patches.side, points, run);
  for (int first = 0; first < points; first += 4) {
    if (again && __builtin_memcmp(run.fine + first, run.fine_before + first, 16) == 0) continue;
    const int* nodes[4];
    for (int q = 0; q < 4; ++q) {
      nodes[q] = patches.patch_nodes +
                 static_cast<long>(run.triangle[first + q]) * patches.nodes_per_triangle;
    }
    for (int c = 0; c < 3; ++c) {
      const float* from[4];
      for (int q = 0; q < 4; ++q) {
        from[q] = patches.nodes + 8L * nodes[q][run.corner[c][first + q]];
      }
      float* const positions[3] = {run.node[3 * c] + first, run.node[3 * c + 1] + first,
                                   run.node[3 * c + 2] + first};
      transpose_nodes(from, positions);
      for (int q = 0; q < 4; ++q) from[q] += 4;
      float* const normals[3] = {run.node[3 * c + 9] + first, run.node[3 * c + 10] + first,
                                 run.node[3 * c + 11] + first};
      transpose_nodes(from, normals);
    }
  }
}

/// One Newton step: where the ray meets the tangent plane of the quadratic patch.
void meet_patches(const RayFrame& r, int points, PatchRun& run) {
  const float* o = r.origin_m;
  const float *ax = r.axis_x, *ay = r.axis_y, *az = r.axis_z;
#pragma GCC ivdep
  for (int p = 0; p < points; ++p) {
    const float x = run.x_m[p], y = run.y_m[p], u = run.fine_u[p], v = run.fine_v[p];
    const float w = 1.0f - u - v;
    const float length = __builtin_sqrtf(r.standoff_m * r.standoff_m + x * x + y * y);
    const float inverse = 1.0f / length;
    // The ray's direction, and from its foot point to corner 0.
    const float ex = (x * ax[0] + y * ay[0] - r.standoff_m * az[0]) * inverse;
    const float ey = (x * ax[1] + y * ay[1] - r.standoff_m * az[1]) * inverse;
    const float ez = (x * ax[2] + y * ay[2] - r.standoff_m * az[2]) * inverse;
    const float gx = run.node[0][p] - (o[0] + x * ax[0] + y * ay[0]);
    const float gy = run.node[1][p] - (o[1] + x * ax[1] + y * ay[1]);
    const float gz = run.node[2][p] - (o[2] + x * ax[2] + y * ay[2]);
    // Edges, the flat point, its heights over the three tangent planes; all from corner 0.
    const float a0 = run.node[3][p] - run.node[0][p], b0 = run.node[6][p] - run.node[0][p];
    const float a1 = run.node[4][p] - run.node[1][p], b1 = run.node[7][p] - run.node[1][p];
    const float a2 = run.node[5][p] - run.node[2][p], b2 = run.node[8][p] - run.node[2][p];
    const float f0 = u * a0 + v * b0, f1 = u * a1 + v * b1, f2 = u * a2 + v * b2;
    const float n00 = run.node[9][p], n01 = run.node[10][p], n02 = run.node[11][p];
    const float n10 = run.node[12][p], n11 = run.node[13][p], n12 = run.node[14][p];
    const float n20 = run.node[15][p], n21 = run.node[16][p], n22 = run.node[17][p];
    const float h0 = 0.5f * w * (f0 * n00 + f1 * n01 + f2 * n02);
    const float h1 = 0.5f * u * ((f0 - a0) * n10 + (f1 - a1) * n11 + (f2 - a2) * n12);
    const float h2 = 0.5f * v * ((f0 - b0) * n20 + (f1 - b1) * n21 + (f2 - b2) * n22);
    const float s0 = f0 - h0 * n00 - h1 * n10 - h2 * n20;
    const float s1 = f1 - h0 * n01 - h1 * n11 - h2 * n21;
    const float s2 = f2 - h0 * n02 - h1 * n12 - h2 * n22;
    const float n0 = w * n00 + u * n10 + v * n20;
    const float n1 = w * n01 + u * n11 + v * n21;
    const float n2 = w * n02 + u * n12 + v * n22;
    const float unit = 1.0f / __builtin_sqrtf(n0 * n0 + n1 * n1 + n2 * n2);
    const float facing = -(n0 * ex + n1 * ey + n2 * ez) * unit;
    // At grazing incidence the tangent plane is no guide; such a point carries no coherent return.
    const float guide = facing > 0.05f || facing < -0.05f ? facing : 0.05f;
    const float t = -(n0 * (gx + s0) + n1 * (gy + s1) + n2 * (gz + s2)) * unit / guide;
    const float m0 = t * ex - gx - s0, m1 = t * ey - gy - s1, m2 = t * ez - gz - s2;
    const float c0 = a1 * b2 - a2 * b1, c1 = a2 * b0 - a0 * b2, c2 = a0 * b1 - a1 * b0;
    const float scale = run.turn[p] / (c0 * c0 + c1 * c1 + c2 * c2 + 1e-30f);
    const float du = (m1 * b2 - m2 * b1) * c0 + (m2 * b0 - m0 * b2) * c1 + (m0 * b1 - m1 * b0) * c2;
    const float dv = (a1 * m2 - a2 * m1) * c0 + (a2 * m0 - a0 * m2) * c1 + (a0 * m1 - a1 * m0) * c2;
    run.u[p] += du * scale;
    run.v[p] += dv * scale;
    run.zeta_m[p] = t + (x * x + y * y) / (length + r.standoff_m);
    run.facing[p] = facing;
    run.normal_x[p] = (n0 * ax[0] + n1 * ax[1] + n2 * ax[2]) * unit;
    run.normal_y[p] = (n0 * ay[0] + n1 * ay[1] + n2 * ay[2]) * unit;
    run.point_m[0][p] = o[0] + x * ax[0] + y * ay[0] + t * ex;
    run.point_m[1][p] = o[1] + x * ax[1] + y * ay[1] + t * ey;
    run.point_m[2][p] = o[2] + x * ax[2] + y * ay[2] + t * ez;
  }
}

void to_surface(const PatchView& patches, const RayFrame& rays, int steps, int points,
                PatchRun& run) {
  for (int step = 0; step < steps; ++step) {
    gather_patches(patches, step > 0, points, run);
    meet_patches(rays, points, run);
  }
}

/// sin(x) / x: its power series below 2.5 (error 3e-7), above it the sine of x's turns by minimax
/// polynomial (6e-6 absolute, over x).
inline float sinc(float x) {
  constexpr float kTurn = 0.15915494309f;
  const float t = x * x;
  float series = t * 1.6059044e-10f - 2.5052108e-8f;
  series = series * t + 2.7557319e-6f;
  series = series * t - 1.9841270e-4f;
  series = series * t + 8.3333333e-3f;
  series = series * t - 0.16666667f;
  series = series * t + 1.0f;
  const float turns = x * kTurn;
  const float f = turns - ((turns + 12582912.0f) - 12582912.0f);
  const float f2 = f * f;
  float s = f2 * 32.7813902f - 74.4779991f;
  s = s * f2 + 81.3668142f;
  s = s * f2 - 41.3312141f;
  s = s * f2 + 6.28305576f;
  const float far = t > 1.0f ? x : 1.0f;
  return t < 6.25f ? series : s * f / far;
}

void weigh_cells(float standoff_m, float wavenumber, float pitch_m, int points, PatchRun& run) {
  const float stretch = wavenumber * pitch_m;
#pragma GCC ivdep
  for (int p = 0; p < points; ++p) {
    const float x = run.x_m[p], y = run.y_m[p];
    const float length = __builtin_sqrtf(standoff_m * standoff_m + x * x + y * y);
    const float inverse = 1.0f / length;
    const float range = standoff_m + run.zeta_m[p];
    const float facing = run.facing[p] > 0.05f ? run.facing[p] : 0.05f;
    // Range on the tangent plane: da/dx = -a (n . de/dx) / (n . e), de/dx = (x^ - e x / L) / L.
    const float slope_x = range * inverse * (run.normal_x[p] / facing + x * inverse);
    const float slope_y = range * inverse * (run.normal_y[p] / facing + y * inverse);
    const float solid_angle = standoff_m * pitch_m * pitch_m * inverse * inverse * inverse;
    run.weight[p] = range * range * solid_angle * sinc(stretch * slope_x) * sinc(stretch * slope_y);
  }
}

}  // namespace

const TileKernel THZ_KERNEL_TABLE = {cover_grid, cover_points, to_surface, weigh_cells};

}  // namespace thz::sim::internal
