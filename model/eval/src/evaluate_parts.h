#pragma once

#include <optional>

#include "thz/eval/evaluate.h"

namespace thz::eval::internal {

/// What the parts of an evaluation share.
struct EvaluationContext {
  const Predictions& predictions;
  const EvaluationOptions& options;
  BootstrapOptions bootstrap;
  Labels test;                 ///< labels of the test rows
  std::vector<int> concealed;  ///< rows of the data set: concealed test images
  std::vector<int> unconcealed;
};

/// SSIM of one (concealed input, target) pair.
struct PairSsim {
  int input_row = 0;
  double ssim = 0.0;
};

/// Fills `reconstruction` and `examples`; returns the network's SSIM over all pairs.
std::vector<PairSsim> evaluate_reconstruction(const EvaluationContext& context,
                                              EvaluationResult& result);

/// Fills `groups`: the network's scores within each posture, each identity and each group of the
/// groupings of the test set.
void evaluate_groups(const EvaluationContext& context, const ScoreTable& network,
                     const std::vector<PairSsim>& pairs, EvaluationResult& result);

/// Fills `hard_pairs`: the farthest genuine and the nearest impostor pairs, each person (or two
/// persons) once.
void find_hard_pairs(const EvaluationContext& context, const ScoreTable& network,
                     EvaluationResult& result);

/// Unit embeddings on their first two principal components; each axis points to where its largest
/// coefficient is positive. None for fewer than three images or dimensions.
std::optional<EmbeddingMap> map_embeddings(const MatrixF& embeddings, const Labels& labels);

}  // namespace thz::eval::internal
