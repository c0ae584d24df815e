#include "thz/eval/bootstrap.h"

#include <algorithm>
#include <cmath>

#include "pairing.h"
#include "resampling.h"
#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/core/parallel.h"
#include "thz/core/rng.h"
#include "weighted_roc.h"

namespace thz::eval {
namespace {

using internal::kNaN;

constexpr int kMinimumResamples = 100;

// Quantile of sorted values, linear between order statistics (type 7 of Hyndman and Fan, 1996).
double quantile(const std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(std::floor(place));
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - std::floor(place)) * (sorted[above] - sorted[below]);
}

// Probability that Student's t with `degrees` degrees of freedom lies within +-t (Abramowitz and
// Stegun 26.7.3, 26.7.4: a finite series for whole degrees).
double student_within(double t, std::size_t degrees) {
  const double angle = std::atan(t / std::sqrt(static_cast<double>(degrees)));
  const double sine = std::sin(angle), square = std::cos(angle) * std::cos(angle);
  const bool odd = degrees % 2 == 1;
  double term = odd ? std::cos(angle) : 1.0, sum = 0.0;
  for (std::size_t k = odd ? 1 : 0; k + 2 <= degrees; k += 2) {
    sum += term;
    term *= square * static_cast<double>(k + 1) / static_cast<double>(k + 2);
  }
  return odd ? 2.0 / kPi * (angle + sine * sum) : sine * sum;
}

// Share of the resamples below the lower limit. Plain percentiles are too narrow for few
// identities: they lack the factor n / (n - 1) of the variance and Student's tails; both go into
// the level (the 'expanded percentile interval' of Hesterberg, The American Statistician 69, 371
// (2015), section 5.3).
double tail_share(double coverage, std::size_t identities) {
  const auto n = static_cast<double>(identities);
  double low = 0.0, high = 1e3;
  for (int step = 0; step < 60; ++step) {
    const double t = 0.5 * (low + high);
    (student_within(t, identities - 1) < coverage ? low : high) = t;
  }
  return 0.5 * std::erfc(low * std::sqrt(n / (n - 1.0)) / std::sqrt(2.0));
}

}  // namespace

namespace internal {

void require_options(const BootstrapOptions& options) {
  if (options.resamples < kMinimumResamples) {
    throw_input("{} bootstrap resamples are asked for; at least {} are needed", options.resamples,
                kMinimumResamples);
  }
  if (!(options.coverage > 0.0 && options.coverage < 1.0)) {
    throw_input("an interval with the coverage {} is asked for; it must lie between 0 and 1",
                options.coverage);
  }
}

void draw_weights(const BootstrapOptions& options, std::size_t resample, uint32_t side,
                  std::vector<double>& weights) {
  Rng rng(options.seed, RngPurpose::kBootstrap, resample, side);
  std::fill(weights.begin(), weights.end(), 0.0);
  for (std::size_t i = 0; i < weights.size(); ++i) weights[rng.index(weights.size())] += 1.0;
}

std::vector<double> draw_repetitions(const BootstrapOptions& options, std::size_t resample,
                                     std::size_t repetitions) {
  std::vector<double> weights(repetitions, repetitions > 1 ? 0.0 : 1.0);
  Rng rng(options.seed, RngPurpose::kBootstrap, resample, 2);
  for (std::size_t k = 0; k + 1 < repetitions; ++k) {
    weights[rng.index(repetitions)] +=
        static_cast<double>(repetitions) / static_cast<double>(repetitions - 1);
  }
  return weights;
}

Interval percentile_interval(double value, std::vector<double> draws, double coverage,
                             std::size_t identities) {
  draws.erase(std::remove_if(draws.begin(), draws.end(), [](double d) { return std::isnan(d); }),
              draws.end());
  if (draws.empty()) return {value, kNaN, kNaN};
  std::sort(draws.begin(), draws.end());
  const double tail = tail_share(coverage, identities);
  return {value, quantile(draws, tail), quantile(draws, 1.0 - tail)};
}

}  // namespace internal

