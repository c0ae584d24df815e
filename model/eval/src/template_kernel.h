#pragma once

// Plain types only: this header is compiled for several instruction sets, and an inline function of
// the standard library built for AVX-512 must never be the one the linker keeps.

namespace thz::eval::internal {

/// Lanes of the widest kernel: rows of pictures are padded by as many and rounded up to them.
constexpr int kTemplateLanes = 16;

/// A picture prepared for template matching: zeros beyond its columns.
struct TemplatePicture {
  const float* pixels;    ///< [rows][stride]
  const float* mean;      ///< [rows - 10][stride] of every SSIM window
  const float* variance;  ///< [rows - 10][stride]
};

struct TemplateSetting {
  int rows, cols;  ///< of a picture
  long stride;     ///< of its rows, at least cols rounded up to kTemplateLanes and as many more
  int max_shift;
  float taps[6];  ///< of the Gaussian window from its edge to its middle
  float c1, c2;   ///< of SSIM
};

/// Floats that a kernel needs to work in.
constexpr long template_scratch(long stride) { return 18 * (stride + 2 * kTemplateLanes); }

/// The largest mean SSIM over all shifts, each on the overlap: gallery pixel (r + dy, c + dx) on
/// probe pixel (r, c).
using TemplateKernel = double (*)(const TemplatePicture& probe, const TemplatePicture& gallery,
                                  const TemplateSetting& setting, float* scratch);

double template_kernel_sse2(const TemplatePicture&, const TemplatePicture&, const TemplateSetting&,
                            float*);
double template_kernel_avx2(const TemplatePicture&, const TemplatePicture&, const TemplateSetting&,
                            float*);
double template_kernel_avx512(const TemplatePicture&, const TemplatePicture&,
                              const TemplateSetting&, float*);

}  // namespace thz::eval::internal
