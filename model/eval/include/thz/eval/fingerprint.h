#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "thz/core/image.h"
#include "thz/core/progress.h"
#include "thz/eval/bootstrap.h"
#include "thz/eval/labels.h"

/// Whether anything but the head tells persons apart: images of one head under many names, each
/// capture with its own draws, must verify at chance (docs/theory/evaluation.md).
namespace thz::eval {

struct FingerprintOptions {
  uint64_t seed = 1;  ///< of the resamples
  int resamples = 2000;
  int threads = 0;
  int template_shift_px = 4;
};

/// Template matching of two kinds of images, posture known.
struct FingerprintFigure {
  std::string probe;  ///< "concealed" or "bare"
  std::string gallery;
  uint64_t triplets = 0;
  double coverage = 0.0;  ///< of the interval
  Interval accuracy;      ///< share of triplets that are right, two-way over identities

  bool holds_chance() const { return accuracy.low <= 0.5 && 0.5 <= accuracy.high; }
};

struct FingerprintAudit {
  /// Concealed against bare first, which is what verification means everywhere else, with an
  /// interval of 95 %. Where a cell holds two captures, bare against bare and concealed against
  /// concealed follow, which a trace in one condition alone cannot hide from; they share another 5
  /// % of false alarms.
  std::vector<FingerprintFigure> figures;

  bool passed() const;
};

/// @param images  [N], one shape, sides at least 11 + template_shift_px.
/// @throws InputError if there are fewer than three identities or no triplet of either condition.
FingerprintAudit audit_fingerprint(const std::vector<ImageF>& images, const Labels& labels,
                                   const FingerprintOptions& options,
                                   const ProgressFn& progress = {},
                                   const CancelToken* cancel = nullptr);

/// JSON text: passed, and each figure with its interval.
std::string to_json(const FingerprintAudit& audit);
/// A line a figure and the verdict.
std::string audit_table(const FingerprintAudit& audit);

}  // namespace thz::eval