namespace {

using internal::draw_weights;
using internal::percentile_interval;
using internal::require_options;

// Weights of both sides; the impostor side repeats the probe side's draw unless they are
// independent.
struct SideWeights {
  std::vector<double> probe, impostor;
  SideWeights(std::size_t identities, const BootstrapOptions& options, std::size_t resample)
      : probe(identities) {
    draw_weights(options, resample, 0, probe);
    impostor = probe;
    if (options.independent_sides) draw_weights(options, resample, 1, impostor);
  }
};

// The statistic of every resample; `statistic(weights)` must be pure.
template <typename Statistic>
std::vector<double> resampled(std::size_t identities, const BootstrapOptions& options,
                              const Statistic& statistic) {
  require_options(options);
  // One person cannot be resampled: no draws, no limits.
  if (identities < 2) return {};
  std::vector<double> draws(static_cast<std::size_t>(options.resamples), kNaN);
  parallel_for(draws.size(), options.threads,
               [&](std::size_t b) { draws[b] = statistic(SideWeights(identities, options, b)); });
  return draws;
}

double ratio(double sum, double count) { return count > 0.0 ? sum / count : kNaN; }

std::vector<internal::ScoredPair> collect_pairs(const ScoreTable& table, PostureRule rule,
                                                const std::vector<int32_t>& identities) {
  const auto probe_at = internal::positions(table.probe.identity, identities);
  const auto gallery_at = internal::positions(table.gallery.identity, identities);
  std::vector<internal::ScoredPair> pairs;
  for (std::size_t p = 0; p < table.probe.size(); ++p) {
    for (std::size_t g = 0; g < table.gallery.size(); ++g) {
      const internal::PairKind kind = internal::pair_kind(table, rule, p, g);
      if (kind == internal::PairKind::kNone) continue;
      pairs.push_back({internal::distance_at(table, p, g), probe_at[p], gallery_at[g],
                       kind == internal::PairKind::kGenuine});
    }
  }
  internal::sort_by_distance(pairs);
  return pairs;
}

// True accept rate at each FMR of the grid, linear between points; the highest where the curve is
// steep.
void tar_on_grid(const std::vector<RocPoint>& curve, const std::vector<double>& grid,
                 std::vector<double>& tar) {
  std::size_t k = 0;
  for (std::size_t g = 0; g < grid.size(); ++g) {
    while (k + 1 < curve.size() && curve[k + 1].fmr <= grid[g]) ++k;
    double fnmr = curve[k].fnmr;
    if (k + 1 < curve.size()) {
      const double share = (grid[g] - curve[k].fmr) / (curve[k + 1].fmr - curve[k].fmr);
      fnmr += share * (curve[k + 1].fnmr - curve[k].fnmr);
    }
    tar[g] = 1.0 - fnmr;
  }
}

}  // namespace

Interval bootstrap_mean(const std::vector<double>& sums, const std::vector<double>& counts,
                        const BootstrapOptions& options) {
  THZ_REQUIRE(sums.size() == counts.size(), "sums and counts must have one length");
  std::vector<double> s, n;
  double sum = 0.0, count = 0.0;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    if (counts[i] <= 0.0) continue;
    s.push_back(sums[i]);
    n.push_back(counts[i]);
    sum += sums[i];
    count += counts[i];
  }
  auto draws = resampled(s.size(), options, [&](const SideWeights& w) {
    double top = 0.0, bottom = 0.0;
    for (std::size_t i = 0; i < s.size(); ++i) {
      top += w.probe[i] * s[i];
      bottom += w.probe[i] * n[i];
    }
    return ratio(top, bottom);
  });
  return percentile_interval(ratio(sum, count), std::move(draws), options.coverage, s.size());
}

Interval bootstrap_mean_by_identity(const std::vector<double>& values,
                                    const std::vector<int32_t>& identity,
                                    const BootstrapOptions& options) {
  THZ_REQUIRE(values.size() == identity.size(), "one identity a value");
  const auto identities = internal::distinct(identity);
  const auto at = internal::positions(identity, identities);
  std::vector<double> sums(identities.size(), 0.0), counts(identities.size(), 0.0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) continue;
    sums[static_cast<std::size_t>(at[i])] += values[i];
    counts[static_cast<std::size_t>(at[i])] += 1.0;
  }
  return bootstrap_mean(sums, counts, options);
}

