#include <algorithm>
#include <cmath>
#include <limits>

#include "thz/core/error.h"
#include "thz/eval/verification.h"
#include "weighted_roc.h"

namespace thz::eval {
namespace {

void require_scores(const PairScores& scores) {
  if (scores.genuine.empty() || scores.impostor.empty()) {
    throw_input("error rates need genuine and impostor pairs, found {} and {}",
                scores.genuine.size(), scores.impostor.size());
  }
  for (const auto* list : {&scores.genuine, &scores.impostor}) {
    for (const double d : *list) {
      if (std::isnan(d)) throw_input("a pair has the distance NaN; every pair must be scored");
    }
  }
}

}  // namespace

namespace internal {

void sort_by_distance(std::vector<ScoredPair>& pairs) {
  std::sort(pairs.begin(), pairs.end(),
            [](const ScoredPair& a, const ScoredPair& b) { return a.distance < b.distance; });
}

bool weighted_roc(const std::vector<ScoredPair>& sorted, const std::vector<double>& probe_weight,
                  const std::vector<double>& gallery_weight, std::vector<RocPoint>& curve) {
  // Weights are whole numbers, so the sums are exact and no order of addition matters.
  const auto weight = [&](const ScoredPair& pair) {
    const double w = probe_weight[static_cast<std::size_t>(pair.probe)];
    return pair.genuine ? w : w * gallery_weight[static_cast<std::size_t>(pair.gallery)];
  };
  double total[2] = {0.0, 0.0};
  for (const ScoredPair& pair : sorted) total[pair.genuine ? 1 : 0] += weight(pair);
  if (total[0] <= 0.0 || total[1] <= 0.0) return false;
  curve.assign(1, {-std::numeric_limits<double>::infinity(), 0.0, 1.0});
  double accepted[2] = {0.0, 0.0};
  for (std::size_t k = 0; k < sorted.size(); ++k) {
    const double w = weight(sorted[k]);
    if (w == 0.0) continue;
    accepted[sorted[k].genuine ? 1 : 0] += w;
    const RocPoint point{sorted[k].distance, accepted[0] / total[0], 1.0 - accepted[1] / total[1]};
    // Pairs at one distance are accepted together: they make one point.
    if (curve.back().threshold == point.threshold) {
      curve.back() = point;
    } else {
      curve.push_back(point);
    }
  }
  return true;
}

}  // namespace internal

std::vector<RocPoint> roc_curve(const PairScores& scores) {
  require_scores(scores);
  std::vector<internal::ScoredPair> pairs;
  pairs.reserve(scores.genuine.size() + scores.impostor.size());
  for (const double d : scores.genuine) pairs.push_back({d, 0, 0, true});
  for (const double d : scores.impostor) pairs.push_back({d, 0, 0, false});
  internal::sort_by_distance(pairs);
  std::vector<RocPoint> curve;
  internal::weighted_roc(pairs, {1.0}, {1.0}, curve);
  return curve;
}

double equal_error_rate(const std::vector<RocPoint>& curve) {
  THZ_REQUIRE(curve.size() >= 2, "an error rate needs a curve from (0, 1) to (1, 0)");
  // FMR - FNMR rises from -1 to 1 along the curve; the rate is read where it passes 0.
  for (std::size_t k = 1; k < curve.size(); ++k) {
    const double after = curve[k].fmr - curve[k].fnmr;
    if (after < 0.0) continue;
    const double before = curve[k - 1].fmr - curve[k - 1].fnmr;
    const double share = before < after ? -before / (after - before) : 0.0;
    return curve[k - 1].fmr + share * (curve[k].fmr - curve[k - 1].fmr);
  }
  return curve.back().fmr;
}

OperatingPoint tar_at_far(const PairScores& scores, double far) {
  require_scores(scores);
  if (!(far > 0.0 && far < 1.0)) {
    throw_input("a false accept rate of {} is asked for; it must lie between 0 and 1", far);
  }
  std::vector<double> impostor = scores.impostor;
  std::sort(impostor.begin(), impostor.end());
  // At most `allowed` impostors may be accepted: the threshold lies just below the next one. The
  // half unit in the last place keeps 0.1 * 30 at 3.
  const auto allowed = static_cast<std::size_t>(
      std::floor(far * static_cast<double>(impostor.size()) * (1.0 + 1e-12)));
  const double limit = impostor[std::min(allowed, impostor.size() - 1)];
  const auto accepted = [&](double d) { return d < limit; };
  OperatingPoint point;
  point.far = far;
  point.false_matches =
      static_cast<uint64_t>(std::count_if(impostor.begin(), impostor.end(), accepted));
  const auto genuine_accepted =
      static_cast<uint64_t>(std::count_if(scores.genuine.begin(), scores.genuine.end(), accepted));
  point.false_non_matches = static_cast<uint64_t>(scores.genuine.size()) - genuine_accepted;
  point.tar = static_cast<double>(genuine_accepted) / static_cast<double>(scores.genuine.size());
  point.refused = point.false_matches < static_cast<uint64_t>(kRuleOf30);
  return point;
}

}  // namespace thz::eval
