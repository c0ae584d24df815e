#pragma once

#include <map>
#include <string>

#include "thz/core/progress.h"
#include "thz/eval/evaluate.h"
#include "thz/eval/identity_sums.h"
#include "thz/eval/person_draws.h"

namespace thz::eval {

/// How a test set is looked at.
struct TestView {
  bool concealed_input = true;  ///< which images are reconstructed and told the posture of
  /// Against every independent unconcealed test image of the identity and posture; false: against
  /// the input itself (only for bare inputs: an autoencoder's own target).
  bool independent_target = true;
  bool posture_unknown = false;  ///< the tables "_any", too
};

/// What a system makes of a test set.
struct TestedSystem {
  IdentitySums sums;
  FigureDraws draws;  ///< "eer", "eer_any": where there are pairs of both kinds
};
using TestedSystems = std::map<std::string, TestedSystem>;

/// What one network makes of a test set, by system: "network"; "oracle" (pictures, decoder picked
/// by the true posture) where there are such; "ceiling" (the network on bare probes). Draws are
/// those of BootstrapOptions as they stand: 2000 of seed 1, so that all units see the same.
/// @param reconstruction_embeddings  [T, D] or empty: embeddings of the reconstructions
/// @throws InputError as evaluate_predictions().
TestedSystems network_sums(const Predictions& predictions, const MatrixF& reconstruction_embeddings,
                           const TestView& view, int threads = 0);

/// What needs no network: "template" (matching, posture known; unknown too if the view asks),
/// "copy", "posture-mean", "ceiling" (independent bare captures) as pictures. Embeddings and scores
/// of `predictions` are not looked at.
TestedSystems baseline_sums(const Predictions& predictions, const TestView& view,
                            int template_shift_px, int threads, const ProgressFn& progress,
                            const CancelToken* cancel);

}  // namespace thz::eval
