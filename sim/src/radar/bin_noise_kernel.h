#pragma once

// Plain types only, for the reason given in ../integrator/pair_kernel.h.

namespace thz::sim::internal {

/// Outputs of the mixing that are summed side by side, and floats of a line taken at a time.
constexpr int kMixedRows = 4;
constexpr int kMixedFloats = 16;

/// Lower triangular matrix by groups of kMixedRows rows: [group][column][row of the group], zero
/// above the diagonal; columns of a group from `first` up to its last row.
struct MixFactor {
  const float* values;
  const long* start;  ///< [group] where its values begin, less those of columns left out
  const int* first;   ///< [group] columns before are nothing
  int groups;
};

/// out[row] = sum of factor(row, column) in[column], in place.
/// @param lines  [kMixedRows groups][stride]; `floats` of each, a multiple of kMixedFloats.
using MixKernel = void (*)(const MixFactor& factor, long floats, long stride, float* lines);

void mix_kernel_sse2(const MixFactor&, long, long, float*);
void mix_kernel_avx2(const MixFactor&, long, long, float*);
void mix_kernel_avx512(const MixFactor&, long, long, float*);

}  // namespace thz::sim::internal
