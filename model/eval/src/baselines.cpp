#include "thz/eval/baselines.h"

#include <algorithm>
#include <mutex>

#include "gaussian_window.h"
#include "thz/core/error.h"
#include "thz/core/parallel.h"

namespace thz::eval {
namespace {

// Gaussian mean and variance at every window of one image.
struct WindowMoments {
  ImageF mean;
  ImageF variance;
};

WindowMoments window_moments(const ImageF& image) {
  // In double: the variance is a difference of nearly equal numbers in the dark parts.
  ImageD wide(image.rows, image.cols), square(image.rows, image.cols), scratch, mean, second;
  for (std::size_t i = 0; i < image.size(); ++i) {
    wide.data[i] = static_cast<double>(image.data[i]);
    square.data[i] = wide.data[i] * wide.data[i];
  }
  internal::gaussian_valid(wide, scratch, mean);
  internal::gaussian_valid(square, scratch, second);
  WindowMoments out{ImageF(mean.rows, mean.cols), ImageF(mean.rows, mean.cols)};
  for (std::size_t i = 0; i < mean.size(); ++i) {
    out.mean.data[i] = static_cast<float>(mean.data[i]);
    out.variance.data[i] = static_cast<float>(second.data[i] - mean.data[i] * mean.data[i]);
  }
  return out;
}

struct Buffers {
  ImageF product, scratch, cross;
};

// SSIM of the overlap when gallery pixel (r + dy, c + dx) lies on probe pixel (r, c).
double shifted_ssim(const ImageF& probe, const WindowMoments& of_probe, const ImageF& gallery,
                    const WindowMoments& of_gallery, int dy, int dx, Buffers& buffers) {
  const int rows = probe.rows - std::abs(dy), cols = probe.cols - std::abs(dx);
  const int probe_row = std::max(0, -dy), probe_col = std::max(0, -dx);
  const int gallery_row = probe_row + dy, gallery_col = probe_col + dx;
  if (buffers.product.rows != rows || buffers.product.cols != cols) {
    buffers.product = ImageF(rows, cols);
  }
  for (int r = 0; r < rows; ++r) {
    const float* a = probe.row(probe_row + r) + probe_col;
    const float* b = gallery.row(gallery_row + r) + gallery_col;
    float* to = buffers.product.row(r);
    for (int c = 0; c < cols; ++c) to[c] = a[c] * b[c];
  }
  internal::gaussian_valid(buffers.product, buffers.scratch, buffers.cross);
  double sum = 0.0;
  for (int r = 0; r < buffers.cross.rows; ++r) {
    float* __restrict values = buffers.cross.row(r);
    const float* ma = of_probe.mean.row(probe_row + r) + probe_col;
    const float* mb = of_gallery.mean.row(gallery_row + r) + gallery_col;
    const float* va = of_probe.variance.row(probe_row + r) + probe_col;
    const float* vb = of_gallery.variance.row(gallery_row + r) + gallery_col;
    for (int c = 0; c < buffers.cross.cols; ++c) {
      values[c] = internal::ssim_value(ma[c], mb[c], va[c], vb[c], values[c] - ma[c] * mb[c]);
    }
    for (int c = 0; c < buffers.cross.cols; ++c) sum += static_cast<double>(values[c]);
  }
  return sum / static_cast<double>(buffers.cross.size());
}

void require_templates(const std::vector<ImageF>& images, const std::vector<int>& rows,
                       const TemplateOptions& options) {
  const int minimum = kSsimWindow + options.max_shift_px;
  for (const int row : rows) {
    if (row < 0 || static_cast<std::size_t>(row) >= images.size()) {
      throw_input("template matching is asked for row {}, but there are {} images", row,
                  images.size());
    }
    const ImageF& image = images[static_cast<std::size_t>(row)];
    require_valid_image(image, fmt::format("image {}", row));
    if (image.rows < minimum || image.cols < minimum) {
      throw_input("image {} has {} x {} pixels; template matching needs at least {} a side", row,
                  image.rows, image.cols, minimum);
    }
    const ImageF& first = images[static_cast<std::size_t>(rows.front())];
    if (image.rows != first.rows || image.cols != first.cols) {
      throw_input("image {} has {} x {} pixels, image {} has {} x {}; one shape is needed", row,
                  image.rows, image.cols, rows.front(), first.rows, first.cols);
    }
  }
}

std::vector<WindowMoments> all_moments(const std::vector<ImageF>& images,
                                       const std::vector<int>& rows, int threads) {
  std::vector<WindowMoments> moments(rows.size());
  parallel_for(rows.size(), threads, [&](std::size_t i) {
    moments[i] = window_moments(images[static_cast<std::size_t>(rows[i])]);
  });
  return moments;
}

}  // namespace

ScoreTable template_scores(const std::vector<ImageF>& images, const Labels& labels,
                           const std::vector<int>& probe_rows, const std::vector<int>& gallery_rows,
                           const TemplateOptions& options, const ProgressFn& progress,
                           const CancelToken* cancel) {
  if (options.max_shift_px < 0 || options.max_shift_px > 16) {
    throw_input("a template shift of {} px is asked for; 0 to 16 are allowed",
                options.max_shift_px);
  }
  std::vector<int> all = probe_rows;
  all.insert(all.end(), gallery_rows.begin(), gallery_rows.end());
  require_templates(images, all, options);
  const auto of_probe = all_moments(images, probe_rows, options.threads);
  const auto of_gallery = all_moments(images, gallery_rows, options.threads);
  ScoreTable table{labels.subset(probe_rows), labels.subset(gallery_rows),
                   MatrixD(static_cast<Eigen::Index>(probe_rows.size()),
                           static_cast<Eigen::Index>(gallery_rows.size()))};
  std::mutex reporting;
  std::size_t done = 0;
  parallel_for(probe_rows.size(), options.threads, [&](std::size_t p) {
    Buffers buffers;
    const ImageF& probe = images[static_cast<std::size_t>(probe_rows[p])];
    for (std::size_t g = 0; g < gallery_rows.size(); ++g) {
      if (cancel != nullptr) cancel->throw_if_requested();
      const ImageF& gallery = images[static_cast<std::size_t>(gallery_rows[g])];
      double best = -1.0;
      for (int dy = -options.max_shift_px; dy <= options.max_shift_px; ++dy) {
        for (int dx = -options.max_shift_px; dx <= options.max_shift_px; ++dx) {
          best = std::max(
              best, shifted_ssim(probe, of_probe[p], gallery, of_gallery[g], dy, dx, buffers));
        }
      }
      table.distance(static_cast<Eigen::Index>(p), static_cast<Eigen::Index>(g)) = 1.0 - best;
    }
    if (progress) {
      const std::lock_guard<std::mutex> lock(reporting);
      progress(++done, probe_rows.size());
    }
  });
  return table;
}

ImageF posture_mean_image(const std::vector<ImageF>& images, const Labels& labels,
                          const std::vector<int>& rows, int posture) {
  ImageD sum;
  double count = 0.0;
  for (const int row : rows) {
    const auto r = static_cast<std::size_t>(row);
    if (row < 0 || r >= images.size() || r >= labels.size()) {
      throw_input("row {} is asked for, but there are {} images", row, images.size());
    }
    if (labels.concealed[r] != 0 || labels.posture[r] != posture) continue;
    const ImageF& image = images[r];
    if (count == 0.0) sum = ImageD(image.rows, image.cols);
    if (image.rows != sum.rows || image.cols != sum.cols) {
      throw_input("image {} has {} x {} pixels, another {} x {}; a mean needs one shape", row,
                  image.rows, image.cols, sum.rows, sum.cols);
    }
    for (std::size_t i = 0; i < sum.size(); ++i) sum.data[i] += static_cast<double>(image.data[i]);
    count += 1.0;
  }
  if (count == 0.0) {
    throw_input("there is no unconcealed image of posture {} among {} rows to average", posture,
                rows.size());
  }
  ImageF mean(sum.rows, sum.cols);
  for (std::size_t i = 0; i < mean.size(); ++i) {
    mean.data[i] = static_cast<float>(sum.data[i] / count);
  }
  return mean;
}

}  // namespace thz::eval
