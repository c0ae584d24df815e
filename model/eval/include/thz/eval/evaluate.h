#pragma once

#include <map>
#include <string>
#include <vector>

#include "thz/core/image.h"
#include "thz/core/progress.h"
#include "thz/eval/evaluation_result.h"

namespace thz::eval {

/// A way to group persons, e.g. by sex or age band; who is not listed is in no group.
struct PersonGrouping {
  std::string kind;                          ///< "sex"
  std::map<int32_t, std::string> of_person;  ///< "female"
};

/// What a network predicted on the test rows of a data set. Plain arrays: nothing here knows Torch.
struct Predictions {
  std::vector<ImageF> images;  ///< [N] all rows of the data set, one shape, grey in [0, 1]
  Labels labels;               ///< [N]
  std::vector<std::string> posture_names;  ///< [K]
  std::vector<int> test_rows;              ///< [T], indices into images
  std::vector<int> train_rows;             ///< for the posture-mean baseline
  MatrixF embeddings;                      ///< [T, D], row t belongs to test_rows[t]
  MatrixF posture_logits;                  ///< [T, K]
  /// [T] or empty; the reconstruction of test_rows[t] routed by the predicted posture. Images of
  /// unconcealed rows are not looked at and may be empty.
  std::vector<ImageF> reconstructions;
  std::vector<ImageF> oracle_reconstructions;  ///< same, routed by the true posture; may be empty
  std::vector<RegionMask> regions;             ///< for regional scores; may be empty
  std::vector<PersonGrouping> groupings;       ///< beside posture and identity; may be empty
};

struct EvaluationOptions {
  uint64_t seed = 1;
  int resamples = 2000;
  int threads = 0;
  bool template_matching = true;
  int template_shift_px = 4;
};

/// Everything `docs/theory/evaluation.md` asks for, from predictions to a filled result (without
/// `run`, which the caller knows).
///
/// Reconstruction: the target of a concealed test image is every independent unconcealed test image
/// of its identity and posture; scores are averaged over all such pairs. Ceiling: every unordered
/// pair of unconcealed images of one identity and posture of which at least one is a test image
/// (the partner may come from any split: nothing was learned from it here).
/// @throws InputError on arrays that do not fit together, rows out of range, NaN, or a test set
/// without
///   both conditions; a part that cannot be measured (no pair, one identity) is named in `notes`.
EvaluationResult evaluate_predictions(const Predictions& predictions,
                                      const EvaluationOptions& options,
                                      const ProgressFn& progress = {},
                                      const CancelToken* cancel = nullptr);

}  // namespace thz::eval
