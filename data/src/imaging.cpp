#include "thz/data/imaging.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <opencv2/imgproc.hpp>

#include "thz/core/error.h"

namespace thz::data {
namespace {

void require_powers(const ImageF& power) {
  if (power.empty())
    throw_input("the power frame is empty; at least one line and sample is needed");
  for (int r = 0; r < power.rows; ++r) {
    for (int c = 0; c < power.cols; ++c) {
      const float p = power(r, c);
      if (!std::isfinite(p) || p < 0.0F) {
        throw_input("the power at line {}, sample {} is {}; allowed: finite and not negative", r, c,
                    p);
      }
    }
  }
}

void require_same_size(const ImageF& image, const Mask& mask) {
  THZ_REQUIRE(image.rows == mask.rows && image.cols == mask.cols,
              "an image and its mask must have one size");
}

void require_finite_range(const char* name, double value, double low, double high) {
  if (!(value >= low && value <= high)) {
    throw_input("imaging: {} is {}; allowed: {} to {}", name, value, low, high);
  }
}

double decibels(double ratio) { return 10.0 * std::log10(ratio); }

std::vector<float> values_under(const ImageF& image, const Mask& mask, int end_row) {
  std::vector<float> values;
  for (int r = 0; r < end_row; ++r) {
    for (int c = 0; c < image.cols; ++c) {
      if (mask(r, c) != 0) values.push_back(image(r, c));
    }
  }
  return values;
}

struct Box {
  int top, bottom, left, right;  // inclusive; bottom < top if empty
};

Box bounding_box(const Mask& mask) {
  Box box{mask.rows, -1, mask.cols, -1};
  for (int r = 0; r < mask.rows; ++r) {
    for (int c = 0; c < mask.cols; ++c) {
      if (mask(r, c) == 0) continue;
      box.top = std::min(box.top, r);
      box.bottom = std::max(box.bottom, r);
      box.left = std::min(box.left, c);
      box.right = std::max(box.right, c);
    }
  }
  return box;
}

Box head_box(const Mask& head) {
  const Box box = bounding_box(head);
  if (box.bottom < box.top) throw_input("the head mask has no pixel set; at least one is needed");
  return box;
}

cv::Mat view(const Mask& mask) {
  // OpenCV has no const view; every use below only reads.
  return {mask.rows, mask.cols, CV_8U, const_cast<uint8_t*>(mask.data.data())};
}

Mask copy_nonzero(const cv::Mat& m) {
  Mask mask(m.rows, m.cols);
  for (int r = 0; r < m.rows; ++r) {
    const uint8_t* row = m.ptr<uint8_t>(r);
    for (int c = 0; c < m.cols; ++c) mask(r, c) = row[c] != 0 ? 1 : 0;
  }
  return mask;
}

// Keys' cubic convolution kernel, a = -1/2 (third-order accurate).
double keys(double t) {
  t = std::abs(t);
  if (t < 1.0) return (1.5 * t - 2.5) * t * t + 1.0;
  if (t < 2.0) return ((-0.5 * t + 2.5) * t - 4.0) * t + 2.0;
  return 0.0;
}

/// Weights of one output pixel over inputs first, first + 1, ... (ends repeat).
struct Taps {
  int first = 0;
  std::vector<double> weights;
};

// Output i is centred at input position start + (i + 1/2) step - 1/2.
std::vector<Taps> cubic_taps(int outputs, double start, double step) {
  const double stretch = std::max(1.0, step);
  std::vector<Taps> all(static_cast<std::size_t>(outputs));
  for (int i = 0; i < outputs; ++i) {
    const double centre = start + (i + 0.5) * step - 0.5;
    Taps& taps = all[static_cast<std::size_t>(i)];
    taps.first = static_cast<int>(std::ceil(centre - 2.0 * stretch));
    const int last = static_cast<int>(std::floor(centre + 2.0 * stretch));
    for (int k = taps.first; k <= last; ++k) taps.weights.push_back(keys((k - centre) / stretch));
    const double sum = std::accumulate(taps.weights.begin(), taps.weights.end(), 0.0);
    for (double& w : taps.weights) w /= sum;
  }
  return all;
}

template <typename Read>
double convolve(const Taps& taps, int count, Read&& read) {
  double sum = 0.0;
  for (std::size_t k = 0; k < taps.weights.size(); ++k) {
    sum += taps.weights[k] * read(std::clamp(taps.first + static_cast<int>(k), 0, count - 1));
  }
  return sum;
}

}  // namespace

ImageF average_power(const std::vector<ImageF>& frames) {
  if (frames.empty()) throw_input("there are no frames to average; at least one is needed");
  ImageD sum(frames.front().rows, frames.front().cols);
  for (const ImageF& frame : frames) {
    if (frame.rows != sum.rows || frame.cols != sum.cols) {
      throw_input("a frame of {} x {} cannot be averaged with one of {} x {}; all must be equal",
                  frame.rows, frame.cols, sum.rows, sum.cols);
    }
    require_powers(frame);
    for (std::size_t i = 0; i < sum.size(); ++i) sum.data[i] += frame.data[i];
  }
  ImageF mean(sum.rows, sum.cols);
  for (std::size_t i = 0; i < sum.size(); ++i) {
    mean.data[i] = static_cast<float>(sum.data[i] / static_cast<double>(frames.size()));
  }
  return mean;
}

RasterMap ideal_raster_map(int lines, int samples, const FieldGrid& grid) {
  THZ_REQUIRE(lines > 0 && samples > 0, "a raster has lines and samples");
  RasterMap map{ImageF(grid.rows, grid.cols), ImageF(grid.rows, grid.cols)};
  for (int r = 0; r < grid.rows; ++r) {
    for (int c = 0; c < grid.cols; ++c) {
      map.line(r, c) = static_cast<float>((r + 0.5) * lines / grid.rows - 0.5);
      map.sample(r, c) = static_cast<float>((c + 0.5) * samples / grid.cols - 0.5);
    }
  }
  return map;
}

ImageF dewarp(const ImageF& power, const RasterMap& map) {
  require_powers(power);
  THZ_REQUIRE(map.line.rows == map.sample.rows && map.line.cols == map.sample.cols,
              "both halves of a raster map must have one size");
  // cv::remap would round the weights to 1/32; beside a glint 60 dB up that is not nothing.
  ImageF field(map.line.rows, map.line.cols);
  for (std::size_t i = 0; i < field.size(); ++i) {
    const double line = std::clamp<double>(map.line.data[i], 0.0, power.rows - 1.0);
    const double sample = std::clamp<double>(map.sample.data[i], 0.0, power.cols - 1.0);
    const int r = std::min(static_cast<int>(line), std::max(0, power.rows - 2));
    const int c = std::min(static_cast<int>(sample), std::max(0, power.cols - 2));
    const int r1 = std::min(r + 1, power.rows - 1);
    const int c1 = std::min(c + 1, power.cols - 1);
    const double v = line - r;
    const double u = sample - c;
    field.data[i] = static_cast<float>((1.0 - v) * ((1.0 - u) * power(r, c) + u * power(r, c1)) +
                                       v * ((1.0 - u) * power(r1, c) + u * power(r1, c1)));
  }
  return field;
}

void GreyMapping::validate() const {
  if (!(reference_power > 0.0) || !std::isfinite(reference_power)) {
    throw_input("imaging: reference_power is {}; allowed: finite and above 0", reference_power);
  }
  require_finite_range("gamma", gamma, 0.01, 2.0);
  require_finite_range("range_db", range_db, 0.1, 200.0);
}

ImageF apply_mapping(const GreyMapping& mapping, const ImageF& power) {
  mapping.validate();
  require_powers(power);
  ImageF grey(power.rows, power.cols);
  for (std::size_t i = 0; i < power.size(); ++i) {
    const double ratio = power.data[i] / mapping.reference_power;
    double g = ratio;
    if (mapping.kind == GreyKind::kPowerLaw) g = std::pow(ratio, mapping.gamma);
    if (mapping.kind == GreyKind::kLog) {
      g = ratio > 0.0 ? std::max(0.0, 1.0 + decibels(ratio) / mapping.range_db) : 0.0;
    }
    grey.data[i] = static_cast<float>(g);
  }
  return grey;
}

double percentile(std::vector<float> values, double percent) {
  THZ_REQUIRE(!values.empty(), "a percentile needs values");
  THZ_REQUIRE(percent > 0.0 && percent <= 100.0, "a percentile is in (0, 100]");
  // The small term keeps 0.95 * 20 = 19.000000000000004 from becoming rank 20.
  const double n = static_cast<double>(values.size());
  const double rank = std::max(1.0, std::ceil(percent / 100.0 * n - 1e-9 * n));
  const auto nth = values.begin() + (static_cast<std::ptrdiff_t>(rank) - 1);
  std::nth_element(values.begin(), nth, values.end());
  return *nth;
}

GreyMapping fit_power_law(const std::vector<HeadPower>& set, double dynamic_range_db) {
  if (set.empty()) throw_input("a grey mapping needs at least one image to be fitted to");
  std::vector<float> face;  // upper 70 % of the rows
  std::vector<float> head;
  for (const HeadPower& item : set) {
    require_same_size(item.power, item.head);
    require_powers(item.power);
    const Box box = head_box(item.head);
    const int rows = box.bottom - box.top + 1;
    const int end = box.top + std::max(1, static_cast<int>(std::floor(0.7 * rows + 1e-9)));
    const auto upper = values_under(item.power, item.head, end);
    const auto whole = values_under(item.power, item.head, item.power.rows);
    face.insert(face.end(), upper.begin(), upper.end());
    head.insert(head.end(), whole.begin(), whole.end());
  }
  const double low = percentile(head, 5.0);
  const double high = percentile(head, 95.0);
  if (!(low > 0.0 && high > low)) {
    throw_input(
        "the 5th and 95th percentiles of power over the heads are {} and {}; a power law "
        "needs the first above 0 and the second above the first",
        low, high);
  }
  GreyMapping mapping;
  mapping.reference_power = percentile(face, 99.5);
  mapping.gamma = dynamic_range_db / decibels(high / low);
  mapping.validate();
  return mapping;
}

double grey_dynamic_range_db(const ImageF& grey, const Mask& head) {
  require_same_size(grey, head);
  head_box(head);
  const std::vector<float> values = values_under(grey, head, grey.rows);
  const double low = percentile(values, 5.0);
  if (!(low > 0.0)) {
    throw_input("the 5th percentile of grey over the head is {}; a dynamic range needs it above 0",
                low);
  }
  return decibels(percentile(values, 95.0) / low);
}

Roi roi_around(const Mask& mask, const FieldGrid& grid, double margin) {
  THZ_REQUIRE(mask.rows == grid.rows && mask.cols == grid.cols, "a mask lies on its grid");
  const Box box = head_box(mask);
  const double left = grid.x_m(box.left - 0.5);
  const double right = grid.x_m(box.right + 0.5);
  const double top = grid.y_m(box.top - 0.5);
  const double bottom = grid.y_m(box.bottom + 0.5);
  const double side = std::min(
      {(1.0 + 2.0 * margin) * std::max(right - left, top - bottom), grid.width_m, grid.height_m});
  const double slack_x = 0.5 * (grid.width_m - side);
  const double slack_y = 0.5 * (grid.height_m - side);
  const double x =
      std::clamp(0.5 * (left + right), grid.centre_x_m - slack_x, grid.centre_x_m + slack_x);
  const double y =
      std::clamp(0.5 * (top + bottom), grid.centre_y_m - slack_y, grid.centre_y_m + slack_y);
  return {x - 0.5 * side, x + 0.5 * side, y - 0.5 * side, y + 0.5 * side};
}

// The OpenCV calls below work on whole numbers, so their threads cannot change a result; its global
// thread count is left alone, since setting it from a worker would race with the others.
Mask otsu_silhouette(const ImageF& grey) {
  THZ_REQUIRE(!grey.empty(), "a silhouette needs an image");
  cv::Mat levels(grey.rows, grey.cols, CV_8U);
  for (int r = 0; r < grey.rows; ++r) {
    for (int c = 0; c < grey.cols; ++c) {
      const float g = std::clamp(grey(r, c), 0.0F, 1.0F);
      levels.at<uint8_t>(r, c) = static_cast<uint8_t>(std::lround(g * 255.0F));
    }
  }
  cv::Mat above;
  cv::threshold(levels, above, 0.0, 255.0, cv::THRESH_BINARY | cv::THRESH_OTSU);
  cv::Mat closed;
  cv::morphologyEx(above, closed, cv::MORPH_CLOSE,
                   cv::getStructuringElement(cv::MORPH_RECT, cv::Size(3, 3)));
  return copy_nonzero(closed);
}

Mask largest_part(const Mask& mask) {
  THZ_REQUIRE(!mask.empty(), "a mask has pixels");
  cv::Mat labels;
  cv::Mat stats;
  cv::Mat centroids;
  const int count = cv::connectedComponentsWithStats(view(mask), labels, stats, centroids, 8);
  int best = 0;
  for (int k = 1; k < count; ++k) {
    if (best == 0 || stats.at<int>(k, cv::CC_STAT_AREA) > stats.at<int>(best, cv::CC_STAT_AREA)) {
      best = k;
    }
  }
  if (best == 0) return Mask(mask.rows, mask.cols);
  return copy_nonzero(cv::Mat(labels == best));
}

double silhouette_iou(const Mask& a, const Mask& b) {
  THZ_REQUIRE(a.rows == b.rows && a.cols == b.cols, "two silhouettes must have one size");
  std::size_t both = 0;
  std::size_t either = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    both += (a.data[i] != 0 && b.data[i] != 0) ? 1U : 0U;
    either += (a.data[i] != 0 || b.data[i] != 0) ? 1U : 0U;
  }
  return either == 0 ? 1.0 : static_cast<double>(both) / static_cast<double>(either);
}

