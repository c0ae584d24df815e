// Which lattice elements the beam may see, for one instruction set; the including file defines
// THZ_LATTICE_KERNEL. Plain loops for the compiler to vectorise, compiled without fused
// multiply-adds: every instruction set gives the same bits.

#include "lattice_kernel.h"

namespace thz::sim::internal {
namespace {

constexpr int kElements = 64;  // worked on at a time

struct ElementBlock {
  alignas(64) double position[3][kElements];
  alignas(64) double normal[3][kElements];
  alignas(64) double range[kElements];
  alignas(64) double cosine[kElements];
  alignas(64) double x[kElements];
  alignas(64) double y[kElements];
  alignas(64) double near[kElements];
  alignas(64) int inside[kElements];
  alignas(64) int block_row[kElements];
  alignas(64) int block_column[kElements];
};

void read_elements(const double* position, const double* normal, long stride, int count,
                   ElementBlock& b) {
  for (int i = 0; i < count; ++i, position += stride, normal += stride) {
    for (int c = 0; c < 3; ++c) {
      b.position[c][i] = position[c];
      b.normal[c][i] = normal[c];
    }
  }
}

void see_elements(const LatticeScene& s, int count, ElementBlock& b) {
  const double* r = s.rotation;
  const double* t = s.translation_m;
  const double last_row = s.block_rows - 1, last_column = s.block_columns - 1;
#pragma GCC ivdep
  for (int i = 0; i < count; ++i) {
    const double px = b.position[0][i], py = b.position[1][i], pz = b.position[2][i];
    const double nx = b.normal[0][i], ny = b.normal[1][i], nz = b.normal[2][i];
    const double x = r[0] * px + r[1] * py + r[2] * pz + t[0];
    const double y = r[3] * px + r[4] * py + r[5] * pz + t[1];
    const double height = r[6] * px + r[7] * py + r[8] * pz + t[2];
    const double z = height - s.standoff_m;
    const double range = __builtin_sqrt(x * x + y * y + z * z);
    const double cosine =
        -((r[0] * nx + r[1] * ny + r[2] * nz) * x + (r[3] * nx + r[4] * ny + r[5] * nz) * y +
          (r[6] * nx + r[7] * ny + r[8] * nz) * z) /
        range;
    const double scale = -1.0 / z;
    const double foot_x = x * scale * s.standoff_m, foot_y = y * scale * s.standoff_m;
    const double off_x = __builtin_fabs(foot_x - s.center_m[0]);
    const double off_y = __builtin_fabs(foot_y - s.center_m[1]);
    b.range[i] = range;
    b.cosine[i] = cosine;
    b.x[i] = (foot_x - s.x0_m) / s.pitch_m;
    b.y[i] = (foot_y - s.y0_m) / s.pitch_m;
    b.near[i] = height * scale;
    b.inside[i] = (z < 0.0) & (off_x <= s.half_m[0]) & (off_y <= s.half_m[1]) ? 1 : 0;
    double row = (b.y[i] + 0.5) * s.blocks_per_cell, column = (b.x[i] + 0.5) * s.blocks_per_cell;
    row = row > 0.0 ? row : 0.0;
    column = column > 0.0 ? column : 0.0;
    b.block_row[i] = static_cast<int>(row < last_row ? row : last_row);
    b.block_column[i] = static_cast<int>(column < last_column ? column : last_column);
  }
}

}  // namespace

void THZ_LATTICE_KERNEL(const LatticeScene& scene, const double* position, const double* normal,
                        long stride, long count, FoundElements& found) {
  ElementBlock b;
  FacingElement* facing = found.facing;
  AwayElement* away = found.away;
  for (long first = 0; first < count; first += kElements) {
    const int size = count - first < kElements ? static_cast<int>(count - first) : kElements;
    read_elements(position + first * stride, normal + first * stride, stride, size, b);
    see_elements(scene, size, b);
    for (int i = 0; i < size; ++i) {
      *away = {static_cast<float>(b.near[i]), b.block_row[i], b.block_column[i]};
      away += b.inside[i] & (b.cosine[i] < kTurningAway ? 1 : 0);
    }
    for (int i = 0; i < size; ++i) {
      *facing = {b.range[i],
                 static_cast<float>(b.x[i]),
                 static_cast<float>(b.y[i]),
                 static_cast<float>(b.near[i]),
                 static_cast<float>(b.cosine[i]),
                 static_cast<unsigned long long>(first + i),
                 b.block_row[i],
                 b.block_column[i]};
      facing += b.inside[i] & (b.cosine[i] > 0.0 ? 1 : 0);
    }
  }
  found.facing_count = facing - found.facing;
  found.away_count = away - found.away;
}

}  // namespace thz::sim::internal
