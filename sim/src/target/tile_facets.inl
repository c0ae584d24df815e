// Part of tile_kernel.inl: from nodes and triangles to facets.

void project_nodes(const ViewProjection& view, const float* nodes, const int* which, long count,
                   ViewCorner* out) {
  const float *r = view.rotation, *t = view.translation;
  for (long first = 0; first < count; first += 4) {
    Quad rows[4];
    for (long q = 0; q < 4; ++q) {
      const long i = first + q < count ? first + q : count - 1;
      rows[q] = load_quad(nodes + 8 * (which != nullptr ? static_cast<long>(which[i]) : i));
    }
    transpose(rows[0], rows[1], rows[2], rows[3]);
    const Quad x = r[0] * rows[0] + r[1] * rows[1] + r[2] * rows[2] + t[0];
    const Quad y = r[3] * rows[0] + r[4] * rows[1] + r[5] * rows[2] + t[1];
    const Quad z = r[6] * rows[0] + r[7] * rows[1] + r[8] * rows[2] + t[2];
    const Quad inverse = 1.0f / (view.standoff - z);
    Quad seen_x = x * inverse * view.scale - view.x0;
    Quad seen_y = y * inverse * view.scale - view.y0;
    Quad near = z * inverse, unused = {};
    transpose(seen_x, seen_y, near, unused);
    _mm_store_ps(&out[first].x, seen_x);
    _mm_store_ps(&out[first + 1].x, seen_y);
    _mm_store_ps(&out[first + 2].x, near);
    _mm_store_ps(&out[first + 3].x, unused);
  }
}

inline float least_of(float a, float b, float c) {
  const float ab = a < b ? a : b;
  return ab < c ? ab : c;
}

inline float most_of(float a, float b, float c) {
  const float ab = a > b ? a : b;
  return ab > c ? ab : c;
}

/// Facets side by side, and whether they are kept.
struct FacetColumns {
  alignas(64) float share1_x[kFacetBatch], share1_y[kFacetBatch];
  alignas(64) float share2_x[kFacetBatch], share2_y[kFacetBatch];
  alignas(64) float near_x[kFacetBatch], near_y[kFacetBatch];
  alignas(64) float low_x[kFacetBatch], high_x[kFacetBatch];
  alignas(64) float low_y[kFacetBatch], high_y[kFacetBatch];
  alignas(64) int keep[kFacetBatch];

  void fill(const FacetLimits& limits, const FacetBatch& batch) {
    const int count = (batch.count + 15) / 16 * 16;
    const int hide_back = limits.one_sided ? -1 : 0;
#pragma GCC ivdep
    for (int i = 0; i < count; ++i) {
      const float ax = batch.x[0][i], ay = batch.y[0][i];
      const float bx = batch.x[1][i] - ax, by = batch.y[1][i] - ay;
      const float cx = batch.x[2][i] - ax, cy = batch.y[2][i] - ay;
      low_x[i] = ax + least_of(0.0f, bx, cx);
      high_x[i] = ax + most_of(0.0f, bx, cx);
      low_y[i] = ay + least_of(0.0f, by, cy);
      high_y[i] = ay + most_of(0.0f, by, cy);
      const float area = bx * cy - by * cx;
      const float size =
          __builtin_fabsf(bx) + __builtin_fabsf(by) + __builtin_fabsf(cx) + __builtin_fabsf(cy);
      // Seen from the edge: thinner than a millionth of a cell.
      const int thin = -(__builtin_fabsf(area) < 1e-6f * size);
      const int back = -(area < 0.0f) & hide_back;
      const int reaches = -(high_x[i] >= -1.0f) & -(high_y[i] >= -1.0f) &
                          -(low_x[i] <= limits.columns) & -(low_y[i] <= limits.rows);
      keep[i] = reaches & ~thin & ~back;
      const float inverse = 1.0f / area;
      share1_x[i] = cy * inverse;
      share1_y[i] = -cx * inverse;
      share2_x[i] = -by * inverse;
      share2_y[i] = bx * inverse;
      const float b_near = batch.near[1][i] - batch.near[0][i];
      const float c_near = batch.near[2][i] - batch.near[0][i];
      near_x[i] = share1_x[i] * b_near + share2_x[i] * c_near;
      near_y[i] = share1_y[i] * b_near + share2_y[i] * c_near;
    }
  }
};

int set_facets(const FacetLimits& limits, FacetBatch& batch, Facet* out) {
  // The last lanes may hold what was there before: they are computed and dropped.
  FacetColumns columns;
  columns.fill(limits, batch);
  int kept = 0;
  for (int i = 0; i < batch.count; ++i) {
    if (columns.keep[i] == 0) continue;
    Facet& f = out[kept++];
    f.x0 = batch.x[0][i];
    f.y0 = batch.y[0][i];
    f.share1_x = columns.share1_x[i];
    f.share1_y = columns.share1_y[i];
    f.share2_x = columns.share2_x[i];
    f.share2_y = columns.share2_y[i];
    f.u0 = batch.u0[i];
    f.v0 = batch.v0[i];
    f.turn = batch.turn[i];
    f.triangle = batch.triangle[i];
    f.may_face = batch.may_face[i];
    f.near_y = columns.near_y[i];
    f.low_x = columns.low_x[i];
    f.high_x = columns.high_x[i];
    f.low_y = columns.low_y[i];
    f.high_y = columns.high_y[i];
    f.near0 = batch.near[0][i];
    f.near_x = columns.near_x[i];
  }
  batch.count = 0;
  return kept;
}
