// Part of tile_kernel.inl: which facet lies in front.

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
