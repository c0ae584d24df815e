#pragma once

#include <cmath>
#include <complex>
#include <functional>
#include <string>
#include <vector>

#include "support/z_test.h"
#include "thz/io/hdf5_file.h"

/// Mean and variance images of what is random, kept from many realisations, and the test of new
/// realisations against them. For another compiler or another order of sums only the last digits
/// differ; for another distribution these tests do.
namespace thz::test {

/// A random stage: writes realisation `number` as `pixels` values of `channels` numbers each (two:
/// real and imaginary part of a circular Gaussian amplitude, one: any number near normal).
struct RandomStage {
  std::string name;
  int rows = 0;
  int columns = 0;
  int channels = 2;
  int golden_draws = 0;
  int test_draws = 0;
  std::function<void(uint64_t number, std::vector<float>& out)> draw;

  std::size_t pixels() const { return static_cast<std::size_t>(rows * columns); }
};

/// Mean of each channel and the variance of a channel, pixel by pixel.
struct StageImages {
  int draws = 0;
  std::vector<float> mean;      ///< [pixel][channel]
  std::vector<float> variance;  ///< [pixel]; of the channels together
};

/// Golden realisations and the tests' never share a key.
inline constexpr uint64_t kGoldenOffset = 1'000'000;

inline StageImages measure(const RandomStage& stage, int draws, uint64_t offset) {
  const auto channels = static_cast<std::size_t>(stage.channels);
  const std::size_t count = stage.pixels() * channels;
  std::vector<double> sum(count), squares(count);
  std::vector<float> first, values;
  stage.draw(offset, first);  // taken off, so that a large mean does not cancel
  for (int i = 0; i < draws; ++i) {
    stage.draw(offset + static_cast<uint64_t>(i), values);
    for (std::size_t k = 0; k < count; ++k) {
      const double x = double{values[k]} - double{first[k]};
      sum[k] += x;
      squares[k] += x * x;
    }
  }
  StageImages images;
  images.draws = draws;
  images.variance.assign(stage.pixels(), 0.0f);
  for (std::size_t k = 0; k < count; ++k) {
    images.mean.push_back(static_cast<float>(double{first[k]} + sum[k] / draws));
    const double variance = (squares[k] - sum[k] * sum[k] / draws) / (draws - 1);
    images.variance[k / channels] += static_cast<float>(variance / stage.channels);
  }
  return images;
}

/// Standard normal of a ratio of variances by Paulson's cube roots (Ann. Math. Stat. 13, 233,
/// 1942), from the freedoms of numerator and denominator.
inline double z_of_variance_ratio(double ratio, double above, double below) {
  const double cube = std::cbrt(ratio), a = 2.0 / (9.0 * above), b = 2.0 / (9.0 * below);
  return ((1.0 - b) * cube - (1.0 - a)) / std::sqrt(b * cube * cube + a);
}

/// The largest deviations, and the limit that all tests of a stage together pass but once in a
/// thousand (Bonferroni): every pixel's means and variance, and the pooled ones.
struct StageVerdict {
  double worst_mean_z = 0.0;
  double worst_variance_z = 0.0;
  double pooled_mean_z = 0.0;      ///< of the worst channel
  double pooled_variance_z = 0.0;  ///< pixels are independent draws
  double limit = 0.0;

  double worst() const {
    return std::max(std::max(worst_mean_z, worst_variance_z),
                    std::max(pooled_mean_z, pooled_variance_z));
  }
  bool same() const { return worst() < limit; }
};

inline StageVerdict judge(const RandomStage& stage, const StageImages& golden,
                          const StageImages& found) {
  const auto channels = static_cast<std::size_t>(stage.channels);
  const auto pixels = static_cast<double>(stage.pixels());
  const double share = 1.0 / golden.draws + 1.0 / found.draws;
  const double above = stage.channels * (found.draws - 1.0);
  const double below = stage.channels * (golden.draws - 1.0);
  StageVerdict verdict;
  verdict.limit = z_limit(static_cast<int>(stage.pixels() * (channels + 1) + channels + 1));
  std::vector<double> pooled(channels, 0.0);
  double pooled_variance = 0.0;
  for (std::size_t p = 0; p < stage.pixels(); ++p) {
    const double ratio = double{found.variance[p]} / double{golden.variance[p]};
    const double variance_z = z_of_variance_ratio(ratio, above, below);
    verdict.worst_variance_z = std::max(verdict.worst_variance_z, std::abs(variance_z));
    pooled_variance += variance_z / std::sqrt(pixels);
    for (std::size_t c = 0; c < channels; ++c) {
      const std::size_t k = p * channels + c;
      const double z = (double{found.mean[k]} - double{golden.mean[k]}) /
                       std::sqrt(double{golden.variance[p]} * share);
      verdict.worst_mean_z = std::max(verdict.worst_mean_z, std::abs(z));
      pooled[c] += z / std::sqrt(pixels);
    }
  }
  for (const double z : pooled)
    verdict.pooled_mean_z = std::max(verdict.pooled_mean_z, std::abs(z));
  verdict.pooled_variance_z = std::abs(pooled_variance);
  return verdict;
}

inline std::string stage_path(const RandomStage& stage) {
  return std::string(THZ_SOURCE_DIR) + "/tests/sim/golden/" + stage.name + ".h5";
}

inline void renew(const RandomStage& stage) {
  const StageImages images = measure(stage, stage.golden_draws, kGoldenOffset);
  io::Hdf5File file = io::Hdf5File::create(stage_path(stage));
  const auto rows = static_cast<uint64_t>(stage.rows),
             columns = static_cast<uint64_t>(stage.columns);
  file.write<float>("/mean", {rows, columns, static_cast<uint64_t>(stage.channels)}, images.mean);
  file.write<float>("/variance", {rows, columns}, images.variance);
  file.set_unsigned("/", "draws", static_cast<uint64_t>(images.draws));
  file.close();
}

inline StageImages load(const RandomStage& stage) {
  const io::Hdf5File file = io::Hdf5File::open(stage_path(stage));
  return {static_cast<int>(file.unsigned_number("/", "draws")), file.read<float>("/mean"),
          file.read<float>("/variance")};
}

}  // namespace thz::test