ImageF resample_roi(const ImageF& grey, const FieldGrid& grid, const Roi& roi, int size) {
  THZ_REQUIRE(grey.rows == grid.rows && grey.cols == grid.cols, "an image lies on its grid");
  THZ_REQUIRE(size > 0, "a picture has pixels");
  if (!(roi.right_m > roi.left_m && roi.top_m > roi.bottom_m)) {
    throw_input("the region of interest spans x {} to {} m and y {} to {} m; each must increase",
                roi.left_m, roi.right_m, roi.bottom_m, roi.top_m);
  }
  const double left = grid.col(roi.left_m) + 0.5;
  const double top = grid.row(roi.top_m) + 0.5;
  const auto cols = cubic_taps(size, left, (grid.col(roi.right_m) + 0.5 - left) / size);
  const auto rows = cubic_taps(size, top, (grid.row(roi.bottom_m) + 0.5 - top) / size);
  ImageD wide(grey.rows, size);
  for (int r = 0; r < grey.rows; ++r) {
    for (int c = 0; c < size; ++c) {
      wide(r, c) = convolve(cols[static_cast<std::size_t>(c)], grey.cols,
                            [&](int k) { return static_cast<double>(grey(r, k)); });
    }
  }
  ImageF picture(size, size);
  for (int r = 0; r < size; ++r) {
    for (int c = 0; c < size; ++c) {
      const double g =
          convolve(rows[static_cast<std::size_t>(r)], grey.rows, [&](int k) { return wide(k, c); });
      picture(r, c) = static_cast<float>(std::clamp(g, 0.0, 1.0));
    }
  }
  return picture;
}

