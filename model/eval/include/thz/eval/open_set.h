#pragma once

#include <cstdint>
#include <vector>

#include "thz/eval/bootstrap.h"
#include "thz/eval/verification.h"

namespace thz::eval {

/// Open-set identification: the gallery need not hold whom a probe shows. One search a probe of
/// either kind, so that every person plays both parts and nobody is picked by lot.
struct OpenSetSearches {
  std::vector<int32_t> identity;  ///< [S] whom the probe shows
  /// Nearest admitted image of that person; NaN: there is none, no mated search.
  std::vector<double> own;
  /// Nearest admitted image of anybody else: the answer to the non-mated search, whose gallery
  /// lacks the person, and the rival in the mated one. NaN: nobody else.
  std::vector<double> other;
};
OpenSetSearches open_set_searches(const ScoreTable& table, PostureRule rule);

/// FNIR(N, 1, T) at the largest threshold T whose FPIR does not exceed `fpir` (ISO/IEC 19795-1).
struct OpenSetPoint {
  double fpir = 0.0;  ///< asked for, in (0, 1)
  /// Mated searches that do not return the person first and within the threshold; a tie with
  /// another person is a miss.
  Interval fnir;
  uint64_t false_positives = 0;  ///< non-mated searches that return anybody
  uint64_t false_negatives = 0;
  bool refused = true;  ///< fewer than 30 false positives place the threshold
};

struct OpenSetSummary {
  uint64_t mated = 0, non_mated = 0;  ///< searches
  std::vector<OpenSetPoint> points;
};

/// Intervals are over the persons of the probes; the gallery stays. FNIR is NaN without mated or
/// non-mated searches. @throws InputError for a rate outside (0, 1).
OpenSetSummary judge_open_set(const OpenSetSearches& searches, const std::vector<double>& fpir,
                              const BootstrapOptions& options);

}  // namespace thz::eval
