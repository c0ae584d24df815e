#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "thz/core/error.h"
#include "thz/eval/verification.h"

namespace thz::eval::internal {

/// A score of nothing: no pair, no resample, no chance.
inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

enum class PairKind { kGenuine, kImpostor, kNone };

/// What the pair (probe p, gallery g) counts as under the rule; unscored pairs and twins count as
/// none.
inline PairKind pair_kind(const ScoreTable& table, PostureRule rule, std::size_t p, std::size_t g) {
  if (std::isnan(table.distance(static_cast<Eigen::Index>(p), static_cast<Eigen::Index>(g)))) {
    return PairKind::kNone;
  }
  if (rule == PostureRule::kSame && table.probe.posture[p] != table.gallery.posture[g]) {
    return PairKind::kNone;
  }
  if (table.probe.identity[p] != table.gallery.identity[g]) return PairKind::kImpostor;
  const bool twins = !table.probe.twin_group.empty() && !table.gallery.twin_group.empty() &&
                     table.probe.twin_group[p] >= 0 &&
                     table.probe.twin_group[p] == table.gallery.twin_group[g];
  return twins ? PairKind::kNone : PairKind::kGenuine;
}

inline double distance_at(const ScoreTable& table, std::size_t p, std::size_t g) {
  return table.distance(static_cast<Eigen::Index>(p), static_cast<Eigen::Index>(g));
}

/// Ascending, without repeats.
inline std::vector<int32_t> distinct(std::vector<int32_t> values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

/// Identities of either side of a table, ascending.
inline std::vector<int32_t> identities_of(const ScoreTable& table) {
  std::vector<int32_t> all = table.probe.identity;
  all.insert(all.end(), table.gallery.identity.begin(), table.gallery.identity.end());
  return distinct(std::move(all));
}

/// Position of each value in the ascending list `among`, which holds it.
inline std::vector<int> positions(const std::vector<int32_t>& values,
                                  const std::vector<int32_t>& among) {
  std::vector<int> out;
  out.reserve(values.size());
  for (const int32_t value : values) {
    out.push_back(
        static_cast<int>(std::lower_bound(among.begin(), among.end(), value) - among.begin()));
  }
  return out;
}

inline void require_table(const ScoreTable& table) {
  table.probe.validate();
  table.gallery.validate();
  THZ_REQUIRE(static_cast<std::size_t>(table.distance.rows()) == table.probe.size() &&
                  static_cast<std::size_t>(table.distance.cols()) == table.gallery.size(),
              "a score table needs one distance a probe and gallery image");
}

}  // namespace thz::eval::internal
