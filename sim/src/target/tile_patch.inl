// Part of tile_kernel.inl: from facets to the smooth surface.

/// Four nodes side by side: rows[axis][lane] = from[lane][axis].
inline void transpose_nodes(const float* const from[4], float* const rows[3]) {
  const __m128 a = _mm_load_ps(from[0]), b = _mm_load_ps(from[1]);
  const __m128 c = _mm_load_ps(from[2]), d = _mm_load_ps(from[3]);
  const __m128 ab = _mm_unpacklo_ps(a, b), cd = _mm_unpacklo_ps(c, d);
  _mm_store_ps(rows[0], _mm_movelh_ps(ab, cd));
  _mm_store_ps(rows[1], _mm_movehl_ps(cd, ab));
  _mm_store_ps(rows[2], _mm_movelh_ps(_mm_unpackhi_ps(a, b), _mm_unpackhi_ps(c, d)));
}

void start_on_facets(const Facet* facets, const FacetHit* hits, int count, int points,
                     const CellFrame& frame, PatchRun& run) {
  for (int first = 0; first < points; first += 4) {
    Quad hit[4], a[4], b[4], c[4];
    for (int q = 0; q < 4; ++q) {
      const FacetHit& h = hits[first + q < count ? first + q : count - 1];
      const Facet& f = facets[h.facet];
      hit[q] = load_quad(&h.x);
      a[q] = load_quad(&f.x0);
      b[q] = load_quad(&f.share2_x);
      c[q] = load_quad(&f.turn);
    }
    transpose(hit[0], hit[1], hit[2], hit[3]);
    transpose(a[0], a[1], a[2], a[3]);
    transpose(b[0], b[1], b[2], b[3]);
    transpose(c[0], c[1], c[2], c[3]);
    const Quad dx = hit[0] - a[0], dy = hit[1] - a[1];
    _mm_store_ps(run.x_m + first, frame.x0_m + frame.pitch_m * hit[0]);
    _mm_store_ps(run.y_m + first, frame.y0_m + frame.pitch_m * hit[1]);
    _mm_store_ps(run.u + first, b[2] + c[0] * (a[2] * dx + a[3] * dy));
    _mm_store_ps(run.v + first, b[3] + c[0] * (b[0] * dx + b[1] * dy));
    _mm_store_si128(reinterpret_cast<__m128i*>(run.triangle + first), _mm_castps_si128(c[1]));
  }
}

/// The fine triangle over each point's parameters.
void find_fine(int side, int begin, int end, PatchRun& run) {
  const auto steps = static_cast<float>(side);
#pragma GCC ivdep
  for (int p = begin; p < end; ++p) {
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
void gather_patches(const PatchView& patches, bool again, int begin, int end, PatchRun& run) {
  find_fine(patches.side, begin, end, run);
  for (int first = begin; first < end; first += 4) {
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

/// A step is the last one if the next would change little: the range by half the product of these,
/// 8e-9 m (1e-4 rad of two-way phase at 340 GHz), slopes by the turn.
constexpr float kStillTurn = 3e-4f, kStillMove_m = 5e-5f;

/// One Newton step: where the ray meets the tangent plane of the quadratic patch.
void meet_patches(const RayFrame& r, int begin, int end, PatchRun& run) {
  const float* o = r.origin_m;
  const float *ax = r.axis_x, *ay = r.axis_y, *az = r.axis_z;
#pragma GCC ivdep
  for (int p = begin; p < end; ++p) {
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
    // How far the normal turns on the way to the new parameters.
    const float fine_du = du * scale / run.turn[p], fine_dv = dv * scale / run.turn[p];
    const float d0 = fine_du * (n10 - n00) + fine_dv * (n20 - n00);
    const float d1 = fine_du * (n11 - n01) + fine_dv * (n21 - n01);
    const float d2 = fine_du * (n12 - n02) + fine_dv * (n22 - n02);
    const float turned = (d0 * d0 + d1 * d1 + d2 * d2) * (1.0f / (kStillTurn * kStillTurn));
    const float moved = (m0 * m0 + m1 * m1 + m2 * m2) * (1.0f / (kStillMove_m * kStillMove_m));
    run.change[p] = turned > moved ? turned : moved;
    run.zeta_m[p] = t + (x * x + y * y) / (length + r.standoff_m);
    run.facing[p] = facing;
    run.normal_x[p] = (n0 * ax[0] + n1 * ax[1] + n2 * ax[2]) * unit;
    run.normal_y[p] = (n0 * ay[0] + n1 * ay[1] + n2 * ay[2]) * unit;
    run.point_m[0][p] = o[0] + x * ax[0] + y * ay[0] + t * ex;
    run.point_m[1][p] = o[1] + x * ax[1] + y * ay[1] + t * ey;
    run.point_m[2][p] = o[2] + x * ax[2] + y * ay[2] + t * ez;
  }
}

/// Blocks of points of which none moved so far, or turned so much, go no further.
void to_surface(const PatchView& patches, const RayFrame& rays, int steps, int points,
                PatchRun& run) {
  constexpr int kBlock = 16;
  gather_patches(patches, false, 0, points, run);
  meet_patches(rays, 0, points, run);
  for (int step = 1; step < steps; ++step) {
    for (int first = 0; first < points; first += kBlock) {
      float most = 0.0f;
      for (int p = first; p < first + kBlock; ++p) {
        most = run.change[p] > most ? run.change[p] : most;
      }
      if (most < 1.0f) continue;
      gather_patches(patches, true, first, first + kBlock, run);
      meet_patches(rays, first, first + kBlock, run);
    }
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