Interval bootstrap_pairs(const MatrixD& sums, const MatrixD& counts,
                         const BootstrapOptions& options) {
  THZ_REQUIRE(
      sums.rows() == sums.cols() && counts.rows() == counts.cols() && sums.rows() == counts.rows(),
      "sums and counts must be square and of one size");
  const auto identities = static_cast<std::size_t>(sums.rows());
  auto draws = resampled(identities, options, [&](const SideWeights& w) {
    const Eigen::Map<const Eigen::VectorXd> probe(w.probe.data(), sums.rows());
    const Eigen::Map<const Eigen::VectorXd> impostor(w.impostor.data(), sums.rows());
    return ratio(probe.dot(sums * impostor), probe.dot(counts * impostor));
  });
  return percentile_interval(ratio(sums.sum(), counts.sum()), std::move(draws), options.coverage,
                             identities);
}

Interval bootstrap_crossed(
    std::size_t persons, std::size_t repetitions,
    const std::function<double(const std::vector<double>& persons,
                               const std::vector<double>& repetitions)>& statistic,
    const BootstrapOptions& options) {
  require_options(options);
  THZ_REQUIRE(repetitions >= 1, "a statistic needs a repetition");
  const double value =
      statistic(std::vector<double>(persons, 1.0), std::vector<double>(repetitions, 1.0));
  if (persons < 2) return {value, kNaN, kNaN};
  std::vector<double> draws(static_cast<std::size_t>(options.resamples), kNaN);
  parallel_for(draws.size(), options.threads, [&](std::size_t b) {
    const SideWeights w(persons, options, b);
    draws[b] = statistic(w.probe, internal::draw_repetitions(options, b, repetitions));
  });
  return percentile_interval(value, std::move(draws), options.coverage, persons);
}

Interval bootstrap_triplets(const TripletCounts& counts, const BootstrapOptions& options) {
  return bootstrap_pairs(counts.correct, counts.total, options);
}

RocBootstrap bootstrap_roc(const ScoreTable& table, PostureRule rule,
                           const std::vector<double>& fmr_grid, const BootstrapOptions& options) {
  internal::require_table(table);
  const auto identities = internal::identities_of(table);
  const auto pairs = collect_pairs(table, rule, identities);
  const std::vector<double> ones(identities.size(), 1.0);
  std::vector<RocPoint> curve;
  if (!internal::weighted_roc(pairs, ones, ones, curve)) {
    throw_input("error rates need genuine and impostor pairs; {} scored pairs hold not both",
                pairs.size());
  }
  std::vector<double> whole(fmr_grid.size());
  tar_on_grid(curve, fmr_grid, whole);
  // [resample][grid point]: each resample writes its own row.
  std::vector<std::vector<double>> tar(static_cast<std::size_t>(std::max(0, options.resamples)),
                                       std::vector<double>(fmr_grid.size(), kNaN));
  require_options(options);
  std::vector<double> eer_draws;
  if (identities.size() >= 2) {
    eer_draws.assign(tar.size(), kNaN);
    parallel_for(tar.size(), options.threads, [&](std::size_t b) {
      const SideWeights w(identities.size(), options, b);
      std::vector<RocPoint> resampled_curve;
      if (!internal::weighted_roc(pairs, w.probe, w.impostor, resampled_curve)) return;
      eer_draws[b] = equal_error_rate(resampled_curve);
      tar_on_grid(resampled_curve, fmr_grid, tar[b]);
    });
  }
  RocBootstrap out;
  out.eer = percentile_interval(equal_error_rate(curve), std::move(eer_draws), options.coverage,
                                identities.size());
  out.fmr = fmr_grid;
  for (std::size_t g = 0; g < fmr_grid.size(); ++g) {
    std::vector<double> draws(tar.size());
    for (std::size_t b = 0; b < tar.size(); ++b) draws[b] = tar[b][g];
    out.tar.push_back(
        percentile_interval(whole[g], std::move(draws), options.coverage, identities.size()));
  }
  return out;
}

}  // namespace thz::eval
