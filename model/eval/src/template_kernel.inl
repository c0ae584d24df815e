// Template matching for one instruction set. The including file defines THZ_LANES and
// THZ_KERNEL_NAME. GCC vector extensions: the same arithmetic, lane by lane, at 4, 8 or 16 lanes.
// Internal linkage, so that no copy built for a newer processor can be linked into another kernel.

#include "template_kernel.h"

namespace thz::eval::internal {
namespace {

typedef float Lanes __attribute__((vector_size(4 * THZ_LANES)));

inline Lanes load(const float* p) {
  Lanes v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

inline void store(float* p, Lanes v) { __builtin_memcpy(p, &v, sizeof v); }

/// Rows of products that are kept: those of a window of 11, a power of two for the turn.
constexpr int kRing = 16;
constexpr int kWindow = 11;

/// Where a shift lays the two pictures, and what it covers.
struct Overlap {
  int rows, cols;
  const float *probe, *gallery;  // first pixels
  const float *mean_p, *mean_g, *variance_p, *variance_g;
};

inline Overlap overlap_of(const TemplatePicture& probe, const TemplatePicture& gallery,
                          const TemplateSetting& s, int dy, int dx) {
  const int probe_row = dy < 0 ? -dy : 0, probe_col = dx < 0 ? -dx : 0;
  const long p = probe_row * s.stride + probe_col;
  const long g = (probe_row + dy) * s.stride + probe_col + dx;
  return {s.rows - (dy < 0 ? -dy : dy),
          s.cols - (dx < 0 ? -dx : dx),
          probe.pixels + p,
          gallery.pixels + g,
          probe.mean + p,
          gallery.mean + g,
          probe.variance + p,
          gallery.variance + g};
}

/// The vertical half of the filtered product: row r of windows from 11 rows of products.
inline void filter_down(const float* ring, long width, int r, const TemplateSetting& s, float* to) {
  const float* row[kWindow];
  for (int k = 0; k < kWindow; ++k) row[k] = ring + ((r + k) % kRing) * width;
  for (long c = 0; c < width; c += THZ_LANES) {
    Lanes sum = s.taps[5] * load(row[5] + c);
    for (int k = 0; k < 5; ++k) sum += s.taps[k] * (load(row[k] + c) + load(row[10 - k] + c));
    store(to + c, sum);
  }
}

/// The horizontal half, and SSIM of a row of windows, added column by column.
inline void add_ssim(const float* down, const Overlap& o, long row, int windows,
                     const TemplateSetting& s, float* sums) {
  for (int c = 0; c < windows; c += THZ_LANES) {
    const float* x = down + c;
    Lanes cross = s.taps[5] * load(x + 5);
    for (int k = 0; k < 5; ++k) cross += s.taps[k] * (load(x + k) + load(x + 10 - k));
    const Lanes a = load(o.mean_p + row + c), b = load(o.mean_g + row + c);
    const Lanes va = load(o.variance_p + row + c), vb = load(o.variance_g + row + c);
    const Lanes product = a * b;
    const Lanes top = (2.0f * product + s.c1) * (2.0f * (cross - product) + s.c2);
    const Lanes bottom = (a * a + (b * b + s.c1)) * (va + vb + s.c2);
    store(sums + c, load(sums + c) + top / bottom);
  }
}

/// Sum of SSIM over the windows of one overlap.
inline double sum_ssim(const Overlap& o, const TemplateSetting& s, float* scratch) {
  const long width = (o.cols + THZ_LANES - 1) / THZ_LANES * THZ_LANES;
  const long room = s.stride + 2 * kTemplateLanes;
  float *ring = scratch, *down = scratch + kRing * room, *sums = down + room;
  for (long c = 0; c < room; ++c) down[c] = sums[c] = 0.0f;
  const int windows = o.cols - kWindow + 1;
  for (int r = 0; r < o.rows; ++r) {
    float* products = ring + (r % kRing) * width;
    const float *p = o.probe + r * s.stride, *g = o.gallery + r * s.stride;
    for (long c = 0; c < width; c += THZ_LANES) store(products + c, load(p + c) * load(g + c));
    const int first = r - kWindow + 1;
    if (first < 0) continue;
    filter_down(ring, width, first, s, down);
    add_ssim(down, o, first * s.stride, windows, s, sums);
  }
  // Lanes beyond the last window hold sums of nothing.
  double sum = 0.0;
  for (int c = 0; c < windows; ++c) sum += static_cast<double>(sums[c]);
  return sum;
}

}  // namespace

double THZ_KERNEL_NAME(const TemplatePicture& probe, const TemplatePicture& gallery,
                       const TemplateSetting& setting, float* scratch) {
  double best = -1.0;
  for (int dy = -setting.max_shift; dy <= setting.max_shift; ++dy) {
    for (int dx = -setting.max_shift; dx <= setting.max_shift; ++dx) {
      const Overlap overlap = overlap_of(probe, gallery, setting, dy, dx);
      const double windows =
          static_cast<double>(overlap.rows - kWindow + 1) * (overlap.cols - kWindow + 1);
      const double mean = sum_ssim(overlap, setting, scratch) / windows;
      if (mean > best) best = mean;
    }
  }
  return best;
}

}  // namespace thz::eval::internal
