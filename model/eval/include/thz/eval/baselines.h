#pragma once

#include <vector>

#include "thz/core/image.h"
#include "thz/core/progress.h"
#include "thz/eval/verification.h"

namespace thz::eval {

struct TemplateOptions {
  int max_shift_px = 4;  ///< in [0, 16]; both axes
  int threads = 0;
};

/// Template matching: distance = 1 - max over shifts |dx|, |dy| <= max_shift_px of the windowed
/// SSIM of the overlap of probe and shifted gallery image. At shift 0 this is ssim().
///
/// Gaussian means and variances of an image are computed once (a shift only moves them); a pair
/// costs one filtered product a shift. Float moments, double sums: within 1e-4 of the double SSIM.
/// @param images  [N], one shape, sides at least 11 + max_shift_px; probe and gallery rows index
/// it.
ScoreTable template_scores(const std::vector<ImageF>& images, const Labels& labels,
                           const std::vector<int>& probe_rows, const std::vector<int>& gallery_rows,
                           const TemplateOptions& options, const ProgressFn& progress = {},
                           const CancelToken* cancel = nullptr);

/// Pixel mean of the unconcealed images of a posture among `rows` (training rows only, or the
/// baseline has seen the test set). Throws InputError if there is none.
ImageF posture_mean_image(const std::vector<ImageF>& images, const Labels& labels,
                          const std::vector<int>& rows, int posture);

}  // namespace thz::eval
