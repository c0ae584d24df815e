#include "thz/eval/baselines.h"

#include <algorithm>
#include <mutex>

#include "gaussian_window.h"
#include "template_kernel.h"
#include "thz/core/error.h"
#include "thz/core/parallel.h"
#include "thz/core/version.h"

namespace thz::eval {
namespace {

// A picture as the kernel takes it: pixels, then means and variances of its windows.
class PreparedPicture {
 public:
  PreparedPicture(const ImageF& image, long stride) : rows_(image.rows), stride_(stride) {
    values_.assign(static_cast<std::size_t>((3 * rows_ - 4 * kSsimBorder) * stride), 0.0f);
    // In double: the variance is a difference of nearly equal numbers in the dark parts.
    ImageD wide(image.rows, image.cols), square(image.rows, image.cols), scratch, mean, second;
    for (std::size_t i = 0; i < image.size(); ++i) {
      wide.data[i] = static_cast<double>(image.data[i]);
      square.data[i] = wide.data[i] * wide.data[i];
    }
    internal::gaussian_valid(wide, scratch, mean);
    internal::gaussian_valid(square, scratch, second);
    for (int r = 0; r < image.rows; ++r) std::copy_n(image.row(r), image.cols, at(r));
    for (int r = 0; r < mean.rows; ++r) {
      float *means = at(rows_ + r), *variances = at(rows_ + mean.rows + r);
      for (int c = 0; c < mean.cols; ++c) {
        means[c] = static_cast<float>(mean(r, c));
        variances[c] = static_cast<float>(second(r, c) - mean(r, c) * mean(r, c));
      }
    }
  }

  internal::TemplatePicture view() const {
    const float* first = values_.data();
    const long windows = rows_ - 2 * kSsimBorder;
    return {first, first + rows_ * stride_, first + (rows_ + windows) * stride_};
  }

 private:
  float* at(long row) { return values_.data() + row * stride_; }

  long rows_, stride_;
  std::vector<float> values_;
};

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

std::vector<PreparedPicture> prepared(const std::vector<ImageF>& images,
                                      const std::vector<int>& rows, long stride) {
  std::vector<PreparedPicture> out;
  for (const int row : rows) out.emplace_back(images[static_cast<std::size_t>(row)], stride);
  return out;
}

internal::TemplateSetting setting_of(const ImageF& image, int max_shift) {
  constexpr int kLanes = internal::kTemplateLanes;
  internal::TemplateSetting setting{};
  setting.rows = image.rows;
  setting.cols = image.cols;
  setting.stride = (image.cols + kLanes - 1) / kLanes * kLanes + kLanes;
  setting.max_shift = max_shift;
  const auto taps = internal::gaussian_taps<float>();
  for (std::size_t k = 0; k < 6; ++k) setting.taps[k] = taps[k];
  setting.c1 = static_cast<float>(kSsimC1);
  setting.c2 = static_cast<float>(kSsimC2);
  return setting;
}

internal::TemplateKernel template_kernel_for(const std::string& set) {
  if (set == "avx512") return internal::template_kernel_avx512;
  if (set == "avx2") return internal::template_kernel_avx2;
  return internal::template_kernel_sse2;
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
  ScoreTable table{labels.subset(probe_rows), labels.subset(gallery_rows),
                   MatrixD(static_cast<Eigen::Index>(probe_rows.size()),
                           static_cast<Eigen::Index>(gallery_rows.size()))};
  if (probe_rows.empty() || gallery_rows.empty()) return table;
  const auto setting =
      setting_of(images[static_cast<std::size_t>(all.front())], options.max_shift_px);
  const auto probes = prepared(images, probe_rows, setting.stride);
  const auto gallery = prepared(images, gallery_rows, setting.stride);
  const internal::TemplateKernel kernel = template_kernel_for(instruction_set());
  std::mutex reporting;
  std::size_t done = 0;
  parallel_for(probes.size(), options.threads, [&](std::size_t p) {
    std::vector<float> scratch(
        static_cast<std::size_t>(internal::template_scratch(setting.stride)));
    for (std::size_t g = 0; g < gallery.size(); ++g) {
      if (cancel != nullptr) cancel->throw_if_requested();
      const double best = kernel(probes[p].view(), gallery[g].view(), setting, scratch.data());
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