void ImagingOptions::validate() const {
  mapping.validate();
  require_finite_range("grid.rows", grid.rows, 4, 4096);
  require_finite_range("grid.cols", grid.cols, 4, 4096);
  require_finite_range("grid.width_m", grid.width_m, 1e-3, 100.0);
  require_finite_range("grid.height_m", grid.height_m, 1e-3, 100.0);
  require_finite_range("roi.margin", roi.margin, 0.0, 1.0);
  require_finite_range("size", size, 8, 1024);
}

ThzPicture make_picture(const ImageF& averaged_power, const ImagingOptions& options,
                        const std::optional<Mask>& true_head) {
  options.validate();
  const FieldGrid& grid = options.grid;
  const RasterMap map = ideal_raster_map(averaged_power.rows, averaged_power.cols, grid);
  ThzPicture picture;
  picture.grey = apply_mapping(options.mapping, dewarp(averaged_power, map));
  picture.roi = options.roi.fixed;
  if (options.roi.kind == RoiKind::kDetected) {
    picture.roi = roi_around(largest_part(otsu_silhouette(picture.grey)), grid, options.roi.margin);
  } else if (options.roi.kind == RoiKind::kTruth) {
    THZ_REQUIRE(true_head.has_value(), "the true region of interest needs the true head");
    picture.roi = roi_around(*true_head, grid, options.roi.margin);
  }
  picture.image = resample_roi(picture.grey, grid, picture.roi, options.size);
  return picture;
}

}  // namespace thz::data
