#pragma once

#include <map>
#include <string>

#include "thz/core/progress.h"
#include "thz/eval/evaluate.h"
#include "thz/eval/identity_sums.h"

namespace thz::eval {

/// How a test set is looked at.
struct TestView {
  bool concealed_input = true;  ///< which images are reconstructed and told the posture of
  /// Against every independent unconcealed test image of the identity and posture; false: against
  /// the input itself (only for bare inputs: an autoencoder's own target).
  bool independent_target = true;
  bool posture_unknown = false;  ///< the tables "_any", too
};

/// What one network makes of a test set, by system: "network"; "oracle" (pictures, decoder picked
/// by the true posture) where there are such; "ceiling" (the network on bare probes).
/// @param reconstruction_embeddings  [T, D] or empty: embeddings of the reconstructions
/// @throws InputError as evaluate_predictions().
std::map<std::string, IdentitySums> network_sums(const Predictions& predictions,
                                                 const MatrixF& reconstruction_embeddings,
                                                 const TestView& view, int threads = 0);

/// Equal error rate of the embeddings, NaN without pairs of both kinds.
double network_eer(const Predictions& predictions, PostureRule rule);

/// What needs no network: "template" (matching, posture known; unknown too if the view asks),
/// "copy", "posture-mean", "ceiling" (independent bare captures) as pictures. Embeddings and scores
/// of `predictions` are not looked at.
std::map<std::string, IdentitySums> baseline_sums(const Predictions& predictions,
                                                  const TestView& view, int template_shift_px,
                                                  int threads, const ProgressFn& progress,
                                                  const CancelToken* cancel);

}  // namespace thz::eval
