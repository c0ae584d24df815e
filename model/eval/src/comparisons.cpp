#include "thz/eval/comparisons.h"

#include <algorithm>
#include <cmath>

#include "pairing.h"
#include "resampling.h"
#include "thz/core/error.h"
#include "thz/core/parallel.h"
#include "weighted_roc.h"

namespace thz::eval {
namespace {

using internal::kNaN;
using internal::ScoredPair;

/// What is resampled: weights of the units that pairs point at.
struct Units {
  std::vector<ScoredPair> pairs;  ///< sorted by distance
  std::size_t identities = 0;     ///< 0: each comparison is a unit, genuine ones first
  std::size_t genuine = 0, impostor = 0;

  /// Of the smaller side where comparisons are drawn.
  std::size_t count() const { return identities > 0 ? identities : std::min(genuine, impostor); }
};

void require_list(const ComparisonList& list) {
  const std::size_t n = list.distance.size();
  if (list.genuine.size() != n || list.identity.size() != list.gallery_identity.size() ||
      (!list.identity.empty() && list.identity.size() != n)) {
    throw_input("{} scores have {} labels, {} probe and {} gallery identities; one each is needed",
                n, list.genuine.size(), list.identity.size(), list.gallery_identity.size());
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (!std::isfinite(list.distance[i])) {
      throw_input("comparison {} has the score {}; only finite scores can be judged", i,
                  list.distance[i]);
    }
    if (list.genuine[i] > 1) {
      throw_input("comparison {} has the label {}; 1 is genuine, 0 an impostor", i,
                  list.genuine[i]);
    }
    if (list.identity.empty()) continue;
    if ((list.identity[i] == list.gallery_identity[i]) != (list.genuine[i] == 1)) {
      throw_input("comparison {} is labelled {}, but compares the identities {} and {}", i,
                  list.genuine[i] == 1 ? "genuine" : "an impostor", list.identity[i],
                  list.gallery_identity[i]);
    }
  }
}

Units units_of(const ComparisonList& list) {
  Units u;
  const std::size_t n = list.distance.size();
  u.genuine =
      static_cast<std::size_t>(std::count(list.genuine.begin(), list.genuine.end(), uint8_t{1}));
  u.impostor = n - u.genuine;
  std::vector<int> probe(n), gallery(n, 0);
  if (list.identity.empty()) {
    int next[2] = {static_cast<int>(u.genuine), 0};
    for (std::size_t i = 0; i < n; ++i) probe[i] = next[list.genuine[i]]++;
  } else {
    std::vector<int32_t> all = list.identity;
    all.insert(all.end(), list.gallery_identity.begin(), list.gallery_identity.end());
    all = internal::distinct(std::move(all));
    u.identities = all.size();
    probe = internal::positions(list.identity, all);
    gallery = internal::positions(list.gallery_identity, all);
  }
  u.pairs.reserve(n);
  for (std::size_t i = 0; i < n; ++i) {
    u.pairs.push_back({list.distance[i], probe[i], gallery[i], list.genuine[i] == 1});
  }
  internal::sort_by_distance(u.pairs);
  return u;
}

struct Weights {
  std::vector<double> probe, gallery;
};

Weights ones(const Units& u) {
  if (u.identities > 0) {
    return {std::vector<double>(u.identities, 1.0), std::vector<double>(u.identities, 1.0)};
  }
  return {std::vector<double>(u.pairs.size(), 1.0), {1.0}};
}

Weights drawn(const Units& u, const BootstrapOptions& options, std::size_t resample) {
  if (u.identities > 0) {
    Weights w{std::vector<double>(u.identities), {}};
    internal::draw_weights(options, resample, 0, w.probe);
    w.gallery = w.probe;
    if (options.independent_sides) internal::draw_weights(options, resample, 1, w.gallery);
    return w;
  }
  // Two samples of fixed sizes: genuine and impostor comparisons are drawn apart.
  Weights w{std::vector<double>(u.genuine), {1.0}};
  std::vector<double> impostor(u.impostor);
  internal::draw_weights(options, resample, 0, w.probe);
  internal::draw_weights(options, resample, 1, impostor);
  w.probe.insert(w.probe.end(), impostor.begin(), impostor.end());
  return w;
}

double weight_of(const ScoredPair& pair, const Weights& w) {
  const double probe = w.probe[static_cast<std::size_t>(pair.probe)];
  return pair.genuine ? probe : probe * w.gallery[static_cast<std::size_t>(pair.gallery)];
}

double separation(const Units& u, const Weights& w) {
  double total[2] = {0, 0}, mean[2] = {0, 0}, variance[2] = {0, 0};
  for (const ScoredPair& pair : u.pairs) {
    total[pair.genuine] += weight_of(pair, w);
    mean[pair.genuine] += weight_of(pair, w) * pair.distance;
  }
  for (const int side : {0, 1}) mean[side] /= total[side];
  for (const ScoredPair& pair : u.pairs) {
    const double from_mean = pair.distance - mean[pair.genuine];
    variance[pair.genuine] += weight_of(pair, w) * from_mean * from_mean;
  }
  const double pooled = 0.5 * (variance[0] / total[0] + variance[1] / total[1]);
  return pooled > 0.0 ? (mean[0] - mean[1]) / std::sqrt(pooled) : kNaN;
}

/// Trapezoids of the ROC; comparisons at one distance share a point, so ties count half.
double area(const std::vector<RocPoint>& curve) {
  double sum = 0.0;
  for (std::size_t k = 1; k < curve.size(); ++k) {
    sum += (curve[k].fmr - curve[k - 1].fmr) * (1.0 - 0.5 * (curve[k].fnmr + curve[k - 1].fnmr));
  }
  return sum;
}

/// The last point of the curve that admits no more than `fmr`; tar_at_far() has the same rounding.
const RocPoint& point_at(const std::vector<RocPoint>& curve, double fmr) {
  const auto above = std::find_if(curve.begin() + 1, curve.end(),
                                  [&](const RocPoint& p) { return p.fmr > fmr * (1.0 + 1e-12); });
  return *(above - 1);
}

/// Equal error rate, area, separation, then the false non-match rate at each rate; empty where a
/// resample lost one side.
std::vector<double> figures(const Units& u, const Weights& w, const std::vector<double>& fmr,
                            std::vector<RocPoint>& curve) {
  if (!internal::weighted_roc(u.pairs, w.probe, w.gallery, curve)) return {};
  std::vector<double> out = {equal_error_rate(curve), area(curve), separation(u, w)};
  for (const double rate : fmr) out.push_back(point_at(curve, rate).fnmr);
  return out;
}

PairScores split_sides(const ComparisonList& list) {
  PairScores scores;
  for (std::size_t i = 0; i < list.distance.size(); ++i) {
    (list.genuine[i] == 1 ? scores.genuine : scores.impostor).push_back(list.distance[i]);
  }
  return scores;
}

}  // namespace

ComparisonList comparisons_of(const ScoreTable& table, PostureRule rule) {
  internal::require_table(table);
  ComparisonList list;
  for (std::size_t p = 0; p < table.probe.size(); ++p) {
    for (std::size_t g = 0; g < table.gallery.size(); ++g) {
      const internal::PairKind kind = internal::pair_kind(table, rule, p, g);
      if (kind == internal::PairKind::kNone) continue;
      list.distance.push_back(internal::distance_at(table, p, g));
      list.genuine.push_back(kind == internal::PairKind::kGenuine ? 1 : 0);
      list.identity.push_back(table.probe.identity[p]);
      list.gallery_identity.push_back(table.gallery.identity[g]);
    }
  }
  return list;
}

ComparisonFigures judge_comparisons(const ComparisonList& list, const std::vector<double>& fmr,
                                    const BootstrapOptions& options) {
  require_list(list);
  internal::require_options(options);
  const PairScores scores = split_sides(list);
  ComparisonFigures out;
  out.curve = roc_curve(scores);  // refuses one class only
  if (out.curve.size() == 2) {
    throw_input("all {} comparisons have the score {}; nothing can be told from it",
                list.distance.size(), list.distance.front());
  }
  const Units units = units_of(list);
  out.genuine = units.genuine;
  out.impostor = units.impostor;
  out.identities = units.identities;
  std::vector<RocPoint> curve;
  const std::vector<double> whole = figures(units, ones(units), fmr, curve);
  // One unit cannot be resampled: no draws, no limits.
  std::vector<std::vector<double>> rows(
      units.count() < 2 ? 0 : static_cast<std::size_t>(options.resamples));
  parallel_for(rows.size(), options.threads, [&](std::size_t b) {
    std::vector<RocPoint> resampled;
    rows[b] = figures(units, drawn(units, options, b), fmr, resampled);
  });
  const auto interval = [&](std::size_t k) {
    std::vector<double> draws;
    for (const auto& row : rows) {
      if (!row.empty()) draws.push_back(row[k]);
    }
    return internal::percentile_interval(whole[k], std::move(draws), options.coverage,
                                         units.count());
  };
  out.eer = interval(0);
  out.auc = interval(1);
  out.d_prime = interval(2);
  for (std::size_t k = 0; k < fmr.size(); ++k) {
    FnmrAtFmr at{tar_at_far(scores, fmr[k]), point_at(out.curve, fmr[k]).threshold,
                 interval(3 + k)};
    if (at.point.refused) at.fnmr = {kNaN, kNaN, kNaN};
    out.fnmr_at_fmr.push_back(at);
  }
  return out;
}

}  // namespace thz::eval
