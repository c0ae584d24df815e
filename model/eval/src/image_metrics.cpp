#include "thz/eval/image_metrics.h"

#include <algorithm>
#include <limits>

#include "gaussian_window.h"
#include "thz/core/error.h"

namespace thz::eval {
namespace {

template <typename T>
void require_valid(const Image<T>& image, const std::string& what) {
  if (image.rows <= 0 || image.cols <= 0 ||
      image.data.size() !=
          static_cast<std::size_t>(image.rows) * static_cast<std::size_t>(image.cols)) {
    throw_input("{} is empty or its {} values do not fill {} x {} pixels", what, image.data.size(),
                image.rows, image.cols);
  }
  for (std::size_t i = 0; i < image.size(); ++i) {
    if (!std::isfinite(image.data[i])) {
      const auto cols = static_cast<std::size_t>(image.cols);
      throw_input("{} holds {} at row {}, column {}; only finite grey values can be compared", what,
                  static_cast<double>(image.data[i]), i / cols, i % cols);
    }
  }
}

template <typename T>
void require_pair(const Image<T>& a, const Image<T>& b, int minimum_side) {
  require_valid(a, "the first image");
  require_valid(b, "the second image");
  if (a.rows != b.rows || a.cols != b.cols) {
    throw_input("images to compare must have equal shapes, found {} x {} and {} x {}", a.rows,
                a.cols, b.rows, b.cols);
  }
  if (a.rows < minimum_side || a.cols < minimum_side) {
    throw_input("an image of {} x {} pixels is smaller than the {} x {} window of the metric",
                a.rows, a.cols, minimum_side, minimum_side);
  }
}

ImageD widened(const ImageF& image) {
  ImageD out(image.rows, image.cols);
  std::copy(image.data.begin(), image.data.end(), out.data.begin());
  return out;
}

ImageD product(const ImageD& a, const ImageD& b) {
  ImageD out(a.rows, a.cols);
  for (std::size_t i = 0; i < out.size(); ++i) out.data[i] = a.data[i] * b.data[i];
  return out;
}

ImageD gaussian_mean(const ImageD& image) {
  ImageD scratch, out;
  internal::gaussian_valid(image, scratch, out);
  return out;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

double psnr_from_mse(double mse) {
  return mse > 0.0 ? -10.0 * std::log10(mse) : std::numeric_limits<double>::infinity();
}

bool holds(const Region& region, int row, int col) {
  return row >= region.row && row < region.row + region.rows && col >= region.col &&
         col < region.col + region.cols;
}

bool holds(const RegionMask& mask, int row, int col) {
  const auto hit = [&](const Region& region) { return holds(region, row, col); };
  return std::any_of(mask.inside.begin(), mask.inside.end(), hit) &&
         std::none_of(mask.outside.begin(), mask.outside.end(), hit);
}

void require_inside(const RegionMask& mask, const ImageF& image) {
  const auto check = [&](const Region& r) {
    if (r.row < 0 || r.col < 0 || r.rows <= 0 || r.cols <= 0 || r.row + r.rows > image.rows ||
        r.col + r.cols > image.cols) {
      throw_input("region '{}' spans rows {}..{}, columns {}..{}, but the image has {} x {} pixels",
                  mask.name, r.row, r.row + r.rows, r.col, r.col + r.cols, image.rows, image.cols);
    }
  };
  std::for_each(mask.inside.begin(), mask.inside.end(), check);
  std::for_each(mask.outside.begin(), mask.outside.end(), check);
}

RegionalScore score_region(const RegionMask& mask, const ImageF& a, const ImageF& b,
                           const ImageD& map) {
  double ssim_sum = 0.0, squares = 0.0;
  int windows = 0, pixels = 0;
  for (int r = 0; r < a.rows; ++r) {
    for (int c = 0; c < a.cols; ++c) {
      if (!holds(mask, r, c)) continue;
      const double difference = static_cast<double>(a(r, c)) - static_cast<double>(b(r, c));
      squares += difference * difference;
      ++pixels;
      const int map_row = r - kSsimBorder, map_col = c - kSsimBorder;
      if (map_row < 0 || map_col < 0 || map_row >= map.rows || map_col >= map.cols) continue;
      ssim_sum += map(map_row, map_col);
      ++windows;
    }
  }
  if (windows == 0) {
    throw_input("region '{}' holds no centre of an SSIM window, which lie {} px inside the border",
                mask.name, kSsimBorder);
  }
  return {mask.name, ssim_sum / windows, std::min(psnr_from_mse(squares / pixels), kPsnrCap_db)};
}

}  // namespace

void require_valid_image(const ImageF& image, const std::string& what) {
  require_valid(image, what);
}

ImageD ssim_map(const ImageF& a, const ImageF& b) {
  require_pair(a, b, kSsimWindow);
  return ssim_map(widened(a), widened(b));
}

ImageD ssim_map(const ImageD& a, const ImageD& b) {
  require_pair(a, b, kSsimWindow);
  const ImageD mean_a = gaussian_mean(a), mean_b = gaussian_mean(b);
  const ImageD square_a = gaussian_mean(product(a, a));
  const ImageD square_b = gaussian_mean(product(b, b));
  const ImageD cross = gaussian_mean(product(a, b));
  ImageD map(mean_a.rows, mean_a.cols);
  for (std::size_t i = 0; i < map.size(); ++i) {
    const double ma = mean_a.data[i], mb = mean_b.data[i];
    map.data[i] = internal::ssim_value(ma, mb, square_a.data[i] - ma * ma,
                                       square_b.data[i] - mb * mb, cross.data[i] - ma * mb);
  }
  return map;
}

double ssim(const ImageF& a, const ImageF& b) { return mean_of(ssim_map(a, b).data); }

double psnr_db(const ImageF& a, const ImageF& b) {
  require_pair(a, b, 1);
  double squares = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = static_cast<double>(a.data[i]) - static_cast<double>(b.data[i]);
    squares += difference * difference;
  }
  return psnr_from_mse(squares / static_cast<double>(a.size()));
}

ImageF sobel_magnitude(const ImageF& image) {
  require_valid_image(image, "the image");
  if (image.rows < 3 || image.cols < 3) {
    throw_input("an image of {} x {} pixels is smaller than the 3 x 3 Sobel kernel", image.rows,
                image.cols);
  }
  ImageF out(image.rows - 2, image.cols - 2);
  for (int r = 0; r < out.rows; ++r) {
    const float *up = image.row(r), *mid = image.row(r + 1), *down = image.row(r + 2);
    for (int c = 0; c < out.cols; ++c) {
      const float gx =
          0.25f * ((up[c + 2] - up[c]) + 2.0f * (mid[c + 2] - mid[c]) + (down[c + 2] - down[c]));
      const float gy = 0.25f * ((down[c] - up[c]) + 2.0f * (down[c + 1] - up[c + 1]) +
                                (down[c + 2] - up[c + 2]));
      out(r, c) = std::sqrt(0.5f * (gx * gx + gy * gy));
    }
  }
  return out;
}

double edge_ssim(const ImageF& a, const ImageF& b) {
  require_pair(a, b, kSsimWindow + 2);
  return ssim(sobel_magnitude(a), sobel_magnitude(b));
}

double edge_mae(const ImageF& a, const ImageF& b) {
  require_pair(a, b, 3);
  const ImageF edges_a = sobel_magnitude(a), edges_b = sobel_magnitude(b);
  double sum = 0.0;
  for (std::size_t i = 0; i < edges_a.size(); ++i) {
    sum += std::abs(static_cast<double>(edges_a.data[i]) - static_cast<double>(edges_b.data[i]));
  }
  return sum / static_cast<double>(edges_a.size());
}

ImageScores score_images(const ImageD& a, const ImageD& b, double data_range) {
  if (!(data_range > 0.0 && std::isfinite(data_range))) {
    throw_input("a data range of {} is given; it must be positive", data_range);
  }
  require_pair(a, b, kSsimWindow + 2);  // of the edges' SSIM
  ImageD scaled_a = a, scaled_b = b;
  ImageF narrow_a(a.rows, a.cols), narrow_b(b.rows, b.cols);
  ImageScores scores;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = a.data[i] - b.data[i];
    scores.mse += difference * difference / static_cast<double>(a.size());
    scores.mae += std::abs(difference) / static_cast<double>(a.size());
    narrow_a.data[i] = static_cast<float>(scaled_a.data[i] /= data_range);
    narrow_b.data[i] = static_cast<float>(scaled_b.data[i] /= data_range);
  }
  for (const auto& [image, what] : {std::pair{&a, "first"}, std::pair{&b, "second"}}) {
    const auto [low, high] = std::minmax_element(image->data.begin(), image->data.end());
    if (*low == *high) {
      throw_input("the {} image is {} everywhere; a constant image has no structure to compare",
                  what, *low);
    }
  }
  scores.psnr_db = psnr_from_mse(scores.mse / (data_range * data_range));
  scores.ssim = mean_of(ssim_map(scaled_a, scaled_b).data);
  scores.edge_ssim = edge_ssim(narrow_a, narrow_b);
  scores.edge_mae = edge_mae(narrow_a, narrow_b);
  return scores;
}

std::vector<RegionalScore> regional_scores(const ImageF& a, const ImageF& b,
                                           const std::vector<RegionMask>& regions) {
  const ImageD map = ssim_map(a, b);
  std::vector<RegionalScore> scores;
  scores.reserve(regions.size());
  for (const RegionMask& mask : regions) {
    require_inside(mask, a);
    scores.push_back(score_region(mask, a, b, map));
  }
  return scores;
}

}  // namespace thz::eval
