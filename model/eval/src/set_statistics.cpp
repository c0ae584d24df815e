#include "thz/eval/set_statistics.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <map>
#include <utility>

#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/core/parallel.h"

namespace thz::eval {
namespace {

constexpr int kLocalWindow_px = 7;
constexpr double kLeastLocalMean = 0.1;
constexpr int kMostLag_px = 12;
constexpr int kLeastSetSide_px = 16;

/// Sums over one picture; added up over pictures.
struct PictureSums {
  std::vector<double> histogram = std::vector<double>(kGreyBins, 0.0);
  double sum = 0.0, squares = 0.0;
  std::vector<double> spectrum;
  std::vector<double> contrast;                                          ///< a window each
  std::vector<double> rows = std::vector<double>(kMostLag_px + 1, 0.0);  ///< autocovariance by lag
  std::vector<double> cols = std::vector<double>(kMostLag_px + 1, 0.0);
};

void add_grey(const ImageF& image, PictureSums& sums) {
  for (const float grey : image.data) {
    const int bin = std::clamp(static_cast<int>(grey * kGreyBins), 0, kGreyBins - 1);
    sums.histogram[static_cast<std::size_t>(bin)] += 1.0;
    sums.sum += grey;
    sums.squares += double{grey} * grey;
  }
}

/// One-dimensional transforms of all rows; the result is transposed, so that twice is both axes.
std::vector<std::complex<double>> transform_rows(const std::vector<std::complex<double>>& in,
                                                 int side) {
  const auto n = static_cast<std::size_t>(side);
  std::vector<std::complex<double>> turn(n), out(n * n);
  for (std::size_t k = 0; k < n; ++k) {
    turn[k] = std::polar(1.0, -2.0 * kPi * static_cast<double>(k) / side);
  }
  for (std::size_t r = 0; r < n; ++r) {
    for (std::size_t k = 0; k < n; ++k) {
      std::complex<double> sum = 0.0;
      for (std::size_t c = 0; c < n; ++c) sum += in[r * n + c] * turn[k * c % n];
      out[k * n + r] = sum;
    }
  }
  return out;
}

void add_spectrum(const ImageF& image, PictureSums& sums) {
  const int side = image.rows;
  const auto n = static_cast<std::size_t>(side);
  double mean = 0.0;
  for (const float v : image.data) mean += v / static_cast<double>(image.size());
  // Periodic Hann; its mean square is 3/8.
  std::vector<double> window(n);
  for (std::size_t i = 0; i < n; ++i) {
    window[i] =
        (0.5 - 0.5 * std::cos(2.0 * kPi * static_cast<double>(i) / side)) / std::sqrt(0.375);
  }
  std::vector<std::complex<double>> field(n * n);
  for (std::size_t i = 0; i < field.size(); ++i) {
    field[i] = (image.data[i] - mean) * window[i / n] * window[i % n];
  }
  const auto transform = transform_rows(transform_rows(field, side), side);
  std::vector<double> power(n / 2 + 1, 0.0), count(n / 2 + 1, 0.0);
  const auto signed_index = [&](std::size_t i) {
    return i <= n / 2 ? static_cast<double>(i) : static_cast<double>(i) - side;
  };
  for (std::size_t i = 0; i < transform.size(); ++i) {
    const auto ring =
        static_cast<std::size_t>(std::lround(std::hypot(signed_index(i / n), signed_index(i % n))));
    if (ring >= power.size()) continue;
    power[ring] += std::norm(transform[i]) / static_cast<double>(image.size());
    count[ring] += 1.0;
  }
  sums.spectrum.resize(power.size(), 0.0);
  for (std::size_t k = 0; k < power.size(); ++k) sums.spectrum[k] += power[k] / count[k];
}

/// Contrast of windows side by side, and the autocovariance of what their mean leaves.
void add_speckle(const ImageF& image, PictureSums& sums) {
  constexpr int kHalf = kLocalWindow_px / 2;
  ImageD rest(image.rows, image.cols);
  for (int r = kHalf; r < image.rows - kHalf; ++r) {
    for (int c = kHalf; c < image.cols - kHalf; ++c) {
      double sum = 0.0, squares = 0.0;
      for (int dr = -kHalf; dr <= kHalf; ++dr) {
        for (int dc = -kHalf; dc <= kHalf; ++dc) {
          const double v = image(r + dr, c + dc);
          sum += v;
          squares += v * v;
        }
      }
      constexpr double kCount = kLocalWindow_px * kLocalWindow_px;
      const double mean = sum / kCount;
      rest(r, c) = image(r, c) - mean;
      if (r % kLocalWindow_px != kHalf || c % kLocalWindow_px != kHalf) continue;
      const double variance = std::max(squares / kCount - mean * mean, 0.0);
      if (mean > kLeastLocalMean) sums.contrast.push_back(std::sqrt(variance) / mean);
    }
  }
  for (int lag = 0; lag <= kMostLag_px; ++lag) {
    const auto slot = static_cast<std::size_t>(lag);
    for (int r = 0; r < image.rows - lag; ++r) {
      for (int c = 0; c < image.cols; ++c) sums.rows[slot] += rest(r, c) * rest(r + lag, c);
    }
    for (int r = 0; r < image.rows; ++r) {
      for (int c = 0; c < image.cols - lag; ++c) sums.cols[slot] += rest(r, c) * rest(r, c + lag);
    }
  }
}

/// Lag at which the autocovariance has fallen to 1/e of lag 0; the longest lag if it never does.
double grain_px(const std::vector<double>& autocovariance) {
  const double wanted = autocovariance[0] * std::exp(-1.0);
  for (std::size_t lag = 1; lag < autocovariance.size(); ++lag) {
    const double before = autocovariance[lag - 1], here = autocovariance[lag];
    if (here > wanted) continue;
    const double step = before > here ? (before - wanted) / (before - here) : 0.0;
    return static_cast<double>(lag - 1) + step;
  }
  return static_cast<double>(autocovariance.size() - 1);
}

void add_to(std::vector<double>& total, const std::vector<double>& part) {
  total.resize(std::max(total.size(), part.size()), 0.0);
  for (std::size_t i = 0; i < part.size(); ++i) total[i] += part[i];
}

ConditionStatistics finish(const std::vector<PictureSums>& pictures, std::size_t pixels) {
  ConditionStatistics s;
  s.images = pictures.size();
  PictureSums all;
  for (const PictureSums& one : pictures) {  // in order: the same sums on any number of threads
    add_to(all.histogram, one.histogram);
    add_to(all.spectrum, one.spectrum);
    add_to(all.rows, one.rows);
    add_to(all.cols, one.cols);
    all.contrast.insert(all.contrast.end(), one.contrast.begin(), one.contrast.end());
    all.sum += one.sum;
    all.squares += one.squares;
  }
  s.histogram = all.histogram;
  s.spectrum = all.spectrum;
  if (pictures.empty()) return s;
  const double count = static_cast<double>(pictures.size() * pixels);
  for (double& share : s.histogram) share /= count;
  for (double& power : s.spectrum) power /= static_cast<double>(pictures.size());
  s.mean = all.sum / count;
  s.standard_deviation = std::sqrt(std::max(all.squares / count - s.mean * s.mean, 0.0));
  if (!all.contrast.empty()) {
    auto middle = all.contrast.begin() + static_cast<std::ptrdiff_t>(all.contrast.size() / 2);
    std::nth_element(all.contrast.begin(), middle, all.contrast.end());
    s.contrast = *middle;
  }
  s.grain_rows_px = grain_px(all.rows);
  s.grain_cols_px = grain_px(all.cols);
  return s;
}

using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;

PairSimilarity similarity(const std::vector<ImageF>& images, const Pairs& pairs,
                          const SetStatisticsOptions& options) {
  struct Score {
    double ssim = 0.0, psnr_db = 0.0;
    std::vector<RegionalScore> regions;
  };
  std::vector<Score> scores(pairs.size());
  parallel_for(pairs.size(), options.threads, [&](std::size_t i) {
    if (options.cancel != nullptr) options.cancel->throw_if_requested();
    const ImageF& a = images[pairs[i].first];
    const ImageF& b = images[pairs[i].second];
    scores[i] = {ssim(a, b), std::min(psnr_db(a, b), kPsnrCap_db), {}};
    if (!options.regions.empty()) scores[i].regions = regional_scores(a, b, options.regions);
  });
  PairSimilarity mean;
  mean.pairs = pairs.size();
  for (const RegionMask& region : options.regions) mean.regions.push_back({region.name, 0.0, 0.0});
  const double share = pairs.empty() ? 0.0 : 1.0 / static_cast<double>(pairs.size());
  for (const Score& score : scores) {
    mean.ssim += share * score.ssim;
    mean.psnr_db += share * score.psnr_db;
    for (std::size_t k = 0; k < mean.regions.size(); ++k) {
      mean.regions[k].ssim += share * score.regions[k].ssim;
      mean.regions[k].psnr_db += share * score.regions[k].psnr_db;
    }
  }
  return mean;
}

}  // namespace

SetStatistics set_statistics(const std::vector<ImageF>& images, const Labels& labels,
                             const SetStatisticsOptions& options) {
  THZ_REQUIRE(labels.identity.size() == images.size() && labels.posture.size() == images.size() &&
                  labels.concealed.size() == images.size(),
              "one label of each kind an image");
  std::vector<PictureSums> sums(images.size());
  for (const ImageF& image : images) {
    require_valid_image(image, "a data set's picture");
    if (image.rows != image.cols || image.rows < kLeastSetSide_px ||
        image.rows != images.front().rows) {
      throw_input("a picture is {} x {}, but all must be square, of one size and at least {} px",
                  image.rows, image.cols, kLeastSetSide_px);
    }
  }
  parallel_for(images.size(), options.threads, [&](std::size_t i) {
    if (options.cancel != nullptr) options.cancel->throw_if_requested();
    add_grey(images[i], sums[i]);
    add_spectrum(images[i], sums[i]);
    add_speckle(images[i], sums[i]);
  });
  SetStatistics result;
  std::array<std::vector<PictureSums>, 2> by_condition;
  std::map<std::pair<int32_t, int32_t>, std::array<std::vector<std::size_t>, 2>> cells;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const std::size_t condition = labels.concealed[i] != 0 ? 1 : 0;
    by_condition[condition].push_back(std::move(sums[i]));
    cells[{labels.identity[i], labels.posture[i]}][condition].push_back(i);
  }
  Pairs concealed_bare, bare_bare;
  for (const auto& [cell, rows] : cells) {
    const auto& [bare, concealed] = rows;
    const std::size_t most = std::min({options.pairs_a_cell, bare.size(), concealed.size()});
    for (std::size_t k = 0; k < most; ++k) concealed_bare.emplace_back(concealed[k], bare[k]);
    for (std::size_t k = 0; k + 1 < bare.size() && k < options.pairs_a_cell; ++k) {
      bare_bare.emplace_back(bare[k], bare[k + 1]);
    }
  }
  const std::size_t pixels = images.empty() ? 0 : images.front().size();
  for (std::size_t c = 0; c < 2; ++c) result.condition[c] = finish(by_condition[c], pixels);
  result.concealed_bare = similarity(images, concealed_bare, options);
  result.bare_bare = similarity(images, bare_bare, options);
  return result;
}

ConditionDifference difference(const ConditionStatistics& a, const ConditionStatistics& b) {
  ConditionDifference d;
  double running = 0.0;
  for (std::size_t i = 0; i < a.histogram.size() && i < b.histogram.size(); ++i) {
    running += b.histogram[i] - a.histogram[i];
    d.histogram_distance += std::abs(running) / kGreyBins;
    d.histogram_largest = std::max(d.histogram_largest, std::abs(running));
  }
  double squares = 0.0;
  const std::size_t rings = std::min(a.spectrum.size(), b.spectrum.size());
  for (std::size_t k = 0; k < rings; ++k) {
    const bool both = a.spectrum[k] > 0.0 && b.spectrum[k] > 0.0;
    d.spectrum_db.push_back(both ? 10.0 * std::log10(b.spectrum[k] / a.spectrum[k]) : 0.0);
    if (k > 0) squares += d.spectrum_db.back() * d.spectrum_db.back();
  }
  if (rings > 1) d.spectrum_rms_db = std::sqrt(squares / static_cast<double>(rings - 1));
  d.contrast_ratio = a.contrast > 0.0 ? b.contrast / a.contrast : 0.0;
  return d;
}

}  // namespace thz::eval
