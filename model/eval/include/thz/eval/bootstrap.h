#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "thz/eval/verification.h"

namespace thz::eval {

/// A figure and its percentile interval, the percentiles widened for few identities (Student's t
/// and n / (n - 1); docs/theory/evaluation.md). NaN limits: too few identities to resample.
struct Interval {
  double value = 0.0;
  double low = 0.0;
  double high = 0.0;
};

struct BootstrapOptions {
  uint64_t seed = 1;
  int resamples = 2000;  ///< at least 100
  double coverage = 0.95;
  int threads = 0;  ///< 0: all; the result does not depend on it
  /// The persons of the probe side are also those of the impostor side, so by default one draw
  /// serves both sides (docs/theory/evaluation.md: independent draws are too narrow when a person
  /// who is hard to tell apart as a probe is so as an impostor too). True: independent draws.
  bool independent_sides = false;
};

/// Ratio of sums over identities: sum_i w_i s_i / sum_i w_i n_i, w multinomial; for posture
/// accuracy, SSIM, PSNR, rank-1, where each identity brings n_i cases with the sum s_i.
Interval bootstrap_mean(const std::vector<double>& sums, const std::vector<double>& counts,
                        const BootstrapOptions& options);

/// Sums and counts of values by identity, ready for bootstrap_mean(). NaN values are left out.
Interval bootstrap_mean_by_identity(const std::vector<double>& values,
                                    const std::vector<int32_t>& identity,
                                    const BootstrapOptions& options);

/// Two-way: sum_ij w_i v_j s_ij / sum_ij w_i v_j n_ij over probe identities i and impostor
/// identities j.
Interval bootstrap_pairs(const MatrixD& sums, const MatrixD& counts,
                         const BootstrapOptions& options);

/// Triplet accuracy with its two-way interval.
Interval bootstrap_triplets(const TripletCounts& counts, const BootstrapOptions& options);

/// Any statistic of persons (or clusters of persons) and repetitions (seeds): `statistic(w, u)` of
/// their weights, at all ones for the value itself. Persons are drawn with replacement, repetitions
/// as R - 1 of R scaled to R in all, which makes the variance of a mean over repetitions unbiased
/// (Rao and Wu, JASA 83, 231 (1988)); one repetition is never redrawn. Must be pure; NaN draws are
/// left out.
Interval bootstrap_crossed(
    std::size_t persons, std::size_t repetitions,
    const std::function<double(const std::vector<double>& persons,
                               const std::vector<double>& repetitions)>& statistic,
    const BootstrapOptions& options);

/// Equal error rate and the true accept rate over a grid of FMR, from the same resamples.
struct RocBootstrap {
  Interval eer;
  std::vector<double> fmr;    ///< grid, ascending
  std::vector<Interval> tar;  ///< at each fmr of the grid, linear between points of the curve
};

/// Genuine pairs of identity i weigh w_i, impostor pairs (i, j) w_i v_j.
RocBootstrap bootstrap_roc(const ScoreTable& table, PostureRule rule,
                           const std::vector<double>& fmr_grid, const BootstrapOptions& options);

}  // namespace thz::eval
