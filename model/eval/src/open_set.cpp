#include "thz/eval/open_set.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "pairing.h"
#include "thz/core/error.h"

namespace thz::eval {
namespace {

using internal::kNaN;

/// Searches with the places of their persons, and the order of the non-mated answers.
struct OrderedSearches {
  const OpenSetSearches& searches;
  std::vector<int> person;
  std::vector<std::size_t> order;  ///< of those with another person, nearest first
};

/// What a threshold does, in sums of weights. A search is accepted strictly below it.
struct Outcome {
  double positives = 0.0;  ///< non-mated searches that return somebody
  double negatives = 0.0, mated = 0.0;
};

/// The distance below which no more than the share `fpir` of the non-mated searches lie: that of
/// the first one too many, as tar_at_far() has it.
double threshold_at(const OrderedSearches& s, const std::vector<double>& weights, double fpir) {
  double all = 0.0;
  for (const std::size_t k : s.order) all += weights[static_cast<std::size_t>(s.person[k])];
  const double allowed = fpir * all * (1.0 + 1e-12);
  double accepted = 0.0;
  for (const std::size_t k : s.order) {
    accepted += weights[static_cast<std::size_t>(s.person[k])];
    if (accepted > allowed) return s.searches.other[k];
  }
  return std::numeric_limits<double>::infinity();
}

Outcome outcome_at(const OrderedSearches& s, const std::vector<double>& weights, double limit) {
  Outcome out;
  for (std::size_t k = 0; k < s.person.size(); ++k) {
    const double w = weights[static_cast<std::size_t>(s.person[k])];
    const double own = s.searches.own[k], other = s.searches.other[k];
    if (other < limit) out.positives += w;
    if (std::isnan(own)) continue;
    out.mated += w;
    if (own >= limit || own >= other) out.negatives += w;
  }
  return out;
}

}  // namespace

OpenSetSearches open_set_searches(const ScoreTable& table, PostureRule rule) {
  internal::require_table(table);
  OpenSetSearches out;
  const auto nearer = [](double& best, double distance) {
    if (std::isnan(best) || distance < best) best = distance;
  };
  for (std::size_t p = 0; p < table.probe.size(); ++p) {
    double own = kNaN, other = kNaN;
    for (std::size_t g = 0; g < table.gallery.size(); ++g) {
      const internal::PairKind kind = internal::pair_kind(table, rule, p, g);
      if (kind == internal::PairKind::kGenuine) nearer(own, internal::distance_at(table, p, g));
      if (kind == internal::PairKind::kImpostor) nearer(other, internal::distance_at(table, p, g));
    }
    out.identity.push_back(table.probe.identity[p]);
    out.own.push_back(own);
    out.other.push_back(other);
  }
  return out;
}

OpenSetSummary judge_open_set(const OpenSetSearches& searches, const std::vector<double>& fpir,
                              const BootstrapOptions& options) {
  const auto persons = internal::distinct(searches.identity);
  OrderedSearches ordered{searches, internal::positions(searches.identity, persons), {}};
  OpenSetSummary out;
  for (std::size_t k = 0; k < searches.identity.size(); ++k) {
    if (!std::isnan(searches.other[k])) ordered.order.push_back(k);
    if (!std::isnan(searches.own[k])) ++out.mated;
  }
  out.non_mated = ordered.order.size();
  std::sort(ordered.order.begin(), ordered.order.end(),
            [&](std::size_t a, std::size_t b) { return searches.other[a] < searches.other[b]; });
  const std::vector<double> ones(persons.size(), 1.0);
  for (const double rate : fpir) {
    if (!(rate > 0.0 && rate < 1.0)) {
      throw_input(
          "a false positive identification rate of {} is asked for; it must lie between 0 "
          "and 1",
          rate);
    }
    OpenSetPoint point;
    point.fpir = rate;
    const Outcome whole = outcome_at(ordered, ones, threshold_at(ordered, ones, rate));
    point.false_positives = static_cast<uint64_t>(whole.positives);
    point.false_negatives = static_cast<uint64_t>(whole.negatives);
    point.refused = point.false_positives < static_cast<uint64_t>(kRuleOf30);
    const auto fnir = [&](const std::vector<double>& w, const std::vector<double>&) {
      const Outcome o = outcome_at(ordered, w, threshold_at(ordered, w, rate));
      return o.mated > 0.0 ? o.negatives / o.mated : kNaN;
    };
    const bool measured = out.mated > 0 && out.non_mated > 0;
    point.fnir =
        measured ? bootstrap_crossed(persons.size(), 1, fnir, options) : Interval{kNaN, kNaN, kNaN};
    out.points.push_back(point);
  }
  return out;
}

}  // namespace thz::eval
