#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "thz/core/image.h"
#include "thz/core/progress.h"
#include "thz/eval/image_metrics.h"
#include "thz/eval/labels.h"

namespace thz::eval {

/// Bins of the grey histogram over [0, 1]; grey 1 falls into the last one.
inline constexpr int kGreyBins = 64;

/// Pictures of one condition, as a kind.
struct ConditionStatistics {
  uint64_t images = 0;
  std::vector<double> histogram;  ///< [kGreyBins] shares of all pixels
  double mean = 0.0;              ///< of all pixels
  double standard_deviation = 0.0;
  /// [side / 2 + 1] mean power of the discrete Fourier transform in rings of k = 0, 1, ... cycles
  /// an image (rounded radius), Hann window of unit mean square on both axes, image mean taken out,
  /// divided by the number of pixels: white noise of variance s^2 gives s^2 in every ring.
  std::vector<double> spectrum;
  /// Median over 7 x 7 windows brighter than 0.1 of standard deviation over mean: 1 for fully
  /// developed speckle of unmapped power, less after averaging and grey mapping.
  double contrast = 0.0;
  /// Lags at which the autocorrelation of the picture less its 7 x 7 mean falls to 1/e, px, linear
  /// between lags: how large the grains are down and across.
  double grain_rows_px = 0.0;
  double grain_cols_px = 0.0;
};

/// How alike pictures of the same (identity, posture) are; means over pairs.
struct PairSimilarity {
  uint64_t pairs = 0;
  double ssim = 0.0;
  double psnr_db = 0.0;                ///< each pair capped at kPsnrCap_db
  std::vector<RegionalScore> regions;  ///< of the regions asked for
};

/// What a data set looks like, without knowing how it was made.
struct SetStatistics {
  std::array<ConditionStatistics, 2> condition;  ///< bare, concealed
  PairSimilarity concealed_bare;                 ///< a concealed picture and a bare one
  PairSimilarity bare_bare;                      ///< two bare ones: the scale of the above
};

struct SetStatisticsOptions {
  std::vector<RegionMask> regions;
  uint64_t pairs_a_cell = 4;  ///< of an (identity, posture): the first with the first, ...
  int threads = 0;
  const CancelToken* cancel = nullptr;
};

/// @param images  square, one size of at least 16 px, grey in [0, 1]
/// @throws thz::InputError for images that are not.
SetStatistics set_statistics(const std::vector<ImageF>& images, const Labels& labels,
                             const SetStatisticsOptions& options);

/// How two kinds of pictures differ.
struct ConditionDifference {
  /// Area between the cumulative histograms (1-Wasserstein distance of grey): the grey by which
  /// pixels would have to move on average.
  double histogram_distance = 0.0;
  /// Largest difference of the cumulative histograms (Kolmogorov-Smirnov statistic).
  double histogram_largest = 0.0;
  std::vector<double> spectrum_db;  ///< 10 log10(b / a) of each ring; 0 where both are nothing
  double spectrum_rms_db = 0.0;     ///< over rings 1 to side / 2
  double contrast_ratio = 0.0;      ///< b over a
};
ConditionDifference difference(const ConditionStatistics& a, const ConditionStatistics& b);

/// JSON of the statistics of two sets and their differences, schema "thzface-comparison/1".
std::string comparison_json(const std::string& name_a, const SetStatistics& a,
                            const std::string& name_b, const SetStatistics& b);
/// JSON of the statistics of one set.
std::string statistics_json(const SetStatistics& statistics);
/// The main figures side by side, for a terminal.
std::string comparison_table(const std::string& name_a, const SetStatistics& a,
                             const std::string& name_b, const SetStatistics& b);

}  // namespace thz::eval
