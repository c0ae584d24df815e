#pragma once

#include <cstdint>
#include <vector>

#include "thz/eval/verification.h"

namespace thz::eval::internal {

/// A scored pair and the positions of its two identities in a list of weights.
struct ScoredPair {
  double distance = 0.0;
  int32_t probe = 0;
  int32_t gallery = 0;
  bool genuine = false;
};

/// The error curve of pairs sorted by distance, where a genuine pair counts probe_weight[probe]
/// times and an impostor pair probe_weight[probe] * gallery_weight[gallery] times. False if either
/// kind has no weight at all. `curve` is overwritten.
bool weighted_roc(const std::vector<ScoredPair>& sorted, const std::vector<double>& probe_weight,
                  const std::vector<double>& gallery_weight, std::vector<RocPoint>& curve);

void sort_by_distance(std::vector<ScoredPair>& pairs);

}  // namespace thz::eval::internal
