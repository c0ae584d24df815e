// Part of tile_kernel.inl: which cells of a tile count as they are and which are cut, and where
// points lie.

inline Lanes lanes_at(const float* from) { return *reinterpret_cast<const LooseLanes*>(from); }
inline IntLanes ints_at(const int* from) { return *reinterpret_cast<const LooseIntLanes*>(from); }
inline Lanes magnitude(Lanes x) { return x < 0.0f ? -x : x; }

/// Cells inside the taper.
inline unsigned inside_bits(const float* facing, float cos_end) {
  unsigned bits = 0;
  for (int x = 0; x < kTileSide; x += THZ_LANES) {
    bits |= lane_bits(lanes_at(facing + x) > cos_end) << x;
  }
  return bits;
}

/// Cells around which something ends or bends, across `step`.
inline void judge_across(const CellView& cells, const CellLimits& limits, int c, int step,
                         IntLanes& ends, IntLanes& bends) {
  // Cells without a smooth place are misses, or so steep that an edge is near.
  ends |= (lanes_at(cells.facing + c - step) < -1.0f) | (lanes_at(cells.facing + c + step) < -1.0f);
  ends |= ints_at(cells.material + c - step) != ints_at(cells.material + c + step);
  if (cells.covered != nullptr) {
    ends |= ints_at(cells.covered + c - step) != ints_at(cells.covered + c + step);
  }
  const Lanes here = lanes_at(cells.zeta_m + c);
  const Lanes second = magnitude((lanes_at(cells.zeta_m + c - step) - here) -
                                 (here - lanes_at(cells.zeta_m + c + step)));
  ends |= second > limits.fold_m;
  bends |= second > limits.smooth_m;
}

void judge_cells(const CellView& cells, const CellLimits& limits, int columns, int rows,
                 CellMarks& marks) {
  unsigned inside[kTileSide];
  for (int y = 0; y < kTileSide; ++y) {
    inside[y] = inside_bits(cells.facing + y * kTileSide, limits.cos_end);
    marks.whole[y] = marks.curved[y] = marks.edge[y] = 0;
  }
  const unsigned inner = columns > 1 ? ((1u << columns) - 1u) & ~1u : 0u;
  for (int y = 1; y < rows; ++y) {
    const unsigned in = inside[y];
    const unsigned beside = (in << 1) | (in >> 1) | inside[y - 1] | inside[y + 1];
    if (((in | beside) & inner) == 0) continue;
    unsigned ends = 0, bends = 0;
    for (int x = 0; x < kTileSide && in != 0; x += THZ_LANES) {
      IntLanes end_here = {}, bend_here = {};
      judge_across(cells, limits, y * kTileSide + x, 1, end_here, bend_here);
      judge_across(cells, limits, y * kTileSide + x, kTileSide, end_here, bend_here);
      ends |= lane_bits(end_here) << x;
      bends |= lane_bits(bend_here) << x;
    }
    marks.whole[y] = in & ~ends & ~bends & inner;
    marks.curved[y] = in & ~ends & bends & inner;
    marks.edge[y] = ((in & ends) | (beside & ~in)) & inner;
  }
}

void place_points(const double origin_m[2], double pitch_m, double standoff_m, long count,
                  const float* x, const float* y, const float* zeta_m, double* direction,
                  double* range_m) {
  constexpr int kBlock = 64;
  alignas(64) double across[kBlock], along[kBlock], down[kBlock];
  for (long first = 0; first < count; first += kBlock) {
    const int block = count - first < kBlock ? static_cast<int>(count - first) : kBlock;
#pragma GCC ivdep
    for (int i = 0; i < block; ++i) {
      const double foot_x = origin_m[0] + pitch_m * static_cast<double>(x[first + i]);
      const double foot_y = origin_m[1] + pitch_m * static_cast<double>(y[first + i]);
      const double inverse =
          1.0 / __builtin_sqrt(foot_x * foot_x + foot_y * foot_y + standoff_m * standoff_m);
      across[i] = foot_x * inverse;
      along[i] = foot_y * inverse;
      down[i] = -standoff_m * inverse;
      range_m[first + i] = standoff_m + static_cast<double>(zeta_m[first + i]);
    }
    double* out = direction + 3 * first;
    for (int i = 0; i < block; ++i) {
      out[3 * i] = across[i];
      out[3 * i + 1] = along[i];
      out[3 * i + 2] = down[i];
    }
  }
}
